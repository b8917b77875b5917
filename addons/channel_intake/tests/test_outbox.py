from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models import channel_outbox
from .common import SimulatorCommon


@tagged("post_install", "-at_install")
class TestOutbox(SimulatorCommon):
    """Shipments are told to the platform once, and what it refuses is seen."""

    def _ship(self, order_ref, waybill="SF1000000001", company="shunfeng", **payload):
        order = self.orders().filtered(lambda o: o.order_ref == order_ref)
        return self.env["channel.outbox"].create(
            {
                "shop_id": self.shop.id,
                "action": "ship",
                "order_id": order.id,
                "key": f"ship:{order.id}:{waybill}",
                "payload": {"company_code": company, "logistics_code": waybill} | payload,
            }
        )

    def _drain(self):
        return self.env["channel.outbox"]._drain(shops=self.shop)

    def test_a_shipment_reaches_the_platforms_books(self):
        ref = self.buy()
        self.pull()
        row = self._ship(ref)
        self.assertEqual(self._drain().done, 1)
        self.assertEqual((row.state, row.attempts), ("done", 1))
        book = self.books()[ref]
        self.assertEqual((book["shipped_waybill"], book["status"]), ("SF1000000001", 3))
        self.assertEqual(self._drain().done, 0)

    def test_the_same_waybill_told_twice_is_done(self):
        """As after a kill between the call and the commit."""
        ref = self.buy()
        self.pull()
        row = self._ship(ref)
        self._drain()
        row.write({"state": "todo"})
        self.assertEqual(self._drain().done, 1)
        self.assertEqual(row.state, "done")

    def test_an_answer_that_never_came_is_asked_for_again(self):
        ref = self.buy()
        self.pull()
        row = self._ship(ref)
        self.sim.faults.add("drop_after", method="order.logisticsAdd", times=1)
        self.assertEqual(self._drain().done, 1)
        self.assertEqual(row.state, "done")
        self.assertEqual(self.books()[ref]["shipped_waybill"], "SF1000000001")

    def test_another_waybill_for_a_shipped_order_is_stopped(self):
        ref = self.buy()
        self.pull()
        self._ship(ref)
        self._drain()
        row = self._ship(ref, waybill="SF1000000002")
        self.assertEqual(self._drain().stopped, 1)
        self.assertEqual(row.state, "stopped")
        self.assertTrue(row.error)

    def test_a_pending_refund_stops_the_report_and_is_shown(self):
        ref = self.buy()
        self.pull()
        self.sim.refund_order(ref)
        row = self._ship(ref)
        self.assertEqual(self._drain().stopped, 1)
        self.assertEqual(row.state, "stopped")
        self.assertIn("refund", row.error)
        self.assertEqual(self.books()[ref]["shipped_waybill"], "")
        exception = self.env["channel.exception"].search(
            [("order_id", "=", row.order_id.id), ("type", "=", "other"), ("state", "=", "open")]
        )
        self.assertEqual(len(exception), 1)
        self.assertEqual(self.shop.outbox_stopped_count, 1)

    def test_a_throttled_shop_is_left_alone_until_later(self):
        refs = [self.buy(), self.buy()]
        self.pull()
        rows = self._ship(refs[0]) | self._ship(refs[1], waybill="SF1000000002")
        self.sim.faults.rate_limit(0.0001, method="order.logisticsAdd")
        for _try in range(3):
            result = self._drain()
            if result.retried:
                break
        later = rows.filtered(lambda row: row.state == "failed")
        self.assertTrue(later)
        self.assertTrue(all(row.next_attempt and row.error for row in later))
        self.assertLessEqual(len(later), 1, "the second is not tried while the shop is slowed down")
        self.sim.faults.rate_limit(None)
        later.write({"next_attempt": False})
        self._drain()
        self.assertEqual(set(rows.mapped("state")), {"done"})

    def test_a_platform_that_is_away_is_tried_again_and_given_up_visibly(self):
        ref = self.buy()
        self.pull()
        row = self._ship(ref)
        self.sim.faults.add("server_error", times=None)
        for _attempt in range(channel_outbox.MAX_ATTEMPTS):
            row.write({"next_attempt": False})
            self._drain()
        self.assertEqual((row.state, row.attempts), ("stopped", channel_outbox.MAX_ATTEMPTS))
        self.assertTrue(row.error)

    def test_an_unknown_carrier_is_stopped_with_the_platforms_words(self):
        ref = self.buy()
        self.pull()
        row = self._ship(ref, company="nobody")
        self._drain()
        self.assertEqual(row.state, "stopped")
        self.assertTrue(row.error)

    def test_a_carrier_without_code_says_what_to_do(self):
        ref = self.buy()
        self.pull()
        row = self._ship(ref, company="")
        self._drain()
        self.assertEqual(row.state, "stopped")
        self.assertIn("carrier", row.error)

    def test_only_the_integration_admin_retries(self):
        ref = self.buy()
        self.pull()
        row = self._ship(ref, company="nobody")
        self._drain()
        with self.assertRaises(AccessError):
            row.with_user(self.users["warehouse"]).action_retry()
        row.sudo().write({"payload": {"company_code": "shunfeng", "logistics_code": "SF1"}})
        row.with_user(self.users["integration"]).action_retry()
        self.assertEqual((row.state, row.attempts), ("todo", 0))
