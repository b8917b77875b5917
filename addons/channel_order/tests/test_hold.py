from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..core import stages
from ..models import channel_order_waiting
from .common import PAID_AT, OrderCommon

TOLD_TO_WAIT = (stages.QUEUED, ["on_hold"])


@tagged("post_install", "-at_install")
class TestHold(OrderCommon):
    """An offer on hold gives nothing out; released, it serves who waits, first paid first."""

    def how(self, ref):
        order = self.find(ref)
        return order.stage, self.open_types(order)

    def bring(self, refs, *lines):
        self.ingest(*(self.order(ref, *lines, paid_at=PAID_AT + n) for n, ref in enumerate(refs)))

    def test_new_orders_wait_and_those_with_units_keep_them(self):
        pool = self._offer("TEA")
        self.bring("A")
        pool._hold("price is wrong")
        self.bring("BC")
        self.assertEqual(self.how("A"), (stages.ALLOCATED, []))
        self.assertEqual(self.how("B"), TOLD_TO_WAIT)
        self.assertEqual(self.taken(pool), 1)
        told = self.find("B").exception_ids
        self.assertEqual(told.explanation, "Tea [TEA]: 1 wanted; the offer is on hold.")
        with self.refused(UserError, "cannot be accepted"):
            told.action_accept("no")
        told.action_retry()
        self.assertEqual(self.how("B"), TOLD_TO_WAIT)
        pool._release()
        self.assertEqual([self.how(ref) for ref in "BC"], [(stages.ALLOCATED, [])] * 2)
        self.assertQuotasExact()

    def test_all_or_nothing_over_several_offers(self):
        tea, cup = self._offer("TEA"), self._offer("CUP")
        tea._hold("why not")
        lines = (self.line(), self.line("L2", sku="CUP"))
        self.bring("A", *lines)
        self.bring("B", self.line(sku="CUP"))
        self.assertEqual(self.how("A"), TOLD_TO_WAIT)
        self.assertEqual(self.how("B"), (stages.ALLOCATED, []))
        self.assertEqual((self.taken(tea), self.taken(cup)), (0, 1))

    def test_who_when_and_why(self):
        pool = self._offer("TEA")
        held = pool.with_user(self.users["operator"])
        action = held.action_hold()
        self.assertEqual(action["res_model"], "channel.pool.hold")
        wizard = Form(
            self.as_role("operator")["channel.pool.hold"].with_context(**action["context"])
        )
        wizard.reason = "price is wrong "
        wizard.save().action_confirm()
        self.assertTrue(pool.on_hold and pool.held_at)
        self.assertEqual(
            (pool.held_by, pool.hold_reason), (self.users["operator"], "price is wrong")
        )
        pool.with_user(self.users["sales_manager"]).action_hold("another reason")
        self.assertEqual(pool.hold_reason, "price is wrong", "the first one holds it")
        held.action_release()
        self.assertFalse(pool.on_hold)

    def test_only_who_runs_offers_may_hold(self):
        pool = self._offer("TEA")
        for role in ("operator", "sales_manager", "admin"):
            pool.with_user(self.users[role]).action_hold("x")
            pool.with_user(self.users[role]).action_release()
        for role in ("finance", "warehouse", "sales_rep", "integration", "member"):
            with self.refused(AccessError):
                pool.with_user(self.users[role]).action_hold("x")
            with self.refused(AccessError):
                pool.with_user(self.users[role]).action_release()
        with self.refused(UserError, "buttons"):
            pool.with_user(self.users["operator"]).write({"on_hold": True})

    def test_only_open_offers(self):
        pool = self.env["channel.pool"].create(
            {"shop_id": self.shop.id, "link_id": self.links["TEA"].id, "quota": 1}
        )
        with self.refused(UserError, "already “Planned”"):
            pool._hold("x")
        with mute_logger("odoo.sql_db"), self.refused(CheckViolation):
            pool.on_hold = True
            pool.flush_recordset()

    def test_closing_lifts_the_hold_and_says_why_orders_wait_now(self):
        pool = self._offer("TEA")
        pool._hold("x")
        self.bring("A")
        pool._close()
        self.assertEqual((pool.on_hold, pool.state), (False, "closed"))
        self.assertEqual(self.how("A"), (stages.QUEUED, ["no_offer"]))

    def test_release_of_too_few_units_says_short(self):
        pool = self._offer("TEA", quota=1)
        pool._hold("x")
        self.bring("BAC")
        pool._release()
        self.assertEqual(self.how("B"), (stages.ALLOCATED, []))
        for ref in "AC":
            self.assertEqual(self.how(ref), (stages.QUEUED, ["short"]))

    def test_held_orders_do_not_stand_before_others(self):
        """However many wait for a held offer, others that can have units are tried."""
        tea, cup = self._offer("TEA"), self._offer("CUP", quota=1)
        tea._hold("x")
        self.bring("ABCDE")
        self.bring(["X", "Y"], self.line(sku="CUP"))
        cup._add_quota(1, self.fulfiller_1)
        self.assertEqual(self.how("Y"), (stages.ALLOCATED, []))
        with patch.object(type(self.Order), "_replan") as replan:
            self.assertFalse(self.Order._allocate_waiting(self.shop))
        replan.assert_not_called()

    def test_standing_offer_held_while_the_room_sells(self):
        standing = self._offer("TEA")
        standing._hold("x")
        self.bring("A", self.line(room_ref="room-9"))
        self.assertEqual(self.how("A"), TOLD_TO_WAIT)
        self._offer("TEA", room_ref="room-9")
        self.assertEqual(self.how("A"), (stages.ALLOCATED, []))

    def test_many_waiting_are_served_by_the_job_that_starts_at_once(self):
        pool = self._offer("TEA")
        pool._hold("x")
        self.bring("ABCDE")
        cron = self.env.ref("channel_order.cron_allocate_waiting")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        limited = self.Order._allocate_waiting
        with patch.object(
            type(self.Order),
            "_allocate_waiting",
            lambda _self, shop, pools: limited(shop, pools, 2),
        ):
            pool._release()
        self.assertEqual([self.how(ref)[0] for ref in "ABCDE"], ["allocated"] * 2 + ["queued"] * 3)
        after = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after, before + 1)
        self.assertTrue(limited(self.shop, limit=2))
        self.assertFalse(limited(self.shop, limit=2))
        self.assertEqual([self.how(ref)[0] for ref in "ABCDE"], ["allocated"] * 5)
        self.assertGreaterEqual(channel_order_waiting.AT_ONCE, 100)

    def test_the_job_ends_when_nothing_is_left_to_give(self):
        """Orders that want more than is left are tried, and not for ever."""
        pool = self._offer("TEA", quota=1)
        self.bring("AB", self.line(quantity=2, paid=3980))
        self.assertEqual(self.taken(pool), 0)
        self.assertFalse(self.Order._allocate_waiting(self.shop, limit=2))

    def test_by_hand_neither(self):
        pool = self._offer("TEA", fulfillers=self.fulfiller_1)
        pool._hold("x")
        self.bring("A")
        with self.refused(UserError, "release the offer first"):
            self.find("A").action_reassign(self.fulfiller_1)
        self.find("A").action_allocate()
        self.assertEqual(self.how("A"), TOLD_TO_WAIT)
