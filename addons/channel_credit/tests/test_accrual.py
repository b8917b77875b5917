from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import to_fen

from ..models import channel_return_accrual as accrual
from ..models.res_company import ROLES
from .test_credit import CreditCommon

READERS = {"finance", "sales_manager", "admin"}


@tagged("post_install", "-at_install")
class TestAccrual(CreditCommon):
    """The wave of ``CreditCommon`` was shipped today; a tenth of its revenue comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"channel_return_accrual": True, "channel_return_percent": 10})
        cls.Accrual = cls.env["channel.return.accrual"]
        cls.today = china.today(cls.env)

    def accrue(self, month=None):
        made = self.Accrual._accrue(self.company, month or self.today)
        self.env.flush_all()
        return made

    def balances(self, until):
        """Fen on the accounts of expected returns, on a day."""
        found = {}
        for role, (field, _type) in ROLES.items():
            lines = self.env["account.move.line"].search(
                [("account_id", "=", self.company[field].id), ("parent_state", "=", "posted"),
                 ("date", "<=", until)]
            )  # fmt: skip
            found[role] = to_fen(sum(lines.mapped("balance")))
        return found

    def run_job(self):
        """The daily job, as if a month had ended today."""
        with (
            patch.object(type(self.Accrual), "_last_month", lambda _self: self.today),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 60),
        ):
            self.Accrual._cron_accrue()
        return self.Accrual.search([("shop_id", "=", self.shop.id)])

    def cost_fen(self):
        return to_fen(sum(self.wave.picking_ids.move_ids.mapped("value")))

    def test_taken_off_at_the_end_of_the_month_and_given_back(self):
        made = self.accrue()
        expected = to_fen(self.invoice.amount_untaxed) // 10
        cost = self.cost_fen() * expected // to_fen(self.invoice.amount_untaxed)
        self.assertEqual((to_fen(made.expected), to_fen(made.cost)), (expected, cost))
        self.assertGreater(min(expected, cost), 0)
        self.assertFalse(made.measured)
        self.assertIn("10.00%", made.explanation)
        self.assertEqual(
            self.balances(self.today),
            {"revenue": expected, "liability": -expected, "goods": cost, "cost": -cost},
        )
        tomorrow = self.today + timedelta(days=1)
        self.assertEqual(set(self.balances(tomorrow).values()), {0})
        self.assertEqual((made.move_id.date, made.reversal_id.date), (self.today, tomorrow))

    def test_the_accounts_are_named_in_the_languages_of_their_readers(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        account = self.company._channel_return_account("liability")
        names = [account.with_context(lang=lang).name for lang in ("en_US", "zh_CN")]
        self.assertEqual(names, ["Refunds to be paid", "应付退货款"])

    def test_what_came_back_already_is_not_expected_again(self):
        self.after(self.orders[1], 500)  # 5.00 of some 15.00 that are expected
        notes = self.run_all()
        notes.with_context(skip_readonly_check=True).date = self.today
        made = self.accrue()
        credited = to_fen(notes.amount_untaxed)
        self.assertEqual(to_fen(made.credited), credited)
        self.assertEqual(
            to_fen(made.expected), to_fen(self.invoice.amount_untaxed) // 10 - credited
        )

    def test_older_sales_tell_the_rate(self):
        """A wave that is final tells what comes back of the shop's sales."""
        self.after(self.orders[1], 4500)
        notes = self.run_all()
        older = self.invoice.with_context(skip_readonly_check=True)
        older.invoice_date = self.today - timedelta(days=30)
        with patch.object(accrual, "ENOUGH_ORDERS", 3):
            made = self.accrue()
        self.assertTrue(made.measured)
        rate = 100 * notes.amount_untaxed / self.invoice.amount_untaxed
        self.assertAlmostEqual(made.percent, rate, 2)
        # nothing that could still be returned: no entry
        self.assertEqual((made.revenue, made.expected, made.move_id.id), (0, 0, False))

    def test_once_and_again_after_it_was_taken_back(self):
        made = self.accrue()
        self.assertFalse(self.accrue())
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            made.copy()
            self.env.flush_all()
        made.with_user(self.users["finance"]).action_take_back()
        self.assertEqual(set((made.move_id | made.reversal_id).mapped("state")), {"cancel"})
        self.assertEqual(set(self.balances(self.today).values()), {0})
        with self.assertRaises(UserError):
            made.with_user(self.users["finance"]).action_take_back()
        self.assertEqual(self.accrue().expected, made.expected)

    def test_refunds_are_credited_first(self):
        self.after(self.orders[1], 500)
        while self.Credit._collect():
            pass
        with self.assertRaisesRegex(UserError, "no credit note"):
            self.accrue(max(self.today, max(self.Credit.search([]).mapped("day"))))

    def test_the_daily_job(self):
        """Only companies that want it; one that cannot does not stop the others."""
        self.company.channel_return_accrual = False
        self.assertFalse(self.run_job())
        self.company.channel_return_accrual = True
        self.assertEqual(len(self.run_job()), 1)
        self.assertEqual(len(self.run_job()), 1)

    def test_closed_books_say_so(self):
        self.company.fiscalyear_lock_date = self.today
        with self.assertRaisesRegex(UserError, "closed"), self.env.cr.savepoint():
            self.accrue()
        with self.assertLogs(accrual.__name__, "WARNING"):
            self.assertFalse(self.run_job())

    def test_the_database_keeps_the_pair(self):
        made = self.accrue()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            made.reversal_id = False
            self.env.flush_all()

    def test_roles(self):
        made = self.accrue()
        for role in self.users:
            rows = self.as_role(role)["channel.return.accrual"]
            with self.subTest(role=role):
                self.assertEqual(rows.has_access("read"), role in READERS)
                for mode in ("write", "create", "unlink"):
                    self.assertFalse(rows.has_access(mode))
                if role not in ("finance", "admin"):
                    for button in (rows.action_accrue, made.with_env(rows.env).action_take_back):
                        with self.assertRaises(AccessError):
                            button()

    def test_the_button(self):
        finance = self.as_role("finance")["channel.return.accrual"]
        with patch.object(type(self.Accrual), "_last_month", lambda _self: self.today):
            finance.action_accrue()
            self.assertEqual(finance.search([]).shop_id, self.shop)
            with self.assertRaisesRegex(UserError, "already"):
                finance.action_accrue()
        self.company.channel_return_accrual = False
        with self.assertRaisesRegex(UserError, "switched off"):
            finance.action_accrue()

    def test_the_orders_story_ends_with_the_credit_note(self):
        self.after(self.orders[1], 500)
        notes = self.run_all()
        told = self.orders.event_ids.filtered(lambda event: event.kind == "credited")
        self.assertEqual((told.order_id, told.note), (self.orders[1], notes.name))
