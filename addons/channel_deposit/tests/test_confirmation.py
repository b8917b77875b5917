from datetime import date
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..core.operations import PlaceHold
from .test_statement import StatementCommon

QUARTER = date(2026, 3, 31)


@tagged("post_install", "-at_install")
class TestConfirmation(StatementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.confirmations = cls.env["channel.deposit.confirmation"]
        cls._open(cls.dealer_a, 700, "rebate")
        cls._open(cls.retailer_a1, 700, creditor=cls.dealer_a)

    def _made(self, day=QUARTER):
        self.confirmations._make(day)
        return self.confirmations.search([("company_id", "=", self.company.id), ("date", "=", day)])

    def _mine(self, role="member"):
        """Dealer A's, as sent."""
        mine = self._made().filtered(lambda each: each.account_id == self.account)
        mine.with_env(self.as_role("finance")).action_send()
        return mine.with_env(self.as_role(role))

    def test_balances_at_the_end_of_the_quarter(self):
        made = self._made()
        self.assertEqual(
            {each.account_id: (each.balance, each.held) for each in made},
            {self.account: (12.5, 2.0), self.other: (10.0, 0.0)},
        )
        self.assertEqual(self.confirmations._make(QUARTER), 0)
        self.assertFalse(self._made(date(2025, 12, 31)))

    def test_the_button_and_the_job_make_the_last_quarter(self):
        with patch.object(type(self.env["channel.deposit.account"]), "_moment_of") as moment:
            moment.return_value = "2026-04-01 00:00:00"
            action = self.as_role("finance")["channel.deposit.confirmation"].action_make()
        self.assertIn("2", action["params"]["message"])
        self.confirmations._cron_make()
        again = self.as_role("finance")["channel.deposit.confirmation"].action_make()
        self.assertIn("already", again["params"]["message"])

    def test_the_holder_confirms(self):
        mine = self._mine()
        self.assertIn("12.50", mine.sudo().message_ids[0].body)
        self.assertIn(self.dealer_a.partner_id, mine.sudo().message_ids[0].partner_ids)
        mine.action_confirm()
        self.assertEqual((mine.state, mine.sudo().answered_by_id), ("confirmed", mine.env.user))
        with self.assertRaisesRegex(UserError, "no answer"):
            mine._refuse("no")

    def test_the_holder_disputes_with_a_remark_and_may_come_round(self):
        mine = self._mine()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            mine._refuse(" ")
        mine._refuse("5.00 of the 3rd are missing")
        self.assertEqual((mine.state, mine.remark), ("disputed", "5.00 of the 3rd are missing"))
        mine.action_confirm()
        self.assertEqual((mine.state, mine.remark), ("confirmed", False))

    def test_finance_notes_a_letter(self):
        mine = self._mine("finance")
        action = mine.action_dispute()
        refuse = self.as_role("finance")["channel.deposit.refuse"].with_context(**action["context"])
        refuse.create({"reason": "by letter"}).action_confirm()
        self.assertEqual((mine.state, mine.remark), ("disputed", "by letter"))

    def test_nobody_else_answers_or_sends(self):
        mine = self._mine()
        others = self._made() - mine.sudo()
        with self.assertRaises(AccessError):
            others.with_env(self.as_role("member")).action_confirm()
        for role in ("sales_rep", "sales_manager", "warehouse"):
            theirs = mine.with_env(self.as_role(role))
            for button in ("action_confirm", "action_send", "action_dispute"):
                with self.subTest(role=role, button=button), self.assertRaises(AccessError):
                    getattr(theirs, button)()
        with self.assertRaisesRegex(UserError, "not sent yet"):
            others.with_env(self.as_role("finance")).action_confirm()

    def test_what_was_asked_and_confirmed_is_kept(self):
        mine = self._mine()
        mine.action_confirm()
        self.env.flush_all()
        for change in ("balance = 1", "state = 'sent'", "date = '2026-01-01'"):
            with (
                self.subTest(change=change),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    SQL(f"UPDATE channel_deposit_confirmation SET {change} WHERE id = %s", mine.id)
                )

    def test_what_happens_later_changes_nothing(self):
        self.accounts._book([PlaceHold(key="later", account=self.other.id, amount=1)])
        made = self._made().filtered(lambda each: each.account_id == self.other)
        self.assertEqual((made.balance, made.held), (10.0, 0.0))
