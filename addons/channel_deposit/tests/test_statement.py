import io
import json
from datetime import date
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from ..core.operations import Capture, PlaceHold, Release, TopUp
from ..wizards import channel_deposit_statement as wizard
from .cash_common import CashCommon


class StatementCommon(CashCommon):
    """Dealer A's account in March 2026: 10.00 before, then four entries, then one in April."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.tz = "Asia/Shanghai"
        cls._at("2026-03-31 15:59:59", TopUp(key="t", account=cls.account.id, amount=500,
                                             source=f"channel.deposit.account,{cls.account.id}"),
                PlaceHold(key="so1", account=cls.account.id, amount=300),
                PlaceHold(key="so2", account=cls.account.id, amount=200),
                Capture(key="inv", hold="so1", amount=250))  # fmt: skip
        # midnight in Shanghai
        cls._at("2026-03-31 16:00:00", Release(key="rel", hold="so2"),
                TopUp(key="april", account=cls.account.id, amount=100))  # fmt: skip

    @classmethod
    def _at(cls, moment, *batch):
        """Book at a moment; the account's entries before are of the moment too, or before."""
        now = fields.Datetime.to_datetime(moment)
        with patch.object(fields.Datetime, "now", lambda *args: now):
            cls.accounts._book_or_raise(batch)

    @classmethod
    def _open(cls, *args, **values):
        now = fields.Datetime.to_datetime("2026-02-28 12:00:00")
        with patch.object(fields.Datetime, "now", lambda *args: now):
            return super()._open(*args, **values)


@tagged("post_install", "-at_install")
class TestStatement(StatementCommon):
    MARCH = (date(2026, 3, 1), date(2026, 3, 31))

    def test_a_period_leads_from_the_opening_to_the_closing(self):
        frame = self.account._statement(*self.MARCH)
        self.assertEqual(frame["opening"]["posted"], 10.0)
        self.assertEqual(
            frame["closing"], {"posted": 12.5, "held": 2.0, "credit_line": 0, "available": 10.5}
        )
        page = self.account._statement_page(frame["lower"], frame["upper"])
        self.assertEqual(page.mapped("key"), ["t", "so1", "so2", "inv"])
        self.assertEqual(
            frame["opening"]["posted"] + sum(page.mapped("posted")), frame["closing"]["posted"]
        )
        money = self.account._statement_page(frame["lower"], frame["upper"], holds=False)
        self.assertEqual(money.mapped("key"), ["t", "inv"])
        self.assertEqual(
            self.account._statement_sums(frame["lower"], frame["upper"]),
            [("Spent", -2.5), ("Top-up", 5.0)],
        )

    def test_holds_are_those_of_the_last_day(self):
        def at(*period):
            return self.account._statement_holds(self.account._statement(*period)["upper"])

        self.assertEqual(at(*self.MARCH).mapped("key"), ["so2"])
        self.assertFalse(at(date(2026, 4, 1), date(2026, 4, 1)))
        self.assertFalse(at(date(2026, 1, 1), date(2026, 1, 31)))

    def test_days_are_those_of_the_reader(self):
        one_day = (date(2026, 3, 31), date(2026, 3, 31))
        for zone, keys in (("Asia/Shanghai", 4), ("UTC", 6)):
            account = self.account.with_context(tz=zone)
            frame = account._statement(*one_day)
            self.assertEqual(frame["upper"] - frame["lower"], keys, zone)

    def test_an_empty_period_and_one_that_ends_before_it_begins(self):
        frame = self.account._statement(date(2020, 1, 1), date(2020, 1, 31))
        self.assertEqual((frame["lower"], frame["upper"]), (0, 0))
        self.assertFalse(self.account._statement_page(0, 0))
        with self.assertRaisesRegex(UserError, "ends on or after"):
            self.account._statement(date(2026, 2, 1), date(2026, 1, 1))

    def test_pages_follow_one_another_there_and_back(self):
        self._at("2026-03-31 17:00:00", *(
            TopUp(key=f"n{n}", account=self.account.id, amount=1) for n in range(9)
        ))  # fmt: skip
        statements = self.as_user(self.maker)["channel.deposit.statement"]
        with patch.object(wizard, "PAGE", 4):
            statement = statements.create(
                {"account_id": self.account.id, "date_from": "2026-04-01", "date_to": "2026-04-30",
                 "with_holds": True}
            )  # fmt: skip
            there = [statement.entry_ids.mapped("key")]
            while not statement.is_last:
                statement.action_next()
                there.append(statement.entry_ids.mapped("key"))
            self.assertEqual(
                there,
                [["rel", "april", "n0", "n1"], ["n2", "n3", "n4", "n5"], ["n6", "n7", "n8"]],
            )
            back = [statement.entry_ids.mapped("key")]
            while not statement.is_first:
                statement.action_previous()
                back.append(statement.entry_ids.mapped("key"))
            self.assertEqual(back, there[::-1])

    def test_the_printed_statement(self):
        statement = self.as_user(self.maker)["channel.deposit.statement"].create(
            {"account_id": self.account.id, "date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        self.assertEqual(statement.action_print()["type"], "ir.actions.report")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "channel_deposit.report_statement", statement.ids
        )
        text = html.decode().replace("\ufeff", "")
        for words in ("Statement of Deposit", "10.00", "12.50", "-2.50", "On Hold at the End"):
            self.assertTrue(words in text, words)
        with (
            patch.object(wizard, "PDF_LIMIT", 3),
            self.assertRaisesRegex(UserError, "spreadsheet"),
        ):
            statement.action_print()

    def test_another_dealers_statement_is_out_of_reach(self):
        mine = self.account.with_env(self.as_role("member"))
        theirs = self.other.with_env(self.as_role("member"))
        self.assertTrue(mine._statement(*self.MARCH)["upper"])
        for call in (
            lambda: theirs._statement(*self.MARCH),
            lambda: theirs._statement_page(0, 9),
            lambda: theirs._statement_holds(9),
            lambda: theirs._statement_sums(0, 9),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_a_page_is_found_by_number(self):
        """Whatever the page, the database reads its rows by an index and no others."""
        self.env.cr.execute(SQL("SET LOCAL enable_seqscan = off"))
        for query in (
            "SELECT id FROM channel_deposit_entry WHERE account_id = 1 AND number > 90000"
            " AND number <= 100000 ORDER BY number LIMIT 81",
            "SELECT number FROM channel_deposit_entry WHERE account_id = 1 AND at < now()"
            " ORDER BY at DESC, number DESC LIMIT 1",
        ):
            self.env.cr.execute(SQL("EXPLAIN (FORMAT JSON, COSTS OFF) " + query))
            plan = self.env.cr.fetchone()[0]
            plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
            self.assertNotIn("Sort", json.dumps(plan))
            self.assertIn("Index", json.dumps(plan))


@tagged("post_install", "-at_install")
class TestStatementFile(StatementCommon, HttpCase):
    def _get(self, account, first="2026-03-01", last="2026-03-31", holds="1", kind="xlsx"):
        return self.url_open(
            f"/channel_deposit/statement/{account}.{kind}?first={first}&last={last}&holds={holds}"
        )

    def _sign_in(self, user):
        user.sudo().password = "Qudao-test-9"
        self.authenticate(user.login, "Qudao-test-9")

    def test_the_sheet(self):
        self._sign_in(self.maker)
        answer = self._get(self.account.id)
        self.assertEqual(answer.status_code, 200)
        rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
        facts = {row[0]: row[1] for row in rows if row[0] and row[1]}
        self.assertEqual((facts["Opening Balance"], facts["Closing Balance"]), (10, 12.5))
        entries = [row for row in rows if str(row[0]).isdigit()]
        self.assertEqual([row[5] for row in entries], [5, 0, 0, -2.5])
        self.assertEqual(entries[0][3], self.account.display_name)

    def test_printed(self):
        self._sign_in(self.users["member"])
        with patch.object(wizard, "PDF_LIMIT", 1):
            self.assertEqual(self._get(self.account.id, kind="pdf").status_code, 400)
        answer = self._get(self.account.id, kind="pdf")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn(self.account.display_name, answer.text)  # tests are given HTML by Odoo
        self.assertEqual(self._get(self.other.id, kind="pdf").status_code, 404)
        self.assertEqual(self._get(self.account.id, kind="doc").status_code, 404)

    def test_strangers_and_bad_addresses(self):
        self._sign_in(self.users["member"])
        self.assertEqual(self._get(self.account.id).status_code, 200)
        self.assertEqual(self._get(self.other.id).status_code, 404)
        self.assertEqual(self._get(999999).status_code, 404)
        self.assertEqual(self._get(self.account.id, first="soon").status_code, 400)
        self.assertEqual(self._get(self.account.id, first="").status_code, 400)
        self.assertEqual(self._get(self.account.id, last="2026-01-01").status_code, 400)
        self._sign_in(self.users["warehouse"])
        self.assertEqual(self._get(self.account.id).status_code, 404)
