from datetime import date, datetime
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from odoo.addons.channel_deposit.core.operations import Refund, TopUp

from .posting_common import PostingCommon


@tagged("post_install", "-at_install")
class TestTieOut(PostingCommon):
    """At the start: Dealer A and Dealer B have 10.00 each, not posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tie_out = cls.env["channel.deposit.tie.out"]

    def _figures(self, level="purpose", day=None, **where):
        """{(purpose, partner): (deposits, not posted, ledger, difference)}."""
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id), ("level", "=", level)]
        rows = self.tie_out._as_of(day).search(domain + [(k, "=", v) for k, v in where.items()])
        return {
            (row.purpose, row.partner_id.id if level == "member" else 0): (
                row.entries, row.waiting, row.ledger, row.difference
            )
            for row in rows
        }  # fmt: skip

    def _by_hand(self, amount, partner=None):
        """Somebody books on the deposits' ledger account."""
        move = self.env["account.move"].create(
            {
                "journal_id": self.company._deposit_journal().id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self._role(role).id,
                            "balance": sign * amount,
                            "partner_id": partner and partner.id,
                        }
                    )
                    for role, sign in (("goods", -1), ("contra", 1))
                ],
            }
        )
        move.action_post()
        return move

    def test_not_posted_then_posted(self):
        self.assertEqual(self._figures(), {("goods", 0): (20.0, 20.0, 0.0, 0.0)})
        self.postings._post_entries(self._entry(f"start {self.account.id}"))
        self.assertEqual(self._figures(), {("goods", 0): (20.0, 10.0, 10.0, 0.0)})
        self.postings._post_entries(self._waiting())
        self.assertEqual(self._figures(), {("goods", 0): (20.0, 0.0, 20.0, 0.0)})

    def test_each_purpose_and_member(self):
        guarantee = self._open(self.dealer_b, 700, purpose="guarantee")
        self._open(self.dealer_b, 900, purpose="rebate")  # not accrued: it counts nowhere
        self._open(self.retailer_a1, 500, creditor=self.dealer_a)  # not the brand's money
        self.postings._post_entries(self._entry(f"start {guarantee.id}"))
        a, b = self.dealer_a.partner_id.id, self.dealer_b.partner_id.id
        self.assertEqual(
            self._figures("member"),
            {
                ("goods", a): (10.0, 10.0, 0.0, 0.0),
                ("goods", b): (10.0, 10.0, 0.0, 0.0),
                ("guarantee", b): (7.0, 0.0, 7.0, 0.0),
            },
        )
        self.company.channel_rebate_accrual = True
        self.assertEqual(self._figures()["rebate", 0], (9.0, 9.0, 0.0, 0.0))

    def test_what_was_booked_by_hand_is_a_difference(self):
        self.postings._post_entries(self._waiting())
        partner = self.dealer_a.partner_id
        move = self._by_hand(0.01, partner)
        self.assertEqual(self._figures(), {("goods", 0): (20.0, 0.0, 20.01, 0.01)})
        self.assertEqual(
            self._figures("member", difference=0.01),
            {("goods", partner.id): (10.0, 0.0, 10.01, 0.01)},
        )
        nobody = self._by_hand(3)
        self.assertEqual(
            self._figures("member", partner_id=False), {("goods", False): (0.0, 0.0, 3.0, 3.0)}
        )
        row = self.tie_out._as_of(None).search(
            [("level", "=", "purpose"), ("company_id", "=", self.company.id)]
        )
        lines = self.env["account.move.line"].search(row.action_view_by_hand()["domain"])
        self.assertEqual(lines.move_id, move | nobody)
        lines = self.env["account.move.line"].search(row.action_view_ledger()["domain"])
        self.assertAlmostEqual(-sum(lines.mapped("balance")), 23.01)

    def test_as_of_any_day(self):
        moments = {"jan": datetime(2026, 1, 31, 15, 59, 59), "feb": datetime(2026, 1, 31, 16)}
        for key, moment in moments.items():
            with patch.object(fields.Datetime, "now", lambda *a, moment=moment: moment):
                self._book(TopUp(key=key, account=self.account.id, amount=100))
        self.postings._post_entries(self._entry("jan") | self._entry("feb"))
        self.assertEqual(self._figures(day=date(2026, 1, 30)), {})
        self.assertEqual(self._figures(day=date(2026, 1, 31)), {("goods", 0): (1.0, 0.0, 1.0, 0.0)})
        self.assertEqual(self._figures(day=date(2026, 2, 1)), {("goods", 0): (2.0, 0.0, 2.0, 0.0)})

    def test_posted_later_because_the_period_was_closed(self):
        with patch.object(fields.Datetime, "now", lambda *a: datetime(2026, 1, 15)):
            entry = self._top_up("jan")
        self.company.fiscalyear_lock_date = date(2026, 2, 28)
        self.postings._post_entries(entry)
        january = self.tie_out._as_of(date(2026, 1, 31)).search(
            [("level", "=", "member"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual((january.waiting, january.ledger, january.difference), (1.0, 0.0, 0.0))
        self.assertEqual(self.entries.search(january.action_view_waiting()["domain"]), entry)
        self.assertEqual(self._figures(day=date(2026, 3, 1)), {("goods", 0): (1.0, 0.0, 1.0, 0.0)})

    def test_the_waiting_entries_behind_a_row(self):
        self._book(Refund(key="out", account=self.account.id, amount=250))
        rows = self.tie_out._as_of(None).search(
            [("company_id", "=", self.company.id), ("partner_id", "=", self.dealer_a.partner_id.id)]
        )
        waiting = self.entries.search(rows.action_view_waiting()["domain"])
        self.assertEqual(sum(waiting.mapped("posted")), rows.waiting)
        self.assertEqual(len(waiting), 2)

    def test_the_day_is_asked_for_and_goes_with_the_screens(self):
        finance = self.as_role("finance")
        wizard = Form(finance["channel.deposit.tie.out.day"])
        wizard.day = date(2026, 1, 31)
        action = wizard.save().action_show()
        self.assertEqual(action["context"], {"tie_out_date": "2026-01-31"})
        row = self.tie_out._as_of(None).search(
            [("level", "=", "purpose"), ("company_id", "=", self.company.id)]
        )
        members = row.action_view_members()
        found = self.tie_out.with_context(**members["context"]).search(members["domain"])
        self.assertEqual(set(found.mapped("level")), {"member"})
        self.assertEqual(sum(found.mapped("entries")), row.entries)

    def test_finance_sees_its_company_and_nobody_else_sees_any(self):
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": self.currency.id})
        self._open(self._create_member("Abroad", company_id=abroad.id), 500)
        self._figures()
        for role in ("finance", "admin"):
            with self.subTest(role=role):
                rows = self.tie_out.with_env(self.as_role(role)).search([])
                self.assertEqual(rows.company_id, self.company)
        for role in ("sales_rep", "sales_manager", "warehouse", "operator", "member"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.tie_out.with_env(self.as_role(role)).search([])

    def test_a_row_keeps_its_id(self):
        """Buttons and findings name a row by its id: it says what the row is about."""
        rows = self.tie_out._as_of(None).search([("company_id", "=", self.company.id)])
        before = {row.id: (row.purpose, row.partner_id) for row in rows}
        self._open(self.dealer_a1, 700, purpose="guarantee")
        self.env.flush_all()
        after = self.tie_out._as_of(None).search([("company_id", "=", self.company.id)])
        self.assertLessEqual(
            before.items(), {row.id: (row.purpose, row.partner_id) for row in after}.items()
        )
        self.assertEqual(len(after.ids), len(set(after.ids)))
