from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BooksCommon


@tagged("post_install", "-at_install")
class TestBooks(BooksCommon):
    """18.00, 90.00 and 50.00 are owed; the platform keeps 0.90, 4.50 and 2.50."""

    def test_shares_that_the_platform_settles(self):
        self.assertEqual(self.balance("fee"), 790)
        self.assertEqual(self.balance("deductions"), -790)
        self.assertEqual(self.Due._post_days(self.after_all), 0)
        self.after(self.orders[1], 3000)
        self.run_all()
        self.split()
        self.Due._post_days(self.after_all)
        self.assertEqual(self.balance("deductions"), -790 + 150)
        self.assertEqual(self.balance("fee"), 790 - 150)

    def test_only_days_that_are_over(self):
        self.after(self.orders[1], 3000, day=9000)
        self.run_all()
        self.split()
        refund = self.Event.search([("order_id", "=", self.orders[1].id)], limit=1)
        self.assertEqual(self.Due._post_days(refund.day), 0)
        self.assertFalse(self.Due.search([("event_id", "=", refund.id)]))

    def test_a_settlement_closes_the_deductions_and_the_wave(self):
        owed = self.balance("clearing")
        self.assertEqual(owed, 15800)
        box, rice = self.orders[1:]
        self.load(
            self.told(self.orders[0], 18, fee=0.9),
            self.told(box, 90, fee=4.5),
            self.told(rice, 50, fee=2.5),
        )
        self.assertEqual(self.post_settled(), 1)
        self.assertEqual(self.balance("deductions"), 0)
        self.assertEqual(self.balance("clearing"), 0)
        self.assertEqual(self.balance("balance"), 15800 - 790)
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(self.post_settled(), 0)

    def test_order_by_order_and_a_refund_after(self):
        box = self.orders[1]
        self.load(self.told(box, 90, fee=4.5))
        self.post_settled()
        self.assertEqual(self.invoice.payment_state, "partial")
        self.assertEqual(self.balance("clearing"), 15800 - 9000)
        self.assertEqual(self.balance("deductions"), -790 + 450)
        self.after(box, 9000)
        self.run_all()
        self.split()
        self.Due._post_days(self.after_all)
        self.load(self.told(box, 0, refunded=-90, fee=-4.5, scene="结算后退款-原路退回", day=9))
        self.post_settled()
        self.assertEqual(self.balance("clearing"), 15800 - 9000)
        self.assertEqual(self.balance("deductions"), -790 + 450)
        self.assertEqual(self.balance("balance"), 0)

    def test_what_was_taken_off_wrongly_stays_on_the_deductions(self):
        self.load(self.told(self.orders[1], 90, fee=5.5))
        self.post_settled()
        self.assertEqual(self.balance("deductions"), -790 + 550)

    def test_a_small_payment_was_taken_off_the_clearing_before(self):
        self.load(
            self.told(self.orders[1], 90, fee=4.5),
            self.told(self.orders[1], 0, amount=-4, scene="小额打款"),
        )
        row = self.Row.search([("shop_id", "=", self.shop.id), ("small_payment", ">", 0)])
        self.assertEqual((row.small_payment, row.amount), (4, -4))
        self.post_settled()
        self.assertEqual(self.balance("clearing"), 15800 - 9000 + 400)
        self.assertEqual(self.balance("balance"), 9000 - 450 - 400)

    def test_an_order_that_we_do_not_know(self):
        self.load(self.told("6900000000000000009", 10, fee=1))
        self.post_settled()
        self.assertEqual(self.balance("clearing"), 15800 - 1000)

    def test_the_database_keeps_it(self):
        posting = self.Due.search([], limit=1)
        cr = self.env.cr
        self.env.flush_all()
        with mute_logger("odoo.sql_db"):
            with self.assertRaises(CheckViolation), cr.savepoint():
                cr.execute("DELETE FROM settlement_posting WHERE id = %s", [posting.id])
            with self.assertRaises(UniqueViolation), cr.savepoint():
                cr.execute(
                    "INSERT INTO settlement_posting (event_id, move_id)"
                    " SELECT event_id, move_id FROM settlement_posting WHERE id = %s",
                    [posting.id],
                )
