from datetime import date, datetime
from unittest.mock import patch

from psycopg2.errors import CheckViolation, ForeignKeyViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.channel_deposit.core.operations import (
    PlaceHold,
    Refund,
    Reverse,
    SetCreditLine,
    TopUp,
    Transfer,
)

from .posting_common import PostingCommon


@tagged("post_install", "-at_install")
class TestPosting(PostingCommon):
    def test_a_top_up_and_a_refund_meet_at_the_receipts(self):
        partner = self.dealer_a.partner_id
        top_up = self._top_up("in", 500)
        self._book(Refund(key="out", account=self.account.id, amount=200))
        moves = self.postings._post_entries(top_up | self._entry("out"))
        self.assertEqual(moves.mapped("state"), ["posted", "posted"])
        self.assertEqual(moves.journal_id.code, "DEP")
        self.assertEqual(moves.company_id, self.company)
        goods, receipts = self._role("goods"), self._role("receipts")
        self.assertEqual(self._lines(moves[0]), [(goods, partner, -5.0), (receipts, partner, 5.0)])
        self.assertEqual(self._lines(moves[1]), [(goods, partner, 2.0), (receipts, partner, -2.0)])
        posting = top_up.posting_ids
        self.assertEqual(posting.move_line_id.account_id, goods)
        self.assertEqual(posting.counterpart_id.account_id, receipts)
        self.assertFalse(posting.counterpart_id.reconciled, "left to the bank's line")
        self.assertEqual(top_up.move_id, moves[0])

    def test_a_guarantee_has_an_account_of_its_own_and_a_transfer_two_sides(self):
        guarantee = self._open(self.dealer_a, purpose="guarantee")
        self._book(Transfer(key="t", account=self.account.id, target=guarantee.id, amount=300))
        move = self.postings._post_entries(self._entry("t", 1))
        partner = self.dealer_a.partner_id
        self.assertEqual(
            self._lines(move),
            [(self._role("goods"), partner, 3.0), (self._role("guarantee"), partner, -3.0)],
        )
        self.assertEqual(len(move.line_ids.channel_deposit_posting_ids), 2)

    def test_a_capture_pays_its_invoice(self):
        invoice = self._invoice(7)
        first = self._spend("inv 1", 300, f"account.move,{invoice.id}")
        second = self._spend("inv 2", 400, f"account.move,{invoice.id}")
        self.postings._post_entries(first)
        self.assertEqual(invoice.amount_residual, 4.0)
        self.postings._post_entries(second)
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0.0, "paid"))
        receivable = second.posting_ids.counterpart_id
        self.assertTrue(receivable.reconciled)
        self.assertEqual(
            (receivable.balance, receivable.partner_id), (-4.0, self.dealer_a.partner_id)
        )

    def test_a_capture_without_an_invoice_stays_open_on_the_receivable(self):
        for source in ("", "sale.order,1", "account.move,x", "account.move,999999999"):
            with self.subTest(source=source):
                entry = self._spend(f"so {source}", 10, source)
                self.postings._post_entries(entry)
                line = entry.posting_ids.counterpart_id
                self.assertEqual(line.account_id.account_type, "asset_receivable")
                self.assertFalse(line.reconciled)

    def test_a_reversed_capture_opens_the_invoice_again(self):
        for together in (False, True):
            with self.subTest(together=together):
                invoice = self._invoice(3)
                key = f"inv {together}"
                capture = self._spend(key, 300, f"account.move,{invoice.id}")
                if not together:
                    self.postings._post_entries(capture)
                    self.assertEqual(invoice.amount_residual, 0.0)
                self._book(Reverse(key=f"back {key}", of=key, note="goods came back"))
                back = self._entry(f"back {key}")
                self.postings._post_entries(back)
                self.assertEqual(invoice.amount_residual, 3.0)
                self.assertTrue(capture.move_id and back.move_id)
                pair = (capture | back).posting_ids.counterpart_id
                self.assertEqual(len(pair), 2)
                self.assertTrue(all(line.reconciled for line in pair))

    def test_a_reversed_top_up_leaves_nothing_to_claim_unless_the_bank_had_it(self):
        mistake, bounced = self._top_up("twice"), self._top_up("bounced")
        self.postings._post_entries(mistake | bounced)
        met = bounced.posting_ids.counterpart_id
        bank = self.env["account.move"].create(
            {
                "journal_id": self.company._deposit_journal().id,
                "line_ids": [
                    (0, 0, {"account_id": met.account_id.id, "balance": -1}),
                    (0, 0, {"account_id": self._role("contra").id, "balance": 1}),
                ],
            }
        )
        bank.action_post()
        (met | bank.line_ids.filtered(lambda line: line.account_id == met.account_id)).reconcile()
        self._book(
            Reverse(key="r1", of="twice", note="entered twice"),
            Reverse(key="r2", of="bounced", note="the bank took it back"),
        )
        self.postings._post_entries(self._entry("r1") | self._entry("r2"))
        self.assertTrue(mistake.posting_ids.counterpart_id.reconciled)
        self.assertTrue(self._entry("r1").posting_ids.counterpart_id.reconciled)
        self.assertFalse(self._entry("r2").posting_ids.counterpart_id.reconciled)

    def test_what_moves_no_money_is_never_posted(self):
        self._book(
            PlaceHold(key="so", account=self.account.id, amount=100),
            SetCreditLine(key="line", account=self.account.id, line=100),
        )
        kept = self._open(self.retailer_a1, 500, creditor=self.dealer_a)
        rebate = self._open(self.dealer_b, 500, purpose="rebate")
        rows = self.entries.search(
            ["|", ("key", "in", ("so", "line")), ("account_id", "in", (kept | rebate).ids)]
        )
        self.assertFalse(self.postings._post_entries(rows))
        self.assertFalse(self._waiting() & rows)

    def test_rebates_are_posted_where_they_are_accrued(self):
        rebate = self._open(self.dealer_b, 500, purpose="rebate")
        used = self._spend("used", 200, account=rebate)
        self.company.channel_rebate_accrual = True
        moves = self.postings._post_entries(self._entry(f"start {rebate.id}") | used)
        owed, contra = self._role("rebate"), self._role("contra")
        self.assertEqual(
            [[(a, b) for a, _partner, b in self._lines(move)] for move in moves],
            [[(owed, -5.0), (contra, 5.0)], [(owed, 2.0), (contra, -2.0)]],
        )
        with self.assertRaisesRegex(UserError, "stays as it is"):
            self.company.channel_rebate_accrual = False

    def test_every_entry_once(self):
        entry = self._top_up("once")
        self.assertEqual(len(self.postings._post_entries(entry)), 1)
        self.assertFalse(self.postings._post_entries(entry))
        self.assertFalse(self.postings._post_entries(self.entries))
        posting = entry.posting_ids
        self._refused(
            UniqueViolation,
            "INSERT INTO channel_deposit_posting (entry_id, move_id, move_line_id)"
            f" VALUES ({entry.id}, {posting.move_id.id}, {posting.move_line_id.id})",
        )

    def test_captures_of_a_day_make_one_journal_entry_that_opens_down(self):
        self.company.channel_capture_posting = "day"
        invoices = self._invoice(1) | self._invoice(2)
        captures = self.entries.browse()
        for number, invoice in enumerate(invoices):
            captures |= self._spend(f"c{number}", 100 * (number + 1), f"account.move,{invoice.id}")
        self.assertFalse(self.postings._sums(self.company), "today is not over")
        tomorrow = fields.Datetime.add(fields.Datetime.now(), days=1)
        with patch.object(fields.Datetime, "now", lambda *a: tomorrow):
            (ids,) = self.postings._sums(self.company)
        self.assertEqual(sorted(ids), captures.ids)
        move = self.postings._post_entries(captures)
        self.assertEqual([line[2] for line in self._lines(move)], [3.0, -1.0, -2.0])
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "paid"])
        self.assertEqual(move.channel_deposit_count, 2)
        action = move.action_view_deposit_entries()
        self.assertEqual(self.entries.search(action["domain"]), captures.sorted("id", reverse=True))

    def test_the_day_is_shanghais_and_a_closed_period_moves_on(self):
        late = datetime(2026, 1, 31, 16, 30)
        with patch.object(fields.Datetime, "now", lambda *a: late):
            entry = self._top_up("late")
        self.assertEqual(self.postings._post_entries(entry).date, date(2026, 2, 1))
        with patch.object(fields.Datetime, "now", lambda *a: late):
            closed = self._top_up("closed")
        self.company.fiscalyear_lock_date = date(2026, 2, 28)
        move = self.postings._post_entries(closed)
        self.assertEqual((move.date, move.state), (date(2026, 3, 1), "posted"))
        self.assertIn("2026-02-01", move.ref)

    # -- guards ----------------------------------------------------------------------------------

    def _refused(self, error, query):
        with (
            self.assertRaises(error),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(SQL(query))

    def test_a_journal_entry_of_deposits_is_not_changed_by_hand(self):
        move = self.postings._post_entries(self._top_up("kept"))
        for who in (self.env, self.as_role("finance"), self.as_role("admin")):
            mine = move.with_env(who)
            for change in (
                mine.button_draft,
                mine.button_cancel,
                mine._reverse_moves,
                mine.unlink,
                lambda mine=mine: mine.write({"date": "2026-01-01"}),
                lambda mine=mine: mine.write({"state": "draft"}),
                lambda mine=mine: mine.line_ids[0].write({"partner_id": False}),
                lambda mine=mine: mine.line_ids.write({"account_id": self._role("contra").id}),
                lambda mine=mine: mine.line_ids[0].write({"balance": 5}),
            ):
                with self.assertRaisesRegex(UserError, "Reverse the deposit entry"):
                    change()
        move.ref = "a remark is fine"
        other = self._invoice(1)
        other.button_draft()
        self.assertEqual(other.state, "draft")

    def test_the_database_keeps_postings_and_what_they_point_at(self):
        entry = self._top_up("kept")
        move = self.postings._post_entries(entry)
        self._refused(CheckViolation, "UPDATE channel_deposit_posting SET counterpart_id = NULL")
        self._refused(CheckViolation, "DELETE FROM channel_deposit_posting")
        line = entry.posting_ids.move_line_id.id
        self._refused(ForeignKeyViolation, f"DELETE FROM account_move_line WHERE id = {line}")
        self._refused(ForeignKeyViolation, f"DELETE FROM account_move WHERE id = {move.id}")
        for change in (
            lambda: self.postings.create({}),
            lambda: entry.posting_ids.sudo().write({"move_id": False}),
            lambda: entry.posting_ids.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                change()

    # -- what is left ----------------------------------------------------------------------------

    def _run_cron(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 60):
            self.postings._cron_post()

    def test_the_job_posts_what_is_left_and_passes_over_what_cannot_be(self):
        poor = self.env["res.company"].create({"name": "No chart", "currency_id": self.currency.id})
        member = self._create_member("Abroad", company_id=poor.id)
        stuck = self._open(member, 500)
        self.assertTrue(self._waiting())
        with self.assertLogs("odoo.addons.channel_deposit", "WARNING") as logs:
            self._run_cron()
        self.assertFalse(self._waiting())
        self.assertIn("No chart has no chart of accounts yet", logs.output[0])
        self.assertEqual(self.postings._waiting(company=poor), self._entry(f"start {stuck.id}"))

    def test_the_job_keeps_a_day_together_and_leaves_today(self):
        self.company.channel_capture_posting = "day"
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        with patch.object(fields.Datetime, "now", lambda *a: yesterday):
            past = self.entries.union(*(self._spend(f"y{n}", 10) for n in range(3)))
        today = self._spend("today", 10)
        with patch("odoo.addons.channel_deposit.models.channel_deposit_posting_job.BATCH", 2):
            self._run_cron()
        self.assertEqual(len(past.move_id), 1)
        self.assertEqual(self._waiting(), today)

    def test_the_clerks_button(self):
        entry = self._top_up("now")
        with self.assertRaises(AccessError):
            entry.with_env(self.as_role("sales_rep")).action_post_now()
        entry.with_env(self.as_role("finance")).action_post_now()
        self.assertTrue(entry.move_id)
        self.company.channel_capture_posting = "day"
        captures = self._spend("today", 100) | self._spend("too", 100)
        self.env["channel.deposit.tie.out"].with_env(self.as_role("finance")).action_post_now()
        self.assertEqual(len(captures.move_id), 1, "the clerk does not wait for the day's end")
        self.assertFalse(self._waiting())

    def test_the_journal_items_of_a_member(self):
        self.postings._post_entries(self._waiting())
        action = self.account.with_env(self.as_role("finance")).action_view_lines()
        lines = self.env["account.move.line"].search(action["domain"])
        self.assertEqual(sum(lines.mapped("balance")), -10.0)
        self.assertEqual(lines.partner_id, self.dealer_a.partner_id)

    def test_a_batch_asks_few_questions(self):
        """The number of statements does not grow with every entry: 20 more cost what they write."""
        small = self.entries.union(*(self._top_up(f"s{n}") for n in range(5)))
        large = self.entries.union(*(self._top_up(f"l{n}") for n in range(25)))
        counts = []
        for batch in (small, large):
            before = self.env.cr.sql_log_count
            self.postings._post_entries(batch)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess((counts[1] - counts[0]) / 20, 12)

    def test_a_top_up_key_is_found_by_the_cash_part(self):
        self._book(TopUp(key="voucher,12", account=self.account.id, amount=1))
        self.postings._post_entries(self._entry("voucher,12"))
        line = self._entry("voucher,12").posting_ids.counterpart_id
        self.assertEqual((line.account_id, line.balance), (self._role("receipts"), 0.01))
