import base64
import io
from datetime import timedelta

from openpyxl import load_workbook
from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_deposit.core.operations import Open
from odoo.addons.channel_network.core.money import to_fen

from .common import StatementCommon


@tagged("post_install", "-at_install")
class TestPayout(StatementCommon):
    """31.60 to the agent."""

    def setUp(self):
        super().setUp()
        self.split()

    def confirmed(self):
        statement = self.agreed(self.run_until(self.later()))
        return statement, self.clerk(statement.payout_ids)

    def in_file(self, payouts):
        action = payouts.action_bank_file()
        return self.clerk(self.env["settlement.payout.file"].browse(action["res_id"]))

    def open_payable(self):
        return self.balance("payable", self.agent)

    def test_by_bank_file(self):
        statement, payout = self.confirmed()
        file = self.in_file(payout)
        self.assertEqual((payout.state, statement.state), ("in_file", "confirmed"))
        sheet = load_workbook(io.BytesIO(base64.b64decode(file.file))).active
        row = list(sheet.iter_rows(values_only=True))[-1]
        self.assertEqual(row[:2] + row[4:5], ("Agent", "6222000011112222", 31.6))
        self.assertEqual(self.open_payable(), -3160)
        file.action_paid()
        self.assertEqual((payout.state, statement.state, file.state), ("paid", "paid", "done"))
        self.assertEqual(self.open_payable(), 0)
        self.assertEqual(self.balance("transit", self.agent), -3160)
        payable = (statement.move_id | payout.sudo().move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )
        self.assertEqual(payable.mapped("reconciled"), [True, True])

    def test_nothing_is_paid_twice(self):
        _statement, payout = self.confirmed()
        file = self.in_file(payout)
        with self.assertRaisesRegex(UserError, "At the Bank"):
            payout.action_bank_file()
        file.action_paid()
        with self.assertRaisesRegex(UserError, "Nothing in"):
            file.action_paid()
        self.assertEqual(self.balance("transit", self.agent), -3160)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            payout.sudo().copy({"state": "waiting"})

    def test_a_transfer_that_came_back_is_paid_again(self):
        statement, payout = self.confirmed()
        self.in_file(payout).action_paid()
        payout.action_came_back()
        self.assertEqual((payout.state, statement.state), ("failed", "confirmed"))
        self.assertEqual((self.open_payable(), self.balance("transit", self.agent)), (-3160, 0))
        again = statement.payout_ids - payout
        self.assertEqual(again.state, "waiting")
        self.in_file(self.clerk(again)).action_paid()
        self.assertEqual((self.open_payable(), statement.state), (0, "paid"))

    def test_a_file_that_the_bank_never_got(self):
        _statement, payout = self.confirmed()
        file = self.in_file(payout)
        file.action_take_back()
        self.assertEqual(payout.state, "waiting")
        self.in_file(payout).action_paid()
        with self.assertRaisesRegex(UserError, "it stays"):
            file.action_take_back()

    def test_the_day_of_the_bank(self):
        _statement, payout = self.confirmed()
        file = self.in_file(payout)
        file.paid_on = self.today + timedelta(1)
        with self.assertRaisesRegex(UserError, "Enter the day"):
            file.action_paid()
        file.paid_on = self.today - timedelta(2)
        file.action_paid()
        self.assertEqual(payout.sudo().move_id.date, self.today - timedelta(2))

    def test_without_a_bank_account(self):
        self.agent.bank_ids.unlink()
        _statement, payout = self.confirmed()
        self.assertIn("bank account", payout.trouble)
        with self.assertRaisesRegex(UserError, "bank account"):
            payout.action_bank_file()
        self.assertEqual(payout.state, "waiting")

    def test_an_invoice_first(self):
        self.terms.paper = "invoice"
        statement, payout = self.confirmed()
        self.assertEqual(to_fen(statement.amount_invoice_missing), 3160)
        with self.assertRaisesRegex(UserError, "invoice is missing"):
            payout.action_bank_file()
        invoices = self.env["settlement.invoice"].with_user(self.users["finance"])
        invoices.create(
            {"statement_id": statement.id, "number": "2411", "amount": 31.6, "amount_tax": 1.79}
        )
        self.assertFalse(payout.trouble)
        self.in_file(payout)

    def test_income_tax_counts_the_month_together(self):
        self.terms.paper = "withhold"
        fees = self.env["settlement.fee"]
        fees.create({"name": "A", "kind": "bonus", "partner_id": self.agent.id, "amount": 768.40})
        _statement, payout = self.confirmed()
        self.in_file(payout).action_paid()
        self.assertEqual(to_fen(payout.tax), 0)  # 800 are free
        fees.create(
            {"name": "B", "kind": "bonus", "partner_id": self.agent.id, "amount": 1000,
             "day": self.later(2)}
        )  # fmt: skip
        second = self.agreed(self.run_until(self.later(2)))
        payout = self.clerk(second.payout_ids)
        self.in_file(payout).action_paid()
        self.assertEqual((to_fen(payout.tax), to_fen(payout.net)), (20000, 80000))
        self.assertEqual(self.open_payable(), 0)
        self.assertEqual(self.balance("tax", self.agent), -20000)
        self.assertEqual(self.balance("transit", self.agent), -80000 - 80000)

    def test_into_the_deposit(self):
        self.terms.way = "deposit"
        _statement, payout = self.confirmed()
        self.assertIn("no open goods deposit", payout.trouble)
        partner = self.env["res.partner"].create({"name": "Agent Ltd", "is_company": True})
        member = self.env["channel.member"].create(
            {"partner_id": partner.id, "kind": "dealer", "code": "AGENTDEP"}
        )
        account = self.env["channel.deposit.account"]._ensure(member, "goods")
        account.sudo()._book_or_raise([Open(key=f"open,{account.id}", account=account.id)])
        payout.sudo().partner_id = partner  # as if the scheme had named the member
        self.assertFalse(payout.trouble)
        receipts = self.balance("deposit")
        payout.action_pay_deposit()
        self.assertEqual(payout.state, "paid")
        self.assertEqual(to_fen(account.posted), 3160)
        self.assertEqual(self.balance("deposit"), receipts)  # both entries met
        met = payout.sudo().move_id.line_ids.filtered(
            lambda line: line.account_id == self.env.company._settlement_account("deposit")
        )
        self.assertTrue(met.reconciled)
        with self.assertRaisesRegex(UserError, "Paid"):
            payout.action_pay_deposit()
        self.assertEqual(to_fen(account.posted), 3160)

    def test_others_may_not(self):
        _statement, payout = self.confirmed()
        for action in ("action_bank_file", "action_pay_deposit", "action_to_bank"):
            with self.assertRaises(AccessError):
                getattr(payout.with_user(self.users["sales_manager"]), action)()

    def test_the_database_keeps_it(self):
        _statement, payout = self.confirmed()
        self.env.flush_all()
        for query in (
            "UPDATE settlement_payout SET state = 'paid' WHERE id = %s",
            "UPDATE settlement_payout SET state = 'in_file' WHERE id = %s",
            "UPDATE settlement_payout SET tax = 1 WHERE id = %s",
            "UPDATE settlement_payout SET amount = 0, net = 0 WHERE id = %s",
        ):
            with (
                self.subTest(query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query, [payout.id])
