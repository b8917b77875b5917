from collections import Counter
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from simulators import bill_files, planted

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from . import books
from .common import ReconcileCommon

BEGIN = planted.BEGIN.date()
END = BEGIN + timedelta(days=planted.DAYS - 1)


class MatchCommon(ReconcileCommon):
    """A shop of our own, paid to the merchant number."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.merchant = cls.env["channel.payment.merchant"].create(
            {
                "name": "Mini program",
                "number": bill_files.MERCHANT,
                "app_ref": planted.APP,
                "credential_ref": "TEST",
                "company_id": cls.company.id,
            }
        )
        cls.wechat.write(
            {"merchant_id": cls.merchant.id, "fee_rate": 0.6, "shop_refs": planted.APP}
        )
        cls.shop = cls.env["channel.shop"].create(
            {"name": "Mini", "code": "MINI", "platform": "file", "platform_shop_ref": "mini"}
        )
        cls.Difference = cls.env["reconcile.difference"]
        cls.Day = cls.env["reconcile.day"]

    def put(self, month):
        """A planted month into the books and the bill."""
        books.write(self.env, self.merchant, self.shop, month)
        trades = [trade for each in month for trade in each.trades]
        bill = self.upload(self.file(trades))
        self.assertEqual(bill.state, "done", bill.trouble)
        return bill

    def expected(self, month):
        """{number of the row or entry: cause} of what was planted."""
        found = {}
        for each in month:
            if not each.cause:
                continue
            if each.cause == "status":
                key = each.trades[1].refund_own
            elif each.cause == "duplicate":
                key = each.trades[1].ref if len(each.trades) > 1 else each.entries[1].key
            else:
                key = each.trades[0].ref if each.trades else each.entries[0].key
            found[key] = each.cause
        return found

    def found(self):
        rows = self.Difference.search(
            [("account_id", "=", self.wechat.id), ("state", "!=", "gone")]
        )
        return {row.key: row.cause for row in rows}


@tagged("post_install", "-at_install")
class TestMatch(MatchCommon):
    """Every planted difference under its cause, and none that was not planted."""

    def test_each_cause_is_found_and_none_is_invented(self):
        month = list(planted.month(100_000))
        self.put(month)
        with self.assertQueryCount(60):
            count = self.wechat._match(BEGIN, END)
        expected = self.expected(month)
        self.assertEqual(Counter(expected.values()), dict.fromkeys(planted.CAUSES, 100))
        self.assertEqual(self.found(), expected)
        self.assertEqual(count, len(expected))


@tagged("post_install", "-at_install")
class TestDifference(MatchCommon):
    """What becomes of a difference: found, waiting, settled, gone."""

    def setUp(self):
        super().setUp()
        self.month = list(planted.month(60, every=60))  # two orders a day

    def match(self, start=BEGIN, end=END):
        self.wechat._match(start, end)
        self.env.invalidate_all()

    def difference(self, cause):
        return self.Difference.search(
            [("cause", "=", cause), ("state", "!=", "gone"), ("account_id", "=", self.wechat.id)]
        )

    def clerk(self, records):
        return records.with_user(self.users["finance"])

    def test_the_same_days_again_give_the_same(self):
        self.put(self.month)
        self.match()
        before = self.Difference.search([("account_id", "=", self.wechat.id)])
        self.assertEqual(self.found(), self.expected(self.month))
        self.match()
        self.match(BEGIN + timedelta(days=1), BEGIN + timedelta(days=3))
        self.assertEqual(self.Difference.search([("account_id", "=", self.wechat.id)]), before)
        self.assertEqual(self.found(), self.expected(self.month))

    def test_a_fee_that_is_more_than_a_fen_off_is_found(self):
        month = [planted.Planted(each.trades, each.entries) for each in self.month[20:24]]
        trades = [
            replace(each.trades[0], fee=each.trades[0].fee + fee)
            for each, fee in zip(month, (0, 1000, 1100, -1100), strict=True)
        ]
        month = [
            replace(each, trades=(trade,), entries=each.entries[:1])
            for each, trade in zip(month, trades, strict=True)
        ]
        self.put(month)
        self.match()
        self.assertEqual(self.found(), dict.fromkeys([trades[2].ref, trades[3].ref], "fee"))

    def test_both_sides_of_a_difference(self):
        self.put(self.month)
        self.match()
        amount = self.difference("amount")
        self.assertEqual(amount.amount, -0.01)
        self.assertEqual(round(amount.amount_books - amount.amount_bill, 2), 0.01)
        self.assertEqual(amount.action_open_row()["res_id"], amount.row_id.id)
        action = self.clerk(amount).action_open_entry()
        payment = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(payment.transaction_ref, amount.key)
        fee = self.difference("fee")
        self.assertEqual(round(fee.fee_bill - fee.fee_books, 5), 0.02)
        only = self.difference("only_books")
        self.assertFalse(only.row_id)
        self.assertEqual(only.amount, -only.amount_books)

    def test_a_day_has_three_sums(self):
        bill = self.put(self.month)
        self.match()
        days = self.Day.search([("account_id", "=", self.wechat.id)])
        self.assertEqual(sum(days.mapped("bill_count")), bill.row_count)
        self.assertEqual(
            sum(days.mapped("matched_count")) + sum(days.mapped("difference_count")),
            bill.row_count,
        )
        entries = [entry for each in self.month for entry in each.entries]
        self.assertEqual(sum(days.mapped("books_count")), len(entries))
        signed = sum(-each.amount if each.kind == "refund" else each.amount for each in entries)
        self.assertEqual(round(sum(days.mapped("books_amount")) * 100), signed)
        first = days.filtered(lambda day: day.day == BEGIN)
        self.assertEqual(first.open_count, 2)  # only in the bill, only in the books
        action = self.clerk(first).action_open_differences()
        self.assertEqual(len(self.Difference.search(action["domain"])), 2)

    def test_what_the_books_learn_later_is_gone(self):
        self.put(self.month)
        self.match()
        lone = self.difference("only_bill")
        order = self.env["channel.order"].search([("shop_id", "=", self.shop.id)], limit=1)
        self.env["channel.payment"].create(
            {
                "merchant_id": self.merchant.id, "transaction_ref": lone.key,
                "order_id": order.id, "amount": lone.amount_bill, "paid_at": lone.at_bill,
            }
        )  # fmt: skip
        self.match()
        self.assertEqual(lone.state, "gone")
        self.assertFalse(self.difference("only_bill"))

    def test_what_stands_alone_on_the_last_day_waits_for_the_next_bill(self):
        books.write(self.env, self.merchant, self.shop, self.month)
        trades = [trade for each in self.month for trade in each.trades]
        first = [each for each in trades if each.at.date() == BEGIN]
        self.upload(self.file(first), "first.csv")
        self.match(BEGIN, BEGIN)
        self.assertEqual(
            {row.cause: row.state for row in self.Difference.search([("day", "=", BEGIN)])},
            {"only_bill": "waiting", "only_books": "waiting"},
        )
        second = [each for each in trades if each.at.date() == BEGIN + timedelta(days=1)]
        self.upload(self.file(second), "second.csv")
        self.match(BEGIN, BEGIN + timedelta(days=1))
        self.assertEqual(self.difference("only_bill").state, "open")
        self.assertEqual(self.difference("only_books").state, "open")

    def test_days_without_a_bill_expect_nothing(self):
        books.write(self.env, self.merchant, self.shop, self.month)
        self.match()
        self.assertFalse(self.found())
        self.assertFalse(self.Day.search([("account_id", "=", self.wechat.id)]))

    def test_an_account_of_which_the_books_know_nothing_is_not_matched(self):
        self.wechat.merchant_id = False
        self.put(self.month)
        self.match()
        self.assertFalse(self.found())

    def test_a_clerk_settles_with_a_note_and_takes_it_back(self):
        self.put(self.month)
        self.match()
        fee = self.clerk(self.difference("fee"))
        with self.assertRaisesRegex(UserError, "Say in a note"):
            fee.action_settle()
        fee.note = "Agreed with the channel"
        fee.action_settle()
        self.match()
        self.assertEqual(fee.state, "settled")
        fee.action_reopen()
        self.assertEqual(fee.state, "open")
        fee.action_wait()
        self.assertEqual(fee.state, "waiting")
        self.match()
        self.assertEqual(fee.state, "open")

    def test_a_bill_that_is_taken_back_leaves_no_difference(self):
        bill = self.put(self.month)
        self.match()
        bill.action_take_back()
        self.match()
        self.assertFalse(self.found())

    def test_a_bill_lets_its_days_be_matched(self):
        with patch.object(type(self.wechat), "_job_match", autospec=True) as match:
            self.with_jobs(lambda: self.put(self.month))
        self.assertEqual(match.call_args.args[1:], (BEGIN, END))

    def with_jobs(self, work):
        """Do what is queued at once."""
        with patch.object(
            type(self.wechat), "with_delay", lambda records, **_how: records, create=False
        ):
            work()

    def test_the_night_looks_at_what_is_open(self):
        self.put(self.month)
        self.match()
        today = fields.Date.today()
        for table, days in (("difference", 9), ("day", 5)):
            self.env.cr.execute(
                f"UPDATE reconcile_{table} SET day = %s"
                f" WHERE id = (SELECT min(id) FROM reconcile_{table} WHERE account_id = %s)",
                [today - timedelta(days=days), self.wechat.id],
            )
        self.env.invalidate_all()
        with patch.object(type(self.wechat), "_job_match", autospec=True) as match:
            self.with_jobs(self.env["reconcile.account"]._cron_match)
        spans = [call.args[1:] for call in match.call_args_list if call.args[0] == self.wechat]
        self.assertEqual(spans, [(today - timedelta(days=9), today - timedelta(days=5))])

    def test_roles(self):
        self.put(self.month)
        self.match()
        fee = self.difference("fee")
        for role in self.users:
            with self.subTest(role):
                may = fee.with_user(self.users[role]).has_access
                self.assertEqual(may("read"), role in ("finance", "sales_manager", "admin"))
                self.assertEqual(may("write"), role in ("finance", "admin"))
                self.assertFalse(may("unlink") or may("create"))
        for values in ({"state": "settled"}, {"cause": "day"}, {"amount": 0}):
            with self.subTest(values), self.assertRaises(AccessError):
                self.clerk(fee).write(values)
        self.clerk(fee).write({"note": "Asked the channel", "user_id": self.users["finance"].id})
