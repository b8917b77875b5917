from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from simulators import bill_files

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_network.core.money import to_fen

from ..core.bill import Reason, Refused
from ..models import reconcile_bill_load
from .common import ReconcileCommon


@tagged("post_install", "-at_install")
class TestBill(ReconcileCommon):
    """Files in, rows out: all of a file or nothing, each movement once."""

    def test_rows_are_those_of_the_file(self):
        trades = self.trades()
        bill = self.upload(self.packed(self.file(trades)), "20261120.csv.gz")
        self.assertEqual((bill.state, bill.account_id), ("done", self.wechat))
        self.assertEqual((bill.row_count, bill.new_count), (20, 20))
        rows = self.rows(bill)
        self.assertEqual([to_fen(row.amount) for row in rows], [each.signed for each in trades])
        self.assertEqual(
            [(row.ref, row.own, row.refund_own or "") for row in rows],
            [(each.ref, each.own, each.refund_own) for each in trades],
        )
        self.assertEqual(
            [round(row.fee * 100_000) for row in rows], [each.signed_fee for each in trades]
        )
        self.assertEqual(rows[0].at, trades[0].at - timedelta(hours=8))
        self.assertEqual({row.day for row in rows}, {bill_files.DAY})
        self.assertEqual(rows.company_id, self.company)
        self.assertEqual(
            to_fen(bill.income) + to_fen(bill.outcome), sum(each.signed for each in trades)
        )
        self.assertEqual(rows[0].extra["费率"], "0.60%")

    def test_the_same_file_is_recognised(self):
        data = self.file(self.trades())
        self.upload(data)
        with self.assertRaisesRegex(UserError, "is here already"):
            self.upload(data)

    def test_the_same_content_in_another_file_adds_nothing(self):
        data = self.file(self.trades())
        self.upload(data)
        bill = self.upload(self.packed(data))
        self.assertEqual(bill.state, "refused")
        self.assertIn("holds the same as bill.csv", bill.trouble)
        self.assertFalse(self.rows(bill))

    def test_of_an_overlapping_file_what_is_new_is_added(self):
        trades = self.trades()
        first = self.upload(self.file(trades[:15]))
        second = self.upload(self.file(trades[10:]))
        self.assertEqual((first.new_count, second.row_count, second.new_count), (15, 10, 5))
        self.assertEqual([row.own for row in self.rows(second)], [each.own for each in trades[15:]])
        self.assertEqual(to_fen(second.sudo().new_amount), sum(each.signed for each in trades[15:]))

    def test_a_movement_that_changed_stops_the_file(self):
        trades = self.trades()
        self.upload(self.file(trades))
        changed = [replace(trades[0], gross=trades[0].gross + 1), *trades[1:]]
        bill = self.upload(self.file(changed))
        self.assertEqual(bill.state, "refused")
        self.assertIn("is here already with another amount", bill.trouble)

    def test_a_movement_twice_in_one_file_stops_it(self):
        trades = [each for each in self.trades() if not each.is_refund]
        bill = self.upload(self.file([*trades, trades[0]]))
        self.assertEqual(bill.state, "refused")
        self.assertIn("stands twice", bill.trouble)
        self.assertFalse(self.rows(bill))

    def test_a_damaged_file_leaves_nothing(self):
        data = self.file(self.trades())
        bill = self.upload(data.replace(b"`20,", b"`21,"))
        self.assertEqual(bill.state, "refused")
        self.assertIn("总交易单数 is 21, but its rows come to 20", bill.trouble)
        self.assertFalse(self.rows(bill))
        self.assertEqual(self.upload(data).state, "done")

    def test_an_unknown_number_waits_for_its_account(self):
        bill = self.upload(self.file(self.trades(), merchant="1699999999"))
        self.assertEqual(bill.state, "refused")
        self.assertIn("1699999999", bill.trouble)
        account = self.wechat.copy({"name": "Second", "number": "1699 9999 99"})
        self.again(bill)
        self.assertEqual((bill.state, bill.account_id), ("done", account))

    def again(self, bill, **values):
        wizard = self.as_role("finance")["reconcile.read.again"].create(
            {"bill_id": bill.id, **values}
        )
        wizard.action_read()
        bill.sudo()._job_read()

    def test_a_file_of_another_account_is_refused(self):
        bill = self.upload(self.file(self.trades()), account_id=self.alipay.id)
        self.assertEqual(bill.state, "refused")
        self.again(bill, account_id=self.wechat.id)
        self.assertEqual((bill.state, bill.row_count), ("done", 20))

    def test_a_fund_flow_names_no_account(self):
        data = b"".join(bill_files.wechat_funds(self.trades()))
        bill = self.upload(data)
        self.assertIn("names no account", bill.trouble)
        self.again(bill, account_id=self.wechat.id)
        self.assertEqual(bill.state, "done")
        self.assertTrue(bill.has_balance)
        self.assertEqual(
            to_fen(bill.closing) - to_fen(bill.opening),
            to_fen(bill.income) + to_fen(bill.outcome),
        )

    def test_formats_of_one_account_lie_side_by_side(self):
        trades = self.trades()
        self.upload(self.file(trades))
        self.upload(b"".join(bill_files.wechat_funds(trades)), account_id=self.wechat.id)
        forms = self.wechat.bill_ids.sudo().mapped("form")
        self.assertEqual(set(forms), {"wechat.trade", "wechat.funds"})

    def test_unionpay_s_day_ends_at_23(self):
        account = self.wechat.copy(
            {"name": "UnionPay", "kind": "unionpay", "number": bill_files.BANK, "day_cut": "23"}
        )
        trades = self.trades()
        bill = self.upload(b"".join(bill_files.unionpay(trades)), for_day=bill_files.DAY)
        self.assertEqual((bill.state, bill.account_id), ("done", account), bill.trouble)
        days = [row.day - bill_files.DAY for row in self.rows(bill)]
        self.assertEqual(days, [timedelta(days=each.at.hour >= 23) for each in trades])

    def test_rows_stay_as_they_were_told(self):
        row = self.rows(self.upload(self.file(self.trades())))[0]
        for statement in (
            "UPDATE reconcile_bill_row SET amount = 1",
            "DELETE FROM reconcile_bill_row",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(f"{statement} WHERE id = %s", [row.id])

    def test_a_bill_is_taken_back_and_read_again(self):
        bill = self.upload(self.file(self.trades()))
        bill.action_take_back()
        self.assertEqual(bill.state, "withdrawn")
        self.assertFalse(self.rows(bill))
        self.again(bill, account_id=self.wechat.id)
        self.assertEqual((bill.state, len(self.rows(bill))), ("done", 20))

    def test_a_bill_on_which_another_leans_stays(self):
        trades = self.trades()
        first = self.upload(self.file(trades[:15]))
        second = self.upload(self.file(trades[10:]), "later.csv")
        with self.assertRaisesRegex(UserError, "later.csv"):
            first.action_take_back()
        second.action_take_back()
        first.action_take_back()
        self.assertFalse(self.Row.search([("account_id", "=", self.wechat.id)]))

    def test_a_reading_can_be_stopped(self):
        with (
            patch.object(reconcile_bill_load, "_SECONDS", -1),
            patch.object(reconcile_bill_load, "_TOLD_EVERY", 5),
            patch.object(
                type(self.env["reconcile.bill.progress"]), "_tell", return_value=True
            ) as tell,
        ):
            bill = self.upload(self.file(self.trades()))
        self.assertEqual(bill.state, "cancelled")
        self.assertFalse(self.rows(bill))
        rows, percent = tell.call_args.args
        self.assertEqual(rows, 5)
        self.assertTrue(0 < percent <= 100)

    def test_a_waiting_bill_is_cancelled(self):
        bill = self.Bill._receive(self.company, "x.csv", self.file(self.trades()))
        bill.with_user(self.users["finance"]).action_cancel()
        self.assertEqual(bill._job_read(), "cancelled")
        self.assertFalse(self.rows(bill))

    def test_several_files_at_once(self):
        env = self.as_role("finance")
        trades = self.trades()
        files = env["ir.attachment"].create(
            [
                {"name": "a.csv", "raw": self.file(trades)},
                {"name": "b.zip", "raw": bill_files.alipay_zip(trades).getvalue()},
            ]
        )
        action = env["reconcile.upload"].create({"file_ids": files.ids}).action_upload()
        bills = self.Bill.search(action["domain"])
        for bill in bills:
            bill._job_read()
        self.assertEqual(bills.mapped("state"), ["done", "done"], bills.mapped("trouble"))
        self.assertEqual(bills.account_id, self.wechat | self.alipay)

    def test_nothing_chosen(self):
        with self.assertRaisesRegex(UserError, "Choose one or more files"):
            self.as_role("finance")["reconcile.upload"].create({}).action_upload()

    def test_two_accounts_of_one_number(self):
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"):
            self.wechat.copy({"number": "16 0000 0001"})

    def test_every_reason_has_words(self):
        bill = self.Bill.new({"name": "x.csv"})
        for reason in Reason:
            with self.subTest(reason):
                self.assertGreater(len(bill._words(Refused(reason, 3, "金额", "1.00", "2.00"))), 20)
