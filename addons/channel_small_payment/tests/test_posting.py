from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import to_fen

from .common import SmallPaymentCommon


@tagged("post_install", "-at_install")
class TestPosting(SmallPaymentCommon):
    """The books: one entry a shop and day, once, reversed and never changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Posting = cls.env["channel.small.payment.posting"]
        cls.company.channel_small_order = 1000

    def post(self, before=None):
        moves = self.env["account.move"]
        while made := self.Posting._post(before, self.company):
            moves |= made
        self.env.invalidate_all()
        return moves

    def clearing(self):
        """Fen on the shop's clearing receivable."""
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.company._channel_clearing_account().id),
             ("partner_id", "=", self.shop.clearing_partner_id.id), ("parent_state", "=", "posted")]
        )  # fmt: skip
        return to_fen(sum(lines.mapped("balance")))

    def test_one_entry_a_shop_and_day(self):
        self.paid(10, "P1", days=3)
        self.paid(20.5, "P2", days=3)
        self.paid(5, "P3", days=2)
        first, second = self.post()
        self.assertEqual((first.state, first.move_type), ("posted", "entry"))
        self.assertEqual(first.date + timedelta(days=1), second.date)
        expense, *owed = first.line_ids.sorted("id")
        self.assertEqual(expense.account_id, self.company._channel_small_account())
        self.assertEqual(expense.account_id.account_type, "expense")
        self.assertEqual(to_fen(expense.balance), 3050)
        self.assertEqual([to_fen(line.balance) for line in owed], [-1000, -2050])
        self.assertEqual(owed[0].partner_id, self.shop.clearing_partner_id)
        self.assertEqual(owed[0].account_id, self.company._channel_clearing_account())
        self.assertIn("P1", owed[0].name)
        self.assertFalse(first.line_ids.tax_ids)
        self.assertEqual(self.clearing(), -3550)
        self.assertFalse(self.post())

    def test_the_day_is_chinas(self):
        payment = self.to_pay()
        payment._record_paid("P1", fields.Datetime.to_datetime("2026-10-31 16:30:00"))
        self.assertEqual(self.post().date, date(2026, 11, 1))

    def test_today_waits_for_its_end(self):
        self.paid(10, "P1")
        self.assertFalse(self.post(before=china.today(self.env)))
        self.assertTrue(self.post())

    def test_the_job_posts_the_days_that_are_over(self):
        self.paid(10, "P1", days=1)
        self.paid(10, "P2")
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1):
            self.Posting._cron_post()
        self.assertEqual(self.clearing(), -1000)

    def test_a_clerk_posts_now(self):
        payment = self.paid(10, "P1")
        with self.refused(UserError, "not posted yet"):
            payment.with_user(self.clerk).action_open_move()
        for role in ("operator", "sales_manager", "warehouse"):
            with self.subTest(role=role), self.refused(AccessError):
                self.as_role(role)["channel.small.payment.posting"].action_post_now()
        clerk = self.as_role("finance")["channel.small.payment.posting"]
        move = self.env["account.move"].browse(clerk.action_post_now()["res_id"])
        self.assertEqual(payment.with_user(self.clerk).action_open_move()["res_id"], move.id)
        with self.refused(UserError, "no small payment"):
            clerk.action_post_now()

    def test_taken_back_after_posting(self):
        payment = self.paid(10, "P1", days=1)
        first = self.post()
        payment.with_user(self.clerk)._take_back("not made")
        second = self.post()
        self.assertEqual([to_fen(line.balance) for line in second.line_ids.sorted("id")],
                         [-1000, 1000])  # fmt: skip
        self.assertEqual(self.clearing(), 0)
        lines = (first | second).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        self.assertEqual(lines.mapped("reconciled"), [True, True])
        self.assertFalse(self.post())

    def test_taken_back_before_posting(self):
        """Both stand in the books, so that every number that was recorded is found there."""
        self.paid(10, "P1").with_user(self.clerk)._take_back("not made")
        self.assertEqual(len(self.post()), 2)
        self.assertEqual(self.clearing(), 0)

    def test_entries_stay(self):
        self.paid(10, "P1", days=1)
        move = self.post()
        for press in (move.button_draft, move.button_cancel, move._reverse_moves):
            with self.refused(UserError, "stays as it is"):
                press()
        self.env.flush_all()
        columns = "payment_id, back, move_id, move_line_id"
        for query, error in (
            ("UPDATE channel_small_payment_posting SET back = true", CheckViolation),
            ("DELETE FROM channel_small_payment_posting", CheckViolation),
            (
                f"INSERT INTO channel_small_payment_posting ({columns})"
                f" SELECT {columns} FROM channel_small_payment_posting",
                UniqueViolation,
            ),
        ):
            with (
                self.subTest(query=query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query)

    def test_a_closed_period(self):
        """The entry goes into the first open one."""
        self.paid(10, "P1", days=40)
        self.company.fiscalyear_lock_date = fields.Date.today() - timedelta(days=5)
        self.assertGreater(self.post().date, self.company.fiscalyear_lock_date)

    def test_another_account(self):
        other = self.company._channel_small_account().copy({"account_type": "income"})
        self.company.channel_small_account_id = other
        self.paid(10, "P1")
        self.assertEqual(self.post().line_ids.sorted("id")[0].account_id, other)
