from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_deposit.core.operations import Capture, PlaceHold

from .cash_common import CashCommon


@tagged("post_install", "-at_install")
class TestRequest(CashCommon):
    def _done(self, kind="refund", **values):
        request = self._request(kind, **values)
        request.action_submit()
        self._check(request).action_approve()
        return request

    def test_unspent_money_is_paid_back(self):
        self.accounts._book([PlaceHold(key="so", account=self.account.id, amount=700)])
        with self.assertRaisesRegex(UserError, r"4\.00 wanted, 3\.00 there"):
            self._request().action_submit()
        request = self._done(amount=3)
        self.assertEqual((self.account.posted, self.account.available), (7.0, 0.0))
        entry = self._entries_of(self.account)[0]
        self.assertEqual((entry.key, entry.note), (f"refund,{request.id}", "as agreed"))

    def test_what_was_spent_meanwhile_is_not_paid_back(self):
        request = self._request()
        request.action_submit()
        self.accounts._book([PlaceHold(key="so", account=self.account.id, amount=700)])
        with self.assertRaisesRegex(UserError, "missing"), self.env.cr.savepoint():
            self._check(request).action_approve()
        self.assertEqual((request.state, self.account.posted), ("submitted", 10.0))

    def test_a_rebate_is_never_paid_back_or_moved(self):
        rebate = self._open(self.dealer_a, 1000, "rebate")
        for kind, values in (("refund", {}), ("transfer", {"target_account_id": self.account.id})):
            with self.subTest(kind=kind), self.assertRaisesRegex(UserError, "never"):
                self._request(kind, account_id=rebate.id, **values).action_submit()

    def test_a_transfer_moves_money_within_one_book(self):
        self._done("transfer", target_account_id=self.other.id)
        self.assertEqual((self.account.posted, self.other.posted), (6.0, 14.0))
        kept = self._open(self.retailer_a1, 1000, creditor=self.dealer_a)
        with self.assertRaisesRegex(UserError, "keeper"):
            self._request("transfer", target_account_id=kept.id).action_submit()

    def test_a_credit_line_is_granted_and_taken_back_as_far_as_it_is_free(self):
        self._done("credit_line", amount=50)
        self.assertEqual((self.account.credit_line, self.account.available), (50.0, 60.0))
        self.accounts._book([PlaceHold(key="so", account=self.account.id, amount=3000)])
        with self.assertRaisesRegex(UserError, "there"):
            self._request("credit_line", amount=0).action_submit()
        self._done("credit_line", amount=20)
        self.assertEqual(self.account.available, 0.0)

    def test_a_spent_amount_is_undone_with_a_reason(self):
        self.accounts._book(
            [PlaceHold(key="so", account=self.account.id, amount=700),
             Capture(key="inv", hold="so", amount=700)]
        )  # fmt: skip
        entry = self._entries_of(self.account)[0]
        request = self._done("correction", entry_id=entry.id, amount=0, reason="not delivered")
        self.assertEqual((request.amount, self.account.posted), (7.0, 10.0))
        self.assertEqual(self._entries_of(self.account)[0].note, "not delivered")
        again = self._request("correction", entry_id=entry.id)
        with self.assertRaisesRegex(UserError, "reversed already"):
            again.action_submit()

    def test_the_bonus_goes_with_its_top_up_or_alone(self):
        self._bonus_rule()
        voucher = self._approved()
        rebate = self.accounts._ensure(self.dealer_a, "rebate")
        money, bonus = self._check(voucher)._entries()
        self._done("correction", entry_id=bonus.id)
        self.assertEqual((self.account.posted, rebate.posted), (110.0, 0.0))
        self.assertEqual(voucher.state, "approved")
        self._done("correction", entry_id=money.id)
        self.assertEqual((self.account.posted, voucher.state), (10.0, "reversed"))

    def test_a_top_up_whose_bonus_is_used_up_is_not_undone(self):
        self._bonus_rule()
        voucher = self._approved()
        rebate = self.accounts._ensure(self.dealer_a, "rebate")
        self.accounts._book([PlaceHold(key="so", account=rebate.id, amount=1)])
        undo = self._request("correction", entry_id=self._check(voucher)._entries()[0].id)
        with self.assertRaisesRegex(UserError, "missing"):
            undo.action_submit()
        self.assertEqual(self.account.posted, 110.0)

    def test_a_transfer_is_undone_on_both_sides(self):
        transfer = self._done("transfer", target_account_id=self.other.id)
        for entry in self._check(transfer)._entries():
            self.assertEqual(entry.source, f"channel.deposit.request,{transfer.id}")
        self._done("correction", entry_id=self._check(transfer)._entries()[1].id)
        self.assertEqual((self.account.posted, self.other.posted), (10.0, 10.0))
        self.assertEqual(transfer.state, "reversed")

    def test_holds_and_openings_are_not_undone(self):
        self.accounts._book([PlaceHold(key="so", account=self.account.id, amount=700)])
        request = self._request("correction", entry_id=self._entries_of(self.account)[0].id)
        with self.assertRaisesRegex(UserError, "Release a hold"):
            request.action_submit()

    def test_a_correction_is_of_its_entry(self):
        entry = self._entries_of(self.account)[0]
        request = self._request("correction", entry_id=entry.id, account_id=self.other.id)
        self.assertEqual((request.account_id, request.amount), (self.account, 10.0))
        with self.assertRaisesRegex(UserError, "whole entry"), self.env.cr.savepoint():
            request.write({"amount": 1})

    def test_the_maker_does_not_approve(self):
        request = self._request()
        request.action_submit()
        with self.assertRaisesRegex(UserError, "yourself"):
            request.action_approve()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            request._decide("approved")

    def test_a_request_has_its_shape(self):
        for values in (
            {"kind": "transfer"},
            {"kind": "correction"},
            {"kind": "refund", "target_account_id": self.other.id},
            {"kind": "transfer", "target_account_id": self.account.id},
            {"reason": " "},
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._request(**values)
                self.env.flush_all()

    def test_bad_amounts_and_accounts_are_refused_in_words(self):
        for amount in (0.001, -1, float("nan")):
            with self.subTest(amount=amount), self.assertRaisesRegex(UserError, "amount"):
                self._request(amount=amount)
        for amount in (0, 10**15):
            with self.subTest(amount=amount), self.assertRaisesRegex(UserError, "amount"):
                self._request(amount=amount).action_submit()
        draft = self.accounts._ensure(self.dealer_a1)
        with self.assertRaisesRegex(UserError, "not open"):
            self._request(account_id=draft.id).action_submit()

    def test_sales_managers_read_and_do_not_decide(self):
        request = self._request()
        request.action_submit()
        theirs = request.with_env(self.as_role("sales_manager"))
        self.assertEqual(theirs.amount, 4.0)
        with self.assertRaises(AccessError):
            theirs.action_approve()
