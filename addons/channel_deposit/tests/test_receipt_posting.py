from unittest.mock import patch

from odoo.tests import tagged

from .cash_common import CashCommon


@tagged("post_install", "-at_install")
class TestReceiptPosting(CashCommon):
    """A bank line and the posting of its money meet on "receipts to claim"."""

    def _claimed(self, line, account=None):
        vouchers = self.as_user(self.maker)["channel.deposit.voucher"]
        claim = vouchers.create(
            vouchers._from_line(line) | {"account_id": (account or self.account).id}
        )
        claim.action_submit()
        self._check(claim).action_approve()
        return claim

    def _undone(self, voucher):
        undo = self._request("correction", entry_id=self._check(voucher)._entries()[0].id)
        undo.action_submit()
        self._check(undo).action_approve()

    def _open_receipts(self):
        """What stands on "receipts to claim", item by item."""
        account = self.company._deposit_account_for("receipts")
        lines = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return sorted(line.amount_residual for line in lines if not line.reconciled)

    def test_a_claim_is_posted_and_reconciled_with_its_line(self):
        line = self._bank_line()
        claim = self._claimed(line)
        self.assertTrue(claim.sudo()._posted_money().reconciled)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self._open_receipts(), [])
        receipts = self.company._deposit_account_for("receipts")
        mine = line.move_id.line_ids.filtered(lambda item: item.account_id == receipts)
        self.assertEqual((mine.balance, mine.partner_id), (-100.0, self.dealer_a.partner_id))

    def test_a_slip_is_reconciled_when_it_is_matched(self):
        slip = self._approved()
        self.assertEqual(self._open_receipts(), [100.0])
        line = self._bank_line()
        line.with_env(self.as_user(self.maker)).action_match_deposit()
        self.assertTrue(line.is_reconciled)
        self.assertTrue(slip.sudo()._posted_money().reconciled)
        self.assertEqual(self._open_receipts(), [])

    def test_what_is_posted_later_is_reconciled_then(self):
        line = self._bank_line()
        posting = self.env["channel.deposit.posting"]
        with patch.object(type(posting), "_post_or_pass", lambda *args: None):
            claim = self._claimed(line)
        self.assertFalse(line.is_reconciled)
        posting._post_entries(claim.sudo()._entries())
        self.assertTrue(line.is_reconciled)

    def test_a_claim_undone_opens_the_line_for_the_right_dealer(self):
        line = self._bank_line()
        self._undone(self._claimed(line))
        self.assertFalse(line.is_reconciled)
        self.assertEqual(self._open_receipts(), [])
        right = self._claimed(line, self.other)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self._open_receipts(), [])
        self.assertEqual((right.state, self.other.posted), ("approved", 110.0))
        goods = self.company._deposit_account_for("goods")
        balances = self.env["account.move.line"]._read_group(
            [("account_id", "=", goods.id), ("parent_state", "=", "posted")],
            ["partner_id"],
            ["balance:sum"],
        )
        self.assertEqual(
            {partner: amount for partner, amount in balances if amount},
            {self.dealer_b.partner_id: -100.0},
        )

    def test_a_line_that_the_accountant_settled_is_left_alone(self):
        slip, line = self._approved(), self._bank_line()
        _money, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1
        )
        self.assertTrue(line.is_reconciled)
        self._check(slip)._match_line(line)
        self.assertEqual(self._open_receipts(), [100.0])
