from contextlib import closing, suppress
from unittest.mock import patch

import psycopg2

from odoo import fields, sql_db
from odoo.tests import tagged

from odoo.addons.channel_intake.core.platforms.base import Sku
from odoo.addons.channel_intake.tests.common import RECEIVER, SKU

from ..models.platform_stock_tell import TELLING
from .common import StockCommon


@tagged("post_install", "-at_install")
class TestTell(StockCommon):
    """What the platform is told, with the simulator behind it."""

    def test_an_opened_offer_is_told(self):
        self.offer(10)
        self.tell()
        self.assertEqual(self.number(), 0)  # until its orders are known
        self.assertEqual(self.row().state, "waits")
        self.caught_up()
        self.assertEqual((self.number(), self.row().state), (10, "in_step"))
        self.assertEqual((self.row().wanted, self.row().told), (10, 10))
        self.assertEqual(self.calls.search([]).mapped("outcome"), ["done", "done"])

    def test_while_units_wait_the_orders_are_read(self):
        self.offer(10)
        self.tell()
        self.row().read_at = fields.Datetime.subtract(fields.Datetime.now(), seconds=9)
        self.shop.write({"pull_orders_cursor": False, "pull_aftersales_cursor": False})
        self.tell()
        self.assertTrue(self.env["queue.job"].search([("method_name", "=", "_job_pull")]))

    def test_a_later_session_is_told_at_once(self):
        pool = self.on_sale(10)
        pool._close()
        self.tell()
        self.assertEqual(self.number(), 0)
        self.caught_up()
        self.offer(7)
        self.tell()
        self.assertEqual(self.number(), 7)

    def test_a_raised_quota_is_told_as_an_increment_mid_sale(self):
        pool = self.on_sale(10)
        self.buy(3)
        pool._add_quota(5)
        self.tell()
        self.assertEqual(self.number(), 10 - 3 + 5)  # we have not heard of the three
        self.hear()
        self.tell()
        self.assertEqual((self.number(), self.left(pool)), (12, 12))
        self.assertEqual(self.told()[-1], 5)

    def test_a_cut_quota_is_told_as_a_decrement(self):
        pool = self.on_sale(10)
        self.buy(3)
        pool._cut_quota(4)
        self.tell()
        self.assertEqual(self.number(), 3)

    def test_a_cut_below_what_was_sold_meanwhile_leads_to_zero(self):
        pool = self.on_sale(10)
        self.buy(8)
        pool._cut_quota(5)
        self.tell()
        self.assertEqual(self.number(), 0)
        [refused] = self.calls.search([("outcome", "=", "refused")])
        self.assertEqual(refused.units, -5)
        self.hear()
        self.measure()
        self.assertEqual((self.number(), self.row().state), (0, "in_step"))

    def test_sales_are_not_told(self):
        pool = self.on_sale(10)
        self.buy(2)
        self.hear()
        self.tell()
        self.assertEqual((self.number(), self.left(pool)), (8, 8))
        self.assertEqual(self.told()[-1], 10)

    def test_sold_out_is_told_and_the_next_units_follow_at_once(self):
        pool = self.on_sale(4)
        self.buy(4)
        self.assertFalse(self.sim.stock.view(SKU)[0]["zero_told_at"] is None)
        before = self.sim.stock.view(SKU)[0]["zero_told_real"]
        self.hear()
        self.assertEqual(self.left(pool), 0)
        self.tell()
        self.assertGreater(self.sim.stock.view(SKU)[0]["zero_told_real"], before)
        pool._add_quota(6)
        self.tell()
        self.assertEqual(self.number(), 6)

    def test_what_the_platform_oversold_comes_off_the_next_units(self):
        pool = self.on_sale(4)
        self.buy(4)
        self.sim.faults.oversell(SKU, 3)
        self.buy(3)
        self.hear()
        self.tell()
        pool._add_quota(10)
        self.tell()
        self.assertEqual((self.number(), self.left(pool)), (7, 7))

    def test_a_held_offer_shows_nothing_and_comes_back_without_what_was_sold(self):
        pool = self.on_sale(10)
        self.buy(2)
        self.hold(pool)
        self.tell()
        self.assertEqual(self.number(), 0)
        self.hold(pool, held=False)
        self.tell()
        self.assertEqual((self.number(), self.row().state), (0, "waits"))
        self.hear()
        self.caught_up()
        self.assertEqual(self.number(), 8)

    def test_a_refund_before_shipping_is_given_back_once(self):
        pool = self.on_sale(10)
        order = self.buy(3)
        self.hear()
        self.wait_a_second()
        self.sim.refund_order(order, fast=True)
        self.assertEqual(self.number(), 10)
        self.hear()
        self.tell()
        self.assertEqual((self.number(), self.left(pool)), (10, 10))

    def test_a_refund_after_the_offer_ended_sells_nothing(self):
        pool = self.on_sale(10)
        order = self.buy(3)
        self.hear()
        pool._close()
        self.tell()
        self.wait_a_second()
        self.sim.refund_order(order, fast=True)
        self.assertEqual(self.number(), 3)
        self.hear()
        self.tell()
        self.assertEqual(self.number(), 0)

    def test_an_order_that_waits_with_an_exception_keeps_its_units(self):
        pool = self.on_sale(10)
        pool.price_floor = 19.9
        pool.flush_recordset()
        self.sim.buy([{"sku_id": SKU, "num": 2, "price_fen": 500}], RECEIVER)
        self.hear()
        self.assertEqual(self.orders().stage, "exception")
        self.tell()
        self.measure()
        self.assertEqual((self.number(), self.row().difference), (8, 0))
        self.assertEqual((self.row().wanted, self.left(pool)), (8, 10))

    # -- once --------------------------------------------------------------------------------

    def test_an_increment_whose_answer_was_lost_counts_once(self):
        pool = self.on_sale(10)
        pool._add_quota(5)
        self.sim.faults.add("drop_after", "sku.syncStock")
        self.tell()
        self.assertEqual((self.number(), self.row().state), (15, "later"))
        self.assertTrue(self.row().error)
        self.buy(2)
        self.row().next_attempt = False
        self.tell()
        self.assertEqual((self.number(), self.row().state), (13, "in_step"))
        self.assertEqual(self.told()[-1], 5)

    def test_killed_between_the_call_and_its_commit(self):
        pool = self.on_sale(10)
        pool._add_quota(5)
        killed = patch.object(type(self.stocks), "_agreed", side_effect=KeyboardInterrupt)
        with suppress(KeyboardInterrupt), killed:  # assertRaises would undo the call's row
            self.stocks._round()
        self.assertEqual((self.number(), self.calls.search([], limit=1).outcome), (15, "sent"))
        self.tell()
        self.assertEqual((self.number(), self.row().state), (15, "in_step"))

    def test_sold_out_while_an_increment_is_unanswered(self):
        pool = self.on_sale(10)
        pool._add_quota(5)
        self.sim.faults.add("drop_after", "sku.syncStock")
        self.tell()
        pool._close()
        self.tell()
        self.assertEqual(self.number(), 0)
        self.row().next_attempt = False
        self.caught_up()
        self.assertEqual((self.number(), self.row().state), (0, "in_step"))
        self.assertEqual(len(self.calls.search([("outcome", "=", "given_up")])), 1)

    def test_two_at_once_do_not_tell_a_shop_twice(self):
        self.offer(10)
        self.env.flush_all()
        _name, settings = sql_db.connection_info_for(self.env.cr.dbname)
        with closing(psycopg2.connect(**settings)) as other, other.cursor() as cr:
            cr.execute("SELECT pg_try_advisory_lock(%s, %s)", (TELLING, self.shop.id))
            self.assertEqual(cr.fetchone(), (True,))
            self.stocks._round()
            self.assertFalse(self.calls.search([]))
            cr.execute("SELECT pg_advisory_unlock(%s, %s)", (TELLING, self.shop.id))
        self.tell()
        self.assertTrue(self.calls.search([]))

    # -- refusals and outages --------------------------------------------------------------------

    def test_an_unknown_sku_is_stopped_and_shown(self):
        link = self.another_sku(77, on_platform=False)
        self.offer(5, link)
        self.on_sale(10)  # the others go on
        row = self.row(link)
        self.assertEqual(row.state, "stopped")
        self.assertIn("80004", row.error)
        self.assertIn("Tell Now", row.next_step)
        self.shop.write({"pull_state": "ok", "last_pull": fields.Datetime.now()})
        self.assertEqual((self.shop.health, self.shop.stock_stopped_count), ("blocked", 1))
        self.sim.add_sku(77, "C77", "商品", price_fen=1990)
        row.action_tell()
        self.tell()
        self.caught_up()
        self.assertEqual((self.number(77), row.state), (5, "in_step"))

    def test_a_text_for_a_number_is_refused_before_the_call(self):
        link = self.another_sku(78, on_platform=False)
        link.sku_ref = "SKU-78"
        self.offer(5, link)
        self.tell()
        self.assertEqual(self.row(link).state, "stopped")

    def test_a_throttled_shop_is_left_alone_longer_each_time(self):
        self.offer(10)
        self.sim.faults.rate_limit(0, "sku.syncStock")
        self.tell()
        row = self.row()
        self.assertEqual((row.state, row.attempts), ("later", 1))
        self.assertGreater(row.next_attempt, fields.Datetime.now())
        row.next_attempt = False
        self.tell()
        self.assertEqual(row.attempts, 2)
        self.sim.faults.rate_limit(None, "sku.syncStock")
        row.next_attempt = False
        self.tell()
        self.caught_up()
        self.assertEqual((self.number(), row.state, row.attempts), (10, "in_step", 0))

    def test_missing_credentials_are_shown(self):
        self.offer(10)
        self.shop.credential_ref = False
        self.tell()
        self.assertEqual(self.row().state, "later")
        self.assertIn("credentials", self.row().error)

    def test_several_skus_of_a_product_are_zeroed_in_one_call(self):
        links = [self.another_sku(sku, product_ref="900") for sku in (81, 82)]
        for link in links:
            self.offer(5, link)
        connection = self.shop._stock_connection()
        self.tell()
        self.assertEqual([self.number(81), self.number(82)], [0, 0])
        self.caught_up()
        self.assertEqual([self.number(81), self.number(82)], [5, 5])
        found = connection.numbers([Sku("900", "81"), Sku("900", "82")])
        self.assertEqual([found[ref].number for ref in ("81", "82")], [5, 5])

    # -- free stock ----------------------------------------------------------------------------

    def test_a_share_of_the_free_stock_is_shown_besides(self):
        free = self.env["channel.pool"]._free(self.fulfiller_1, self.product_13)
        free = free[self.product_13.id]
        self.shop.write({"stock_source": "quota_and_free", "stock_share": 0.5, "stock_safety": 4})
        self.offer(10)
        self.tell()
        self.caught_up()
        self.assertEqual(self.number(), 10 + (free - 10 - 4) // 2)
        self.link.write({"stock_own_share": True, "stock_share": 0})
        self.tell()
        self.assertEqual(self.number(), 10)

    def test_a_link_of_its_own_mind(self):
        self.link.stock_source = "off"
        self.offer(10)
        self.tell()
        self.assertFalse(self.row())
        self.link.stock_source = False
        self.tell()
        self.caught_up()
        self.assertEqual(self.number(), 10)
        self.link.stock_source = "off"
        self.tell()
        self.assertEqual((self.number(), self.row().state), (10, "off"))

    def test_a_link_that_gets_another_number_leaves_nothing_behind(self):
        self.on_sale(10)
        self.sim.add_sku(79, "C79", "商品", price_fen=1990)
        self.link.sku_ref = "79"
        self.tell()
        self.caught_up()
        self.assertEqual((self.number(), self.number(79)), (0, 10))
