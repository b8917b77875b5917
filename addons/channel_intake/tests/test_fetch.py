import json
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.queue_job.tests.common import trap_jobs

from ..models import shop_fetch
from .common import SimulatorCommon


@tagged("post_install", "-at_install")
class TestFetch(SimulatorCommon):
    """A push says that an order changed; the order itself is asked of the platform."""

    def push(self, order_ref, tag="101", aftersale_ref=None, **data):
        """Store a push as the gateway does."""
        [(number,)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO channel_push (shop_id, tag, msg_id, order_ref, aftersale_ref, data,
                                          received_at)
                VALUES (%s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC') RETURNING id
                """,
                self.shop.id,
                tag,
                f"{tag}-{order_ref}-{aftersale_ref}",
                order_ref,
                aftersale_ref,
                json.dumps(data),
            )
        )
        return number

    def waiting(self):
        return self.env["channel.push.todo"].sudo().search([("shop_id", "=", self.shop.id)])

    def calls(self, method):
        return [call for call in self.sim.requests(limit=1000) if call["method"] == method]

    def test_a_pushed_order_is_fetched_by_its_number(self):
        ref = self.buy()
        self.push(ref)
        self.assertEqual(self.shop._fetch_pushed(), 1)
        self.assertFalse(self.waiting())
        self.messages._process()
        self.assertEqual(self.orders().mapped("order_ref"), [ref])
        self.assertFalse(self.calls("order.searchList"))

    def test_many_pushed_orders_come_by_the_list(self):
        refs = [self.buy() for _n in range(5)]
        for ref in refs:
            self.push(ref)
        with patch.object(shop_fetch, "DETAILS_AT_MOST", 3):
            self.assertEqual(self.shop._fetch_pushed(), 5)
        self.messages._process()
        self.assertEqual(sorted(self.orders().mapped("order_ref")), sorted(refs))
        self.assertTrue(self.calls("order.searchList"))
        self.assertFalse(self.calls("order.orderDetail"))

    def _many(self, count=5):
        """Orders and their pushes, too many to be asked for one by one."""
        self.startPatcher(patch.object(shop_fetch, "DETAILS_AT_MOST", 3))
        refs = [self.buy() for _n in range(count)]
        for ref in refs:
            self.push(ref, pay_time=self.sim.order(ref)["update_time"])
        return refs

    def test_the_list_is_read_since_the_pushes_not_since_the_cursor(self):
        """A rush would be read again and again with each push of it."""
        self.shop.pull_orders_cursor = cursor = datetime(2026, 1, 1)
        self._many()
        self.assertEqual(self.shop._fetch_pushed(), 5)
        self.assertEqual(len(self.calls("order.searchList")), 1)
        self.assertEqual(self.shop.pull_orders_cursor, cursor, "what lies between is unread")

    def test_the_cursor_goes_along_when_nothing_is_left_out(self):
        self.pull()
        cursor = self.shop.pull_orders_cursor
        self.wait_a_second()
        self.wait_a_second()
        self.startPatcher(
            patch.object(type(self.shop), "_platform_now", lambda shop: self.sim.clock.now())
        )
        self.shop.pull_orders_cursor = cursor + timedelta(seconds=5)
        self._many()
        self.shop._fetch_pushed()
        self.assertGreaterEqual(self.shop.pull_orders_cursor, cursor + timedelta(seconds=5))

    def test_an_order_that_the_list_lacks_is_asked_for_by_its_number(self):
        refs = self._many(4)
        self.push("6900000000000000001", pay_time=self.sim.clock.now() - 60)
        self.assertEqual(self.shop._fetch_pushed(), 4)
        self.waiting().next_attempt = self.env.cr.now()
        self.assertEqual(self.shop._fetch_pushed(), 0)
        self.assertEqual(len(self.calls("order.searchList")), 1, "not again for a single one")
        self.assertEqual(len(self.calls("order.orderDetail")), 1)
        self.messages._process()
        self.assertEqual(sorted(self.orders().mapped("order_ref")), sorted(refs))

    def test_a_throttled_list_shrinks_the_windows_and_loses_nothing(self):
        self.sim.faults.rate_limit(0.0001)
        self.shop._pull()  # the one call that is allowed
        self._many()
        width = self.shop.pull_window
        self.assertEqual(self.shop._fetch_pushed(), 0)
        self.assertEqual(self.shop.pull_state, "throttled")
        self.assertLess(self.shop.pull_window, width)
        self.sim.faults.rate_limit(None)
        self.shop.next_pull = False
        self.waiting().write({"next_attempt": self.env.cr.now(), "attempts": 0})
        self.assertEqual(self.shop._fetch_pushed(), 5)
        self.assertEqual(self.shop.pull_state, "ok")

    def test_what_is_known_already_is_not_asked_again(self):
        ref = self.buy()
        self.pull()
        before = len(self.sim.requests(limit=1000))
        self.push(ref, pay_time=int(self.orders().paid_at.timestamp()))
        self.assertEqual(self.shop._fetch_pushed(), 1)
        self.assertEqual(len(self.sim.requests(limit=1000)), before)

    def test_a_pushed_aftersale_is_fetched(self):
        ref = self.buy()
        self.pull()
        self.wait_a_second()
        [aftersale] = self.sim.refund_order(ref)
        self.push(ref, tag="200", aftersale_ref=str(aftersale))
        self.startPatcher(
            patch.object(type(self.shop), "_platform_now", lambda shop: self.sim.clock.now())
        )
        self.assertEqual(self.shop._fetch_pushed(), 1)
        self.messages._process()
        self.assertTrue(self.orders().refund_open)

    def test_what_the_platform_does_not_know_yet_waits_longer_each_time(self):
        self.push("6900000000000000001")
        self.assertEqual(self.shop._fetch_pushed(), 0)
        todo = self.waiting()
        self.assertEqual(todo.attempts, 1)
        self.assertGreater(todo.next_attempt, self.env.cr.now())
        self.assertFalse(self.shop._pushed())

    def test_a_platform_that_cannot_be_reached_loses_nothing(self):
        ref = self.buy()
        self.push(ref)
        self.sim.faults.add("server_error", times=None)
        self.assertEqual(self.shop._fetch_pushed(), 0)
        self.assertEqual(self.shop.pull_state, "unreachable")
        self.assertFalse(self.env["channel.shop"]._pushed_shops() & self.shop, "it waits first")
        self.sim.faults.clear()
        self.shop.next_pull = False
        self.waiting().next_attempt = self.env.cr.now()
        self.assertEqual(self.shop._fetch_pushed(), 1)

    def test_an_event_about_nothing_we_keep_is_done(self):
        self.push(None, tag="400")
        self.assertEqual(self.shop._fetch_pushed(), 1)
        self.assertFalse(self.waiting())

    def test_without_its_process_a_job_fetches(self):
        ref = self.buy()
        self.push(ref)
        with trap_jobs() as trap:
            self.env["channel.shop"]._enqueue_fetch()
            trap.assert_enqueued_job(
                self.shop._job_fetch,
                properties={"identity_key": f"channel_intake.fetch.{self.shop.id}"},
            )
            self.assertEqual(self.shop._job_fetch(), "1 pushes")
            trap.assert_enqueued_job(self.env["channel.shop"]._job_process)
