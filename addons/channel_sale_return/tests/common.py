from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import UserError

from odoo.addons.channel_sale.tests.rebate_common import RebateCommon


class ReturnCommon(RebateCommon):
    """``self.order``: Dealer A's order of 10 Tea and 4 Cup, delivered and invoiced: 1582.00 less a
    rebate of 140.00. There is no policy; ``self.unsold`` uses a quota, ``self.defective`` does not.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.returns = cls.env["channel.dealer.return"]
        cls.unsold = cls.env.ref("channel_sale_return.reason_unsold")
        cls.defective = cls.env.ref("channel_sale_return.reason_defect")
        cls.tea, cls.cup, cls.rice = cls.products
        cls.order = cls._delivered(10, 4, fen=14000)
        cls.line_tea, cls.line_cup = cls.order._goods_lines()

    @classmethod
    def _delivered(cls, *quantities, fen=0, invoice=True, **values):
        order = cls._confirmed(*quantities, fen=fen, **values)
        cls._deliver(order, *quantities)
        if invoice:
            cls._invoice(order)
        return order

    @classmethod
    def _request(cls, *wanted, env=None, **values):
        """A draft by the representative: (order line, quantity[, reason]) each."""
        env = env or cls.env(user=cls.users["sales_rep"], su=False)
        lines = [
            Command.create(
                {
                    "sale_line_id": line.id,
                    "quantity": quantity,
                    "reason_id": (reason[0] if reason else cls.unsold).id,
                }
            )
            for line, quantity, *reason in wanted
        ]
        return env["channel.dealer.return"].create(
            {"member_id": wanted[0][0].order_id.member_id.id, "line_ids": lines, **values}
        )

    @classmethod
    def _approved(cls, *wanted, reason="", **values):
        request = cls._request(*wanted, **values)
        request.action_submit()
        if request.state == "submitted":
            cls._as(request, "sales_manager").action_approve(reason)
        return request

    @classmethod
    def _as(cls, record, role):
        return record.with_env(cls.env(user=cls.users[role], su=False))

    def _count(self, request, *found):
        """(good, defect, wrong) of each line, by the warehouse."""
        wizard = self.as_role("warehouse")["channel.dealer.return.count"].create(
            {"return_id": request.id}
        )
        for line, counts in zip(wizard.line_ids, found, strict=True):
            good, defect, wrong = (*counts, 0, 0)[:3]
            line.write({"good": good, "defect": defect, "wrong": wrong})
        wizard.action_count()
        self.env.invalidate_all()
        return request

    @contextmanager
    def _refused(self, words):
        """It is refused in these words, and what was done is undone, as a request's transaction is."""
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            yield

    def _stock(self, product, place=None):
        place = place or self.warehouse_1.lot_stock_id
        return self.env["stock.quant"]._get_available_quantity(product, place, strict=True)
