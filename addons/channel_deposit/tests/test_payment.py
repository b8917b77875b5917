from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .cash_common import CashCommon


@tagged("post_install", "-at_install")
class TestPayment(CashCommon):
    """An approved refund names its payee, and meets the bank line that pays it."""

    def _refund(self, **values):
        refund = self._request(**values)
        refund.action_submit()
        self._check(refund).action_approve()
        return refund

    def _line(self, amount=-4.0, **values):
        return self._bank_line(amount, **{"date": self.today, **values})

    def setUp(self):
        super().setUp()
        self.today = self.env.cr.now().date()

    def _open_receipts(self):
        account = self.company._deposit_account_for("receipts")
        lines = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return sorted(line.amount_residual for line in lines if not line.reconciled)

    def test_the_only_bank_account_is_the_payee(self):
        refund = self._request()
        self.assertEqual(refund.payee_bank_id, self.dealer_a.partner_id.bank_ids)
        self._number_of(self.dealer_a, "6222 0000 0002")
        self.assertFalse(self._request().payee_bank_id)

    def test_without_a_payee_it_is_not_submitted(self):
        refund = self._request()
        refund.payee_bank_id = False
        with self.assertRaisesRegex(UserError, "bank account in Pay To"):
            refund.action_submit()

    def test_the_payee_is_the_member_and_stays_so(self):
        self._number_of(self.dealer_b, "6222 0000 0003")
        theirs = self.dealer_b.partner_id.bank_ids
        refund = self._request()
        with self.assertRaisesRegex(UserError, "goes to the member itself"):
            refund.payee_bank_id = theirs
        self._number_of(self.dealer_a, "6222 0000 0004")
        refund = self._refund(payee_bank_id=self.dealer_a.partner_id.bank_ids[0].id)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            refund.sudo().payee_bank_id = self.dealer_a.partner_id.bank_ids[1]
            refund.flush_recordset()

    def test_its_bank_line_is_found_matched_and_reconciled(self):
        refund = self._refund()
        self.assertFalse(refund.paying_line_id)
        self.assertEqual(self._open_receipts(), [-4.0])
        self._line(-3.0)
        wanted = self._line()
        refund.invalidate_recordset()
        self.assertEqual(refund.paying_line_id, wanted)
        refund.action_match_bank()
        self.assertTrue(wanted.is_reconciled)
        self.assertEqual((refund.statement_line_id, self._open_receipts()), (wanted, []))
        with self.assertRaisesRegex(UserError, "waits for its bank line"):
            refund.action_match_bank()

    def test_the_payees_own_line_comes_first(self):
        refund = self._refund()
        self._line()
        theirs = self._line(account_number="6222-0000 0001")
        self.assertEqual(refund.paying_line_id, theirs)

    def test_one_line_pays_one_refund(self):
        first, second = self._refund(), self._refund()
        line = self._line()
        self.assertEqual((first | second).paying_line_id, line)
        first.action_match_bank()
        second.invalidate_recordset()
        self.assertFalse(second.paying_line_id)
        with self.assertRaisesRegex(UserError, "Import the bank statement"):
            second.action_match_bank()

    def test_a_line_of_another_amount_is_another_payment(self):
        refund = self._refund()
        with self.assertRaisesRegex(UserError, "two payments"):
            refund._match_line(self._line(-5.0))

    def test_undone_it_lets_go_of_its_line(self):
        refund = self._refund()
        line = self._line()
        refund.action_match_bank()
        undo = self._request("correction", entry_id=self._check(refund)._entries()[0].id)
        undo.action_submit()
        self._check(undo).action_approve()
        self.assertEqual((refund.state, line.is_reconciled), ("reversed", False))
        again = self._refund()
        again.action_match_bank()
        self.assertTrue(line.is_reconciled)

    def test_sales_managers_do_not_see_bank_accounts(self):
        refund = self._refund().with_env(self.as_role("sales_manager"))
        with self.assertRaises(AccessError):
            refund.read(["payee_bank_id"])
        with self.assertRaises(AccessError):
            refund.action_match_bank()
