from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import SimulatorCommon


@tagged("post_install", "-at_install")
class TestAftersales(SimulatorCommon):
    """After-sales of what has left: read, decided at the desk, told, read again."""

    def setUp(self):
        super().setUp()
        # a change of this very second is read too
        self.startPatcher(
            patch.object(type(self.shop), "_platform_now", lambda _shop: self.sim.clock.now() + 5)
        )
        self.story = self.sim.after_shipping
        self.ref = self.buy(2)
        self.pull()
        self.order = self.orders()
        line = self.sim.order(self.ref)["sku_order_list"][0]["order_id"]
        self.sim.ship_lines(self.ref, [line], "SF0000000001")
        self.line = line

    def ask(self, kind, **values):
        """A buyer asks; we have read it."""
        number = self.story.apply(self.line, kind, **values)
        self.look()
        return self.env["channel.aftersale"].search([("aftersale_ref", "=", number)])

    def look(self):
        self.wait_a_second()
        self.pull()
        self.env.invalidate_all()

    def drain(self):
        result = self.env["channel.outbox"]._drain(shops=self.shop)
        self.env.invalidate_all()
        return result

    def outbox(self):
        return self.env["channel.outbox"].search([("shop_id", "=", self.shop.id)], order="id")

    def status(self, row):
        return self.sim.aftersales.row(row.aftersale_ref)["status"]

    def test_a_return_from_the_request_to_the_goods_on_their_way(self):
        row = self.ask("return", num=1, fen=1990)
        self.assertEqual(
            (row.kind, row.step, row.items, row.amount), ("return", "request", 1, 19.9)
        )
        self.assertTrue(row.deadline_at)
        row._answer("request", True, row.version)
        self.assertEqual(row.step, "tell")
        self.assertEqual(self.drain().done, 1)
        self.assertEqual(self.status(row), 7)
        self.look()
        self.assertEqual((row.status, row.step), ("agreed", "wait_goods"))
        self.story.send_back(row.aftersale_ref, "yuantong", "YT0000000009")
        self.look()
        self.assertEqual((row.status, row.step), ("returned", "wait_goods"))
        self.assertEqual(
            (row.return_company_code, row.return_waybill), ("yuantong", "YT0000000009")
        )

    def test_money_goes_back_and_the_desk_hears_of_it(self):
        row = self.ask("refund_only", fen=500)
        row._answer("request", True, row.version)
        self.drain()
        self.look()
        self.assertEqual((row.status, row.step), ("succeeded", "done"))
        kinds = self.order.event_ids.sorted("id").mapped("kind")[-3:]
        self.assertEqual(kinds, ["aftersale_applied", "aftersale_grant", "aftersale_succeeded"])

    def test_a_refusal_is_told_with_its_reason(self):
        row = self.ask("return")
        row._answer("request", False, row.version, "worn")
        self.assertEqual(self.drain().done, 1)
        self.look()
        self.assertEqual((row.status, row.step), ("refused", "refused"))

    def test_a_request_that_changed_meanwhile_is_overtaken_and_asked_anew(self):
        row = self.ask("refund_only", fen=500)
        row._answer("request", True, row.version)
        self.wait_a_second()
        self.sim.modify_refund(row.aftersale_ref, 3)
        with trap_jobs() as trap:
            self.assertEqual(self.drain().stopped, 1)
            keys = {job.identity_key for job in trap.enqueued_jobs}
        self.assertIn(f"channel_intake.pull.{self.shop.id}", keys)
        self.assertEqual(self.outbox().state, "overtaken")
        self.assertIn("11005", self.outbox().error)
        self.assertEqual(self.status(row), 6)
        self.assertEqual(row.step, "tell")
        self.look()
        self.assertEqual(row.step, "request")
        self.assertEqual((self.shop.outbox_count, self.shop.outbox_stopped_count), (0, 0))
        self.assertEqual(self.drain().done, 0, "it is never told again")
        row._answer("request", True, row.version)
        self.assertEqual(self.drain().done, 1)
        self.assertEqual(self.status(row), 12)

    def test_an_answer_told_twice_is_done(self):
        """As after a kill between the call and the commit."""
        row = self.ask("return")
        row._answer("request", True, row.version)
        self.drain()
        self.outbox().write({"state": "todo"})
        self.assertEqual(self.drain().done, 1)
        self.assertEqual((self.outbox().state, self.status(row)), ("done", 7))

    def test_a_state_that_does_not_allow_it_stops_visibly(self):
        row = self.ask("exchange")
        row._tell_replacement("shunfeng", "SF0000000002")
        self.assertEqual(self.drain().stopped, 1)
        self.assertEqual(self.outbox().state, "stopped")
        self.assertIn("20309541", row.tell_error)

    def test_a_replacement_is_told_with_its_waybill(self):
        row = self.ask("resend")
        row._answer("request", True, row.version)
        self.drain()
        self.look()
        self.assertEqual(row.step, "ship")
        row._tell_replacement("shunfeng", "SF0000000002")
        self.drain()
        self.look()
        self.assertEqual((row.status, row.step), ("replaced", "tell"))

    def test_a_parcel_is_asked_back_and_its_fate_read(self):
        row = self.ask("refund_only", got_pkg=False)
        row._tell_intercept("shunfeng", "SF0000000001")
        self.assertEqual(self.drain().done, 1)
        self.story.parcel(row.aftersale_ref, "stopped")
        self.look()
        self.assertEqual(row.parcel_fate, "stopped")

    def test_an_intercept_without_waybill_says_what_to_do(self):
        row = self.ask("refund_only")
        row._tell_intercept("", "SF0000000001")
        self.assertEqual(self.drain().stopped, 1)
        self.assertIn("carrier", self.outbox().error)

    def test_what_is_decided_is_told_at_once(self):
        row = self.ask("refund_only")
        with trap_jobs() as trap:
            row._answer("request", True, row.version)
            keys = {job.identity_key for job in trap.enqueued_jobs}
        self.assertEqual(keys, {"channel_intake.drain"})

    def test_the_return_address_is_the_shops(self):
        self.shop.return_address_ref = "77"
        row = self.ask("return")
        row._answer("request", True, row.version)
        self.drain()
        found = self.sim.store.one(
            "SELECT address_id FROM returns WHERE aftersale_id = ?", (row.aftersale_ref,)
        )
        self.assertEqual(found["address_id"], 77)
        with self.assertRaises(ValidationError):
            self.shop.return_address_ref = "Main Street 1"

    def test_more_than_was_paid_is_not_granted(self):
        first = self.ask("refund_only", fen=3000)
        first._answer("request", True, first.version)
        self.drain()
        self.look()
        again = self.ask("refund_only", fen=980)
        again._answer("request", True, again.version)
        self.assertEqual(sum((first | again).mapped("amount")), 39.8)
        with self.assertRaises(UserError):
            again._answer("request", True, again.version)
