from datetime import UTC, datetime
from unittest.mock import patch

from odoo.tests import tagged

from .rebate_common import RebateCommon

NOW = 1_800_000_000
DAY = 86400


@tagged("post_install", "-at_install")
class TestExpire(RebateCommon):
    """Orders that are not delivered give their money free after some days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.channel_hold_days = 3

    def _at(self, days):
        return patch.object(type(self.accounts), "_clock", lambda model: NOW + days * DAY)

    def _on_day(self, days, *quantities, **values):
        with self._at(days):
            return self._confirmed(*quantities, **values)

    def _job(self, days):
        with (
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 60),
            self._at(days),
        ):
            self.env["channel.deposit.hold"]._cron_expire()

    def test_the_order_goes_back_and_both_holds_are_free(self):
        order = self._on_day(0, 10, user_id=False)
        hold = self.env["channel.deposit.hold"].search([], limit=1)
        self.assertEqual(
            hold.expires_at, datetime.fromtimestamp(NOW + 3 * DAY, UTC).replace(tzinfo=None)
        )
        self._job(2)
        self.assertEqual((order.state, self.account.held), ("sale", 1030.0))
        self._job(3)
        self.assertEqual((order.state, order.review_state), ("draft", "waiting"))
        self.assertEqual(self._all_amounts(), (10000.0, 0, 500.0, 0))
        self.assertEqual(set(order.picking_ids.mapped("state")), {"cancel"})
        self.assertIn("Nothing was delivered", order.review_text)
        self.assertEqual(order.activity_ids.user_id, self.users["sales_rep"])
        kinds = self.env["channel.deposit.entry"].search(
            [("source", "=", f"sale.order,{order.id}")]
        )
        self.assertEqual(kinds.mapped("kind").count("expire"), 1)
        with self._at(4):
            order.action_confirm()
        self.assertEqual((order.state, self.account.held), ("sale", 1030.0))

    def test_what_is_under_way_keeps_its_money(self):
        delivered = self._on_day(0, 10, fen=0)
        self._deliver(delivered, 4)
        self._job(9)
        self.assertEqual((delivered.state, self.account.held), ("sale", 1130.0))
        self._invoice(delivered)
        self._job(9)
        self.assertEqual((delivered.state, self.account.held), ("sale", 678.0))

    def test_what_is_invoiced_before_its_delivery_keeps_it(self):
        self.products.invoice_policy = "order"
        order = self._on_day(0, 10, fen=0)
        order.order_line.product_uom_qty = 10
        self._invoice(order)
        order.order_line.product_uom_qty = 12
        self._job(9)
        self.assertEqual((order.state, self.account.held), ("sale", 226.0))

    def test_a_change_does_not_prolong_it(self):
        order = self._on_day(0, 10, fen=0)
        with self._at(2):
            order.order_line.product_uom_qty = 11
        self._job(3)
        self.assertEqual((order.state, self.account.held), ("draft", 0))

    def test_for_ever(self):
        self.company.channel_hold_days = 0
        order = self._on_day(0, 10)
        self._job(9999)
        self.assertEqual((order.state, self.account.held), ("sale", 1030.0))
