import io

from PIL import Image

from odoo import Command

from odoo.addons.channel_portal.tests.common import DealerCase


def picture(kind="PNG"):
    """A small picture, as a phone sends it."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, kind)
    return out.getvalue()


class ReturnCase(DealerCase):
    """Dealer A has an order of 10 Tea and 4 Cup, delivered and invoiced; Dealer B one of 2 Tea."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order, cls.order_b = cls._order(10, 4), cls._order(2, member=cls.dealer_b)
        for order, counts in ((cls.order, (10, 4)), (cls.order_b, (2,))):
            order.action_confirm()
            cls._deliver(order, *counts)
            cls._invoice(order)
        cls.line_tea, cls.line_cup = cls.order.order_line
        cls.unsold = cls.env.ref("channel_sale_return.reason_unsold")
        cls.defective = cls.env.ref("channel_sale_return.reason_defect")

    def _ask(self, order=None, files=None, **values):
        order = order or self.order
        reply = self._post(f"/my/returns/new/{order.id}", files=files, **values)
        self.env.invalidate_all()
        return reply

    def _line(self, line, quantity, reason=None):
        return {
            f"quantity_{line.id}": quantity,
            f"reason_{line.id}": (reason or self.unsold).id,
        }

    def _last(self):
        return self.env["channel.dealer.return"].search([], limit=1)

    @classmethod
    def _request(cls, order):
        """A submitted request of one unit of the order's first line."""
        request = cls.env["channel.dealer.return"].create(
            {
                "member_id": order.member_id.id,
                "line_ids": [
                    Command.create(
                        {"sale_line_id": order.order_line[0].id, "reason_id": cls.unsold.id}
                    )
                ],
            }
        )
        request.action_submit()
        return request
