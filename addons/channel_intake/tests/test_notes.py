from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import SimulatorCommon
from .test_fetch import TestFetch

OTHER = {"name": "李四", "phone": "13900139000", "detail": "路2号", "region": 3}


@tagged("post_install", "-at_install")
class TestNotes(SimulatorCommon):
    """The seller's note and flag, and buyers who ask for another receiver, both ways."""

    push = TestFetch.push
    waiting = TestFetch.waiting

    def order(self, **values):
        ref = self.buy(**values)
        self.pull()
        return self.orders().filtered(lambda order: order.order_ref == ref)

    def read_again(self, order):
        """The platform's clock is ahead in these tests: a pull by time would not see it."""
        self.shop._pull_order(order.order_ref)
        self.messages._process()
        order.invalidate_recordset()

    def rows(self, action):
        return self.env["channel.outbox"].search(
            [("shop_id", "=", self.shop.id), ("action", "=", action)]
        )

    def drain(self):
        return self.env["channel.outbox"]._drain(shops=self.shop)

    def on_platform(self, order):
        told = self.sim.order(order.order_ref)
        return told["seller_words"], told["seller_remark_stars"]

    # -- note and flag -----------------------------------------------------------------------

    def test_a_note_is_told_and_shown_when_the_platform_has_it(self):
        order = self.order()
        with trap_jobs() as trap:
            order._remark("Gift card inside", "5")
            self.assertEqual(
                {job.identity_key for job in trap.enqueued_jobs}, {"channel_intake.drain"}
            )
        self.assertEqual((order.seller_flag, order.remark_waiting), (False, True))
        self.assertEqual(self.drain().done, 1)
        self.assertEqual(self.on_platform(order), ("Gift card inside", 5))
        order.invalidate_recordset()
        self.assertEqual(
            (order.seller_note, order.seller_flag, order.remark_waiting),
            ("Gift card inside", "5", False),
        )
        self.assertIn("remark", order.event_ids.mapped("kind"))

    def test_what_the_platform_has_is_read_back(self):
        order = self.order()
        self.wait_a_second()
        self.sim.remark(order.order_ref, "加急", 3)
        self.read_again(order)
        self.assertEqual((order.seller_note, order.seller_flag), ("加急", "3"))
        self.wait_a_second()
        self.sim.remark(order.order_ref, "", 0)
        self.read_again(order)
        self.assertFalse(order.seller_note or order.seller_flag)

    def test_only_the_last_note_is_told(self):
        order = self.order()
        order._remark("first", "1")
        order._remark("second", "2")
        self.assertEqual(self.drain().done, 1)
        self.assertEqual(self.on_platform(order), ("second", 2))
        self.assertEqual(set(self.rows("remark").mapped("state")), {"done", "overtaken"})

    def test_a_note_that_cannot_be_told_stays_visible(self):
        order = self.order()
        self.sim.faults.add("server_error", method="order.addOrderRemark", times=9)
        order._remark("note", "5")
        self.assertEqual(self.drain().done, 0)
        self.assertFalse(order.seller_note)
        self.assertTrue(order.remark_waiting)

    # -- another receiver --------------------------------------------------------------------

    def ask(self, order, tag="111"):
        self.sim.ask_address(order.order_ref, OTHER)
        [asked] = self.sim.address_asks(order.order_ref)
        self.push(order.order_ref, tag=tag, apply_time=asked["at"])
        done = self.shop._fetch_pushed()
        return done

    def answer(self, order):
        return self.sim.address_asks(order.order_ref)[-1]["answer"]

    def at(self, order, stage):
        """Move an order on, as its wave does."""
        for name in ("allocated", "waved", "picked", "packed", "shipped"):
            order._advance(order, name, name)
            if name == stage:
                break

    def test_before_the_wave_it_is_agreed_and_the_next_pull_brings_it(self):
        order = self.order()
        before = order.receiver_address_masked
        self.assertEqual(self.ask(order), 1)
        self.assertFalse(self.waiting(), "the application is no change of the order")
        self.wait_a_second()
        self.assertEqual(self.drain().done, 1)
        self.assertEqual(self.answer(order), 0)
        self.assertEqual(order.receiver_address_masked, before, "only the platform changes it")
        self.read_again(order)
        self.assertNotEqual(order.receiver_address_masked, before)
        self.assertIn("address_agreed", order.event_ids.mapped("kind"))

    def test_by_stage_it_is_refused_with_its_reason(self):
        for stage, code in (("waved", 1002), ("picked", 1001), ("packed", 1004)):
            with self.subTest(stage=stage):
                order = self.order()
                self.at(order, stage)
                self.ask(order)
                self.drain()
                self.assertEqual(self.answer(order), code)
                self.assertIn("address_refused", order.event_ids.mapped("kind"))

    def test_the_stage_counts_at_which_it_is_told(self):
        order = self.order()
        self.ask(order)
        self.at(order, "picked")
        self.drain()
        self.assertEqual(self.answer(order), 1001)

    def test_an_application_pushed_again_is_answered_once(self):
        order = self.order()
        self.ask(order)
        [asked] = self.sim.address_asks(order.order_ref)
        self.push(order.order_ref + "A", tag="111", apply_time=asked["at"])
        self.assertEqual(self.shop._fetch_pushed(), 1)
        self.assertEqual(len(self.rows("address")), 1)

    def test_told_twice_is_done(self):
        """As after a kill between the call and the commit."""
        order = self.order()
        self.ask(order)
        self.drain()
        self.rows("address").write({"state": "todo"})
        self.assertEqual(self.drain().done, 1)

    def test_an_order_that_is_not_here_waits_for_it(self):
        ref = self.buy()
        self.sim.ask_address(ref, OTHER)
        [asked] = self.sim.address_asks(ref)
        self.push(ref, tag="111", apply_time=asked["at"])
        self.shop._fetch_pushed()
        self.assertFalse(self.rows("address"))
        self.messages._process()
        self.waiting().next_attempt = "2020-01-01"
        self.shop._fetch_pushed()
        self.assertEqual((len(self.rows("address")), len(self.waiting())), (1, 0))

    # -- who may -----------------------------------------------------------------------------

    def test_who_may_write_notes(self):
        order = self.order()
        for role in ("finance", "integration", "sales_rep", "member"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                order.with_env(self.as_role(role))._remark("x", "")
        for role in ("operator", "sales_manager", "warehouse"):
            action = order.with_env(self.as_role(role)).action_remark()
            wizard = (
                self.as_role(role)["channel.order.remark"]
                .with_context(**action["context"])
                .create({"note": role, "flag": "1"})
            )
            wizard.action_confirm()
        self.assertEqual(self.rows("remark")[0].payload["note"], "warehouse")
