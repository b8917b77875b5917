from odoo import fields
from odoo.tests import tagged

from odoo.addons.channel_intake.tests.common import SKU

from .common import StockCommon


@tagged("post_install", "-at_install")
class TestReadBack(StockCommon):
    """The platform's number is read and compared, and a person decides about a difference."""

    def setUp(self):
        super().setUp()
        self.pool = self.on_sale(10)
        self.measure()
        self.assertEqual(self.row().state, "in_step")

    def changed_there(self, number):
        self.sim.set_stock(SKU, number)
        self.measure()

    def test_a_difference_is_shown_with_both_numbers(self):
        self.changed_there(25)
        row = self.row()
        self.assertEqual((row.state, row.difference), ("differs", 15))
        self.assertIn("25", row.next_step)
        self.assertIn("10", row.next_step)
        self.assertEqual(self.stocks._differences(self.shop), [(self.pool.id, str(SKU), 10, 25)])
        self.assertFalse(self.stocks._differences(self.file_shop))
        self.shop.write({"pull_state": "ok", "last_pull": fields.Datetime.now()})
        self.assertEqual((self.shop.health, self.shop.stock_differs_count), ("blocked", 1))

    def test_our_number_is_told_when_a_person_says_so(self):
        self.changed_there(25)
        self.row().action_tell()
        self.tell()
        self.assertEqual((self.number(), self.row().state), (10, "in_step"))
        self.measure()
        self.assertFalse(self.stocks._differences(self.shop))

    def test_an_accepted_difference_stays_and_is_no_difference_any_more(self):
        self.changed_there(25)
        self.row().action_accept()
        self.measure()
        self.assertEqual((self.number(), self.row().state), (25, "in_step"))
        self.pool._add_quota(5)
        self.tell()
        self.assertEqual(self.number(), 30)
        self.changed_there(31)
        self.assertEqual(self.row().difference, 1)

    def test_sold_out_is_zero_whatever_differs(self):
        self.changed_there(25)
        self.pool._close()
        self.tell()
        self.assertEqual(self.number(), 0)
        self.assertFalse(self.stocks._differences(self.shop))

    def test_sales_under_way_are_no_difference(self):
        self.buy(3)
        self.row().next_read = fields.Datetime.now()
        self.tell()
        self.assertEqual(self.row().read_number, 7)
        self.hear()
        self.caught_up()
        self.assertEqual((self.row().state, self.row().has_reading), ("in_step", False))
        self.measure()
        self.assertEqual((self.row().state, self.row().difference), ("in_step", 0))

    def test_units_held_for_unpaid_orders_are_no_difference(self):
        self.sim.stock.set_reduce_type(SKU, 1)
        order = self.buy(4, paid=False)
        self.hear()
        self.measure()
        self.assertEqual((self.row().read_number, self.row().read_held), (6, 4))
        self.assertEqual(self.row().state, "in_step")
        self.wait_a_second()
        self.sim.cancel(order)
        self.hear()
        self.measure()
        self.assertEqual((self.number(), self.row().state), (10, "in_step"))

    def test_what_our_zero_swallowed_comes_back_by_itself(self):
        order = self.buy(10)
        self.hear()
        self.wait_a_second()
        self.sim.refund_order(order, fast=True)
        self.assertEqual(self.number(), 10)
        self.tell()  # sold out, as far as we know
        self.assertEqual(self.number(), 0)
        self.hear()
        self.tell()
        self.assertEqual((self.number(), self.left(self.pool)), (0, 10))
        self.measure()
        self.assertEqual((self.number(), self.row().state), (10, "in_step"))

    def test_read_now(self):
        self.row().action_read()
        self.assertTrue(self.env["queue.job"].search([("method_name", "=", "_job_tell")]))
        self.sim.set_stock(SKU, 9)
        self.tell()
        self.assertEqual(self.row().read_number, 9)
