import logging
import os
from unittest.mock import patch

from odoo.tests import tagged

from ..models.message_store import seconds
from .common import APP_SECRET, RECEIVER, SKU, SimulatorCommon


@tagged("post_install", "-at_install")
class TestPull(SimulatorCommon):
    """Against the simulator: what the platform knows is stored, once, and becomes orders."""

    def test_orders_owe_what_the_platforms_books_say(self):
        self.sim.buy(
            [{"sku_id": SKU, "num": 2, "shop_fen": 100, "platform_fen": 200, "talent_fen": 30,
              "pay_fen": 50, "platform_borne_by_shop_fen": 40}],
            RECEIVER, freight_fen=600, room_id=7301234567890123456, author_id=109876543210987,
        )  # fmt: skip
        self.buy(3)
        result = self.pull()
        self.assertEqual((result.new, result.error), (2, ""))
        books = self.books()
        orders = self.orders()
        self.assertEqual(set(orders.mapped("order_ref")), set(books))
        for order in orders:
            self.assertEqual(round(order.amount_owed * 100), books[order.order_ref]["owed_fen"])
        self.assertIn("7301234567890123456", orders.line_ids.mapped("room_ref"))
        self.assertFalse(self.lost())
        self.assertFalse(self.todo())
        self.assertEqual(self.shop.pull_state, "ok")

    def test_what_was_read_before_is_absorbed(self):
        self.buy()
        self.assertEqual(self.pull().new, 1)
        again = self.shop._pull()
        self.assertGreaterEqual(again.read, 1, "the overlap reads it again")
        self.assertEqual(again.new, 0)
        self.assertEqual(len(self.messages.search([("shop_id", "=", self.shop.id)])), 1)

    def test_a_changed_order_is_a_new_message_and_the_same_order(self):
        ref = self.buy()
        self.pull()
        before = self.orders().phone_key
        self.wait_a_second()
        self.sim.change_address(ref, RECEIVER | {"phone": "13911112222"})
        with patch.object(type(self.shop), "_platform_now", lambda shop: self.sim.clock.now()):
            self.assertEqual(self.pull().new, 1)
        order = self.orders()
        self.assertEqual(len(order), 1)
        self.assertNotEqual(order.phone_key, before)

    def test_an_after_sale_stops_its_order(self):
        ref = self.buy()
        self.pull()
        self.sim.refund_order(ref)
        self.pull()
        self.assertTrue(self.orders().refund_open)
        aftersale = self.env["channel.aftersale"].search([("shop_id", "=", self.shop.id)])
        self.assertEqual((aftersale.order_ref, aftersale.status), (ref, "applied"))
        self.assertFalse(self.lost())

    def test_an_after_sale_of_an_unknown_order_is_not_lost(self):
        self.sim.orphan_refund("6900000000000000001")
        self.pull()
        self.assertFalse(self.lost())
        self.assertFalse(self.stops())

    def test_a_page_that_changes_while_it_is_read_loses_nothing(self):
        self.sim.burst(250, sku_ids=[SKU], same_receiver=0.0)
        self.sim.faults.add("shift_page", method="order.searchList", every=2, times=3)
        with patch.object(type(self.shop), "_platform_now", lambda shop: self.sim.clock.now() + 5):
            self.shop._pull()
            self.shop._pull()
        stored = set(self.messages.search([("shop_id", "=", self.shop.id)]).mapped("ref"))
        self.assertFalse(set(self.sim.order_ids()) - stored)

    def test_the_cursor_is_never_ahead_of_what_is_stored(self):
        self.sim.burst(250, sku_ids=[SKU], over_seconds=600)
        store = type(self.messages)._store
        stored = []

        def die_on_the_second_page(messages, shop, rows, source="pull"):
            if stored:
                raise MemoryError("killed")
            new = store(messages, shop, rows, source)
            if new:
                stored.append(new)
            return new

        later = patch.object(
            type(self.shop), "_platform_now", lambda shop: self.sim.clock.now() + 900
        )
        try:  # no assertRaises: it would roll back what a real kill leaves committed
            with patch.object(type(self.messages), "_store", die_on_the_second_page), later:
                self.shop._pull()
        except MemoryError:
            stored.append("killed")
        self.assertEqual(stored[1:], ["killed"])
        newest = max(self.messages.browse(stored[0]).mapped("updated_at"))
        self.assertEqual(len(stored[0]), 100)
        self.assertLessEqual(self.shop.pull_orders_cursor, newest)
        with later:
            self.shop._pull()
        refs = set(self.messages.search([("shop_id", "=", self.shop.id)]).mapped("ref"))
        self.assertEqual(refs, set(self.sim.order_ids()))

    def test_throttling_shrinks_the_window_and_waits(self):
        self.buy()
        self.sim.faults.rate_limit(0.0001)
        window = self.shop.pull_window
        for _try in range(5):
            result = self.shop._pull()
            if result.error:
                break
        self.assertTrue(result.error)
        self.assertEqual(self.shop.pull_state, "throttled")
        self.assertEqual(self.shop.pull_window, window // 2)
        self.assertTrue(self.shop.next_pull)
        self.assertFalse(self.messages.search([("shop_id", "=", self.shop.id)]))
        self.assertEqual(self.shop.health, "late")
        self.sim.faults.rate_limit(None)
        self.assertEqual(self.shop._pull().new, 1)
        self.assertEqual(self.shop.pull_window, window)
        self.assertFalse(self.shop.next_pull)

    def test_a_platform_that_is_away_is_asked_again_later_and_later(self):
        self.sim.faults.add("server_error", times=None)
        waits = []
        for _failure in range(3):
            self.shop._pull()
            waits.append(seconds(self.shop.next_pull))
        self.assertEqual(self.shop.pull_state, "unreachable")
        self.assertEqual(self.shop.pull_failures, 3)
        self.assertGreater(waits[2] - waits[1], waits[1] - waits[0])
        self.assertTrue(self.slept, "and a little later inside each pull")

    def test_one_failure_of_the_platform_is_not_even_seen(self):
        self.buy()
        self.sim.faults.add("server_error", times=1)
        self.assertEqual(self.pull().new, 1)
        self.assertEqual(self.shop.pull_state, "ok")

    def test_an_answer_cut_short_stores_nothing_of_it(self):
        self.buy()
        self.sim.faults.add("truncate", method="order.searchList", times=None)
        self.assertTrue(self.shop._pull().error)
        self.assertFalse(self.messages.search([("shop_id", "=", self.shop.id)]))
        self.sim.faults.clear()
        self.assertEqual(self.shop._pull().new, 1)

    def test_a_token_that_ended_is_renewed(self):
        self.buy()
        self.shop._pull()
        self.sim.tokens.expire_all()
        self.buy()
        result = self.shop._pull()
        self.assertEqual((result.new, result.error), (1, ""))

    def test_an_older_answer_never_moves_an_order_back(self):
        ref = self.buy(paid=False)
        self.pull()
        self.wait_a_second()
        self.sim.cancel(ref)
        with patch.object(type(self.shop), "_platform_now", lambda shop: self.sim.clock.now() + 1):
            self.pull()
            before = self.orders().read(["stage", "updated_at", "platform_status"])
            self.assertEqual(before[0]["stage"], "cancelled")
            self.sim.faults.stale(ref)
            self.pull()
            self.messages._store(self.shop, [self.shop._connection().order(ref)])
            self.messages._process()
        self.assertEqual(self.orders().read(["stage", "updated_at", "platform_status"]), before)
        self.assertFalse(self.lost())

    def test_bad_orders_stop_nobody_else_and_are_all_seen(self):
        kinds = [
            "unknown_sku",
            "quantity_zero",
            "quantity_huge",
            "amounts",
            "negative_amount",
            "decimal_amounts",
            "ids_as_numbers",
            "control_characters",
            "lone_surrogate",
            "missing_fields",
            "null_fields",
            "no_lines",
        ]
        refs = {kind: self.buy(bad=kind) for kind in kinds}
        good = self.buy()
        self.pull()
        by_ref = {order.order_ref: order for order in self.orders()}
        self.assertIn(good, by_ref)
        stopped = set(self.stops().mapped("ref"))
        for kind, ref in refs.items():
            with self.subTest(kind=kind):
                self.assertTrue(ref in by_ref or ref in stopped)
        for kind in ("amounts", "negative_amount", "decimal_amounts"):
            self.assertIn("amounts", by_ref[refs[kind]].exception_ids.mapped("type"))
        for kind in ("quantity_zero", "quantity_huge"):
            self.assertIn("quantity", by_ref[refs[kind]].exception_ids.mapped("type"))
        for kind in ("ids_as_numbers", "control_characters", "lone_surrogate"):
            self.assertFalse(
                by_ref[refs[kind]].exception_ids.filtered(lambda row: row.type == "malformed")
            )
        self.assertIn(refs["no_lines"], stopped)
        self.assertFalse(self.lost())
        self.assertFalse(self.todo())

    def test_missing_credentials_say_which_setting(self):
        with patch.dict(os.environ):
            del os.environ["QUDAO_SHOP_TEST_APP_SECRET"]
            result = self.shop._pull()
        self.assertIn("QUDAO_SHOP_TEST_APP_SECRET", result.error)
        self.assertEqual((self.shop.pull_state, self.shop.health), ("setup", "blocked"))

    def test_wrong_credentials_are_refused_and_shown(self):
        with patch.dict(os.environ, {"QUDAO_SHOP_TEST_APP_SECRET": "wrong"}):
            self.shop._pull()
        self.assertEqual((self.shop.pull_state, self.shop.health), ("refused", "blocked"))
        self.assertTrue(self.shop.last_error)
        self.assertNotIn("wrong", self.shop.last_error)

    def test_no_secret_and_no_receiver_reach_database_or_log(self):
        self.buy()
        self.sim.faults.add("server_error", times=1)
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger("odoo.addons.channel_intake").debug("begin")
            self.pull()
            self.sim.faults.add("drop_before", times=None)
            self.shop._pull()
        ours = "\n".join(line for line in logs.output if "channel_intake" in line)
        token = next(iter(self._tokens().values()))[0]
        for word in (APP_SECRET, token, RECEIVER["phone"], RECEIVER["name"]):
            self.assertNotIn(word, ours)
            self.assertNotIn(word, self.shop.last_error or "")
            self.assertFalse(self._columns_holding(word), word)

    def _tokens(self):
        from ..core.platforms.douyin import client

        return client._tokens

    def _columns_holding(self, word):
        """Every text column of our tables, of jobs, settings and messages that holds a word."""
        self.env.flush_all()
        columns = self.env.execute_query_dict(
            self._sql(
                """
                SELECT c.table_name AS t, c.column_name AS c FROM information_schema.columns c
                  JOIN information_schema.tables USING (table_schema, table_name)
                 WHERE table_type = 'BASE TABLE' AND table_schema = 'public'
                   AND data_type IN ('text', 'character varying', 'json', 'jsonb')
                   AND (c.table_name LIKE 'channel%%' OR c.table_name IN
                        ('queue_job', 'ir_config_parameter', 'ir_logging', 'mail_message'))
                """
            )
        )
        self.assertGreater(len(columns), 50)
        return [
            row
            for row in columns
            if self.env.execute_query(
                self._sql(
                    "SELECT 1 FROM %s WHERE position(%s in %s::text) > 0 LIMIT 1",
                    self._name(row["t"]), word, self._name(row["c"]),
                )
            )
        ]  # fmt: skip

    @staticmethod
    def _sql(*args):
        from odoo.tools import SQL

        return SQL(*args)

    @staticmethod
    def _name(name):
        from odoo.tools import SQL

        return SQL.identifier(name)

    def test_an_order_can_be_fetched_again(self):
        ref = self.buy()
        self.pull()
        message = self.messages.search([("ref", "=", ref)])
        self.sim.touch(ref)
        message.action_fetch_again()
        self.assertGreaterEqual(len(self.messages.search([("ref", "=", ref)])), 1)
        self.messages._process()
        self.assertFalse(self.lost())

    def test_connection_is_tested(self):
        action = self.shop.action_test_connection()
        self.assertEqual(action["params"]["type"], "success")
        with patch.dict(os.environ, {"QUDAO_SHOP_TEST_APP_SECRET": "wrong"}):
            action = self.shop.action_test_connection()
        self.assertEqual(action["params"]["type"], "danger")
