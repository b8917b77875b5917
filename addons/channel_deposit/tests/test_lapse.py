from datetime import UTC, date, datetime
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.channel_deposit.core.operations import PlaceHold, Release, Reverse, TopUp

from .cash_common import CashCommon

DAY = 86400
NOON = int(datetime(2026, 3, 15, 4, tzinfo=UTC).timestamp())  # in Shanghai: March 15, 12:00


@tagged("post_install", "-at_install")
class TestLapse(CashCommon):
    """Rebates whose time is over; the clock is set by the tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rebate = cls._open(cls.dealer_a, purpose="rebate")

    def _give(self, fen, days=None, key=None, account=None):
        account = account or self.rebate
        key = key or f"bonus {account.id} {account.number}"
        until = None if days is None else NOON + days * DAY
        self.accounts._book_or_raise(
            [TopUp(key=key, account=account.id, amount=fen, lapses_at=until)]
        )

    def _job(self, days=0):
        """The daily job, so many days later."""
        with (
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 60),
            patch.object(type(self.accounts), "_clock", lambda model: NOON + days * DAY),
        ):
            self.accounts._cron_lapse()

    def _todos(self, member=None):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "channel.member"),
                ("res_id", "=", (member or self.dealer_a).id),
                ("activity_type_id", "=", self.env.ref("channel_deposit.mail_activity_lapse").id),
            ],
            order="date_deadline",
        )

    def test_a_bonus_keeps_the_validity_of_its_rule(self):
        rule = self._bonus_rule(valid_days=30)
        _money, bonus = self.account.top_up(100.0, "pay,1", "res.partner,1", date(2026, 3, 15))
        self.assertEqual(bonus.lapses_at, datetime(2026, 4, 14, 16))
        rule.valid_days = 0
        self.assertFalse(self.account.top_up(100.0, "pay,2", "x,1")[1].lapses_at)
        self.assertEqual(len(self.account.top_up(100.0, "pay,1", "res.partner,1")), 2)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            rule.valid_days = -1
            rule.flush_recordset()

    def test_what_is_left_lapses_when_its_time_is_over_once(self):
        self._give(300, 10)
        self._give(200)
        self._job(9)
        self.assertEqual(self.rebate.posted, 5.0)
        for _time in range(2):
            self._job(10)
            self.assertEqual(self.rebate.posted, 2.0)
        entry = self.env["channel.deposit.entry"].search([("account_id", "=", self.rebate.id)])[0]
        self.assertEqual((entry.kind, entry.posted), ("lapse", -3.0))

    def test_not_what_is_on_hold(self):
        self._give(300, 10)
        hold = PlaceHold(key="order", account=self.rebate.id, amount=200)
        self.accounts._book_or_raise([hold])
        self._job(10)
        self.assertEqual((self.rebate.posted, self.rebate.held), (2.0, 2.0))
        self.accounts._book_or_raise([Release(key="free", hold="order")])
        self._job(11)
        self.assertEqual(self.rebate.posted, 0)

    def test_many_accounts_in_batches(self):
        accounts = self.rebate
        for member in (self.dealer_b, self.retailer_a1, self.dealer_a1):
            accounts |= self._open(member, purpose="rebate")
        for account in accounts:
            self._give(100, 1, account=account)
        with patch("odoo.addons.channel_deposit.models.channel_deposit_lapse.BATCH", 2):
            self._job(1)
        self.assertEqual(accounts.mapped("posted"), [0] * 4)

    def test_finance_undoes_it_for_good(self):
        self._give(300, 10)
        self._job(10)
        lapsed = self.env["channel.deposit.entry"].search([("kind", "=", "lapse")], limit=1)
        request = self._request("correction", entry_id=lapsed.id, account_id=self.rebate.id)
        request.action_submit()
        self._check(request).action_approve()
        self.assertEqual(self.rebate.posted, 3.0)
        self._job(20)
        self.assertEqual(self.rebate.posted, 3.0)

    def test_accrued_rebates_give_the_revenue_back(self):
        self.company.channel_rebate_accrual = True
        self._give(300, 10)
        self._job(10)
        postings = self.env["channel.deposit.posting"]
        postings._post_entries(postings._waiting(company=self.company))
        owed = self.company._deposit_account_for("rebate")
        items = self.env["account.move.line"].search([("account_id", "=", owed.id)])
        self.assertEqual(sum(items.mapped("balance")), 0)
        self.assertEqual(sorted(items.mapped("balance")), [-3.0, 3.0])

    def test_the_account_shows_what_lapses_next(self):
        self._give(300, 10)
        self._give(200, 20)
        with patch.object(type(self.accounts), "_clock", lambda model: NOON):
            account = self.rebate.with_env(self.as_role("sales_rep"))
            self.assertEqual(account.next_lapse, 3.0)
            self.assertEqual(account.next_lapse_at, datetime(2026, 3, 25, 4))
            self.assertFalse(self.account.next_lapse_at)

    def test_the_representative_is_told_once(self):
        self._give(300, 10)
        self._give(100, 30)
        self._job(-6)
        self.assertFalse(self._todos(), "16 days before")
        self._job(0)
        self._job(1)
        todo = self._todos()
        self.assertEqual((len(todo), todo.user_id), (1, self.users["sales_rep"]))
        self.assertEqual(todo.date_deadline, date(2026, 3, 25))
        self.assertIn("3.00", todo.summary)
        todo.action_done()
        self._job(2)
        self.assertFalse(self._todos())

    def test_the_to_do_follows_what_is_used(self):
        self._give(300, 10, key="bonus")
        self._job()
        self._give(100, 10)
        self._job()
        self.assertIn("4.00", self._todos().summary)
        self.accounts._book_or_raise(
            [
                Reverse(key="a", of="bonus", note="x"),
                Reverse(key="b", of=f"bonus {self.rebate.id} 2", note="x"),
            ]
        )
        self._job()
        self.assertFalse(self._todos())

    def test_nobody_is_told_when_the_company_does_not_want_it(self):
        self.company.channel_rebate_warn_days = 0
        self._give(300, 10)
        self._job()
        self.assertFalse(self._todos())
