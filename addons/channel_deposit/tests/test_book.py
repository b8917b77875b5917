from unittest.mock import patch

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.channel_deposit.core.ledger import Done, Refusal, Why
from odoo.addons.channel_deposit.core.operations import (
    Capture,
    Close,
    PlaceHold,
    Refund,
    Release,
    Reverse,
    TopUp,
    Transfer,
)

from .common import DepositCommon


@tagged("post_install", "-at_install")
class TestBook(DepositCommon):
    def _amounts(self, account=None):
        account = account or self.account
        return account.posted, account.held, account.available

    def _entries(self):
        return self.env["channel.deposit.entry"].search([("account_id", "=", self.account.id)])

    def test_an_order_is_held_and_paid_delivery_by_delivery(self):
        self.accounts._book([PlaceHold(key="so", account=self.account.id, amount=700)])
        self.assertEqual(self._amounts(), (10.0, 7.0, 3.0))
        self.accounts._book([Capture(key="inv 1", hold="so", amount=299, keep=401)])
        self.assertEqual(self._amounts(), (7.01, 4.01, 3.0))
        self.accounts._book([Capture(key="inv 2", hold="inv 1", amount=400)])
        self.assertEqual(self._amounts(), (3.01, 0.0, 3.01))
        holds = self.env["channel.deposit.hold"].search([("account_id", "=", self.account.id)])
        self.assertEqual(
            [(hold.key, hold.state, hold.amount, hold.captured) for hold in holds.sorted("id")],
            [("so", "captured", 7.0, 2.99), ("inv 1", "captured", 4.01, 4.0)],
        )
        entries = self._entries()
        self.assertEqual(sum(entries.mapped("posted")), self.account.posted)
        self.assertEqual(entries.mapped("number"), [5, 4, 3, 2, 1])
        self.assertEqual(entries.company_id, self.company)

    def test_a_replay_answers_what_the_first_answered(self):
        hold = PlaceHold(key="so", account=self.account.id, amount=700, source="sale.order,1")
        (first,) = self.accounts._book([hold])
        (again,) = self.accounts._book([hold])
        self.assertEqual((again.entries, again.replayed), (first.entries, True))
        (other,) = self.accounts._book([PlaceHold(key="so", account=self.other.id, amount=700)])
        self.assertEqual(other.why, Why.KEY_REUSED)
        self.assertEqual(self._amounts(), (10.0, 7.0, 3.0))
        self.assertEqual(self._amounts(self.other), (10.0, 0.0, 10.0))

    def test_only_who_sets_something_aside_is_asked_what_is_overdue(self):
        with patch.object(type(self.accounts), "_overdue", return_value={}) as asked:
            self.accounts._book([Refund(key="back", account=self.account.id, amount=100)])
            asked.assert_not_called()
            self.accounts._book([PlaceHold(key="so", account=self.account.id, amount=100)])
            asked.assert_called_once()

    def test_a_transfer_and_its_reversal(self):
        batch = [
            Transfer(key="t", account=self.account.id, target=self.other.id, amount=400),
            Reverse(key="r", of="t", note="wrong dealer"),
        ]
        self.assertTrue(all(isinstance(done, Done) for done in self.accounts._book(batch[:1])))
        self.assertEqual((self.account.posted, self.other.posted), (6.0, 14.0))
        self.accounts._book(batch[1:])
        self.assertEqual((self.account.posted, self.other.posted), (10.0, 10.0))
        (twice,) = self.accounts._book([Reverse(key="r2", of="t", note="again")])
        self.assertEqual(twice.why, Why.REVERSE_TWICE)

    def test_a_refusal_says_what_is_missing_and_nothing_is_booked(self):
        batch = [
            TopUp(key="a", account=self.account.id, amount=1),
            Refund(key="b", account=self.account.id, amount=1202),
        ]
        with self.assertRaisesRegex(UserError, r"12\.02 wanted, 10\.01 there, 2\.01 missing"):
            self.accounts._book_or_raise(batch)
        self.assertEqual(self._amounts(), (10.0, 0.0, 10.0))
        self.assertEqual(len(self._entries()), 2)

    def test_every_reason_has_words(self):
        for why in Why:
            text = self.accounts._words([Refusal("key", why, self.account.id, 300, 100)])
            self.assertTrue(text, why)
            self.assertNotIn("%(", text)

    def test_one_account_for_a_purpose_until_it_is_closed(self):
        self.assertEqual(self.accounts._ensure(self.dealer_a), self.account)
        rebate = self.accounts._ensure(self.dealer_a, "rebate")
        self.assertEqual((rebate.state, rebate.number), ("draft", 0))
        self.accounts._book_or_raise(
            [
                Refund(key="out", account=self.account.id, amount=1000),
                Close(key="end", account=self.account.id),
            ]
        )
        self.assertEqual(self.account.state, "closed")
        self.assertNotEqual(self.accounts._ensure(self.dealer_a), self.account)

    def test_only_the_companys_currency(self):
        with self.assertRaisesRegex(ValidationError, "CNY"):
            self.accounts.create(
                {"member_id": self.dealer_b.id, "currency_id": self.env.ref("base.USD").id,
                 "purpose": "rebate", "company_id": self.company.id}
            )  # fmt: skip

    def test_nobody_writes_but_the_ledger(self):
        self.accounts._book([PlaceHold(key="so", account=self.account.id, amount=1)])
        entry = self._entries()[:1]
        hold = self.env["channel.deposit.hold"].search([("key", "=", "so")])
        for change in (
            lambda: entry.sudo().write({"posted": 1}),
            lambda: entry.sudo().unlink(),
            lambda: entry.sudo().create([{"key": "x"}]),
            lambda: hold.sudo().write({"state": "released"}),
            lambda: hold.sudo().unlink(),
            lambda: self.account.sudo().write({"posted": 1}),
            lambda: self.account.sudo().write({"purpose": "rebate"}),
            lambda: self.account.sudo().unlink(),
            lambda: self.accounts.sudo().create([{"member_id": 1, "posted": 5}]),
        ):
            with self.assertRaises(UserError):
                change()

    def _refused(self, error, query):
        with (
            self.assertRaises(error),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(SQL(query))

    def test_the_database_refuses_what_the_ledger_would_not_do(self):
        book, account = self.accounts._book, self.account.id
        book([PlaceHold(key="so", account=account, amount=1), Release(key="rel", hold="so")])
        book([PlaceHold(key="so 2", account=account, amount=1)])
        for query in (
            "UPDATE channel_deposit_entry SET note = 'x'",
            "DELETE FROM channel_deposit_entry",
            "DELETE FROM channel_deposit_hold",
            "UPDATE channel_deposit_hold SET state = 'captured', captured = 0.01 WHERE key = 'so'",
            "UPDATE channel_deposit_hold SET amount = 5 WHERE key = 'so 2'",
            f"UPDATE channel_deposit_account SET posted = 50 WHERE id = {account}",
            f"UPDATE channel_deposit_account SET purpose = 'rebate' WHERE id = {account}",
            f"UPDATE channel_deposit_account SET posted = -1, number = 99 WHERE id = {account}",
        ):
            with self.subTest(query=query):
                self._refused(CheckViolation, query)

    def test_the_database_knows_each_operation_and_resolution_once(self):
        account = self.account.id
        self.accounts._book(
            [PlaceHold(key="so", account=account, amount=1), Release(key="rel", hold="so"),
             Reverse(key="rev", of=f"start {account}", note="x")]
        )  # fmt: skip
        names = "company_id, kind, digest, posted, held, credit_line, posted_after, held_after,"
        names += " credit_line_after, places"
        copy = (
            "INSERT INTO channel_deposit_entry"
            f" (key, leg, account_id, number, resolves, reverses, at, {names})"
            " SELECT %s, leg, account_id, %s, resolves, reverses, at," + names
            + " FROM channel_deposit_entry WHERE key = '%s'"
        )  # fmt: skip
        self._refused(UniqueViolation, copy % ("key", 98, "so"))
        self._refused(UniqueViolation, copy % ("'new'", "number", "so"))
        self._refused(UniqueViolation, copy % ("'new'", 98, "rel"))
        self._refused(UniqueViolation, copy % ("'new'", 98, "rev"))
