from datetime import date

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .cash_common import CashCommon


@tagged("post_install", "-at_install")
class TestTopUp(CashCommon):
    def _top_up(self, amount=100.0, key="pay,1", account=None, day=date(2026, 3, 15)):
        return (account or self.account).top_up(amount, key, "res.partner,1", day=day)

    def _rebate(self, member=None):
        return self.accounts._ensure(member or self.dealer_a, "rebate")

    def test_money_comes_in_once(self):
        first, again = self._top_up(), self._top_up()
        self.assertEqual(first, again)
        self.assertEqual(first.mapped("posted"), [100.0])
        self.assertEqual(self.account.posted, 110.0)

    def test_a_bonus_comes_with_the_money_and_opens_the_rebate_account(self):
        rule = self._bonus_rule()
        money, bonus = self._top_up()
        rebate = self._rebate()
        self.assertEqual((rebate.state, rebate.posted), ("open", 2.0))
        self.assertEqual((money.account_id, bonus.account_id), (self.account, rebate))
        self.assertEqual((bonus.key, bonus.source), ("pay,1,bonus", "res.partner,1"))
        self.assertRegex(bonus.note, rf"{rule.id}.*Spring.*2\.00 %.*100\.00")

    def test_a_later_change_of_the_rule_changes_no_bonus(self):
        rule = self._bonus_rule()
        first = self._top_up()
        rule.percent = 50
        self.assertEqual(self._top_up(), first)
        rule.unlink()
        self.assertEqual(self._top_up(), first)
        self.assertEqual(self._rebate().posted, 2.0)

    def test_the_rule_that_gives_most_counts(self):
        self._bonus_rule()
        self._bonus_rule(name="Fixed", method="fixed", fixed=2.5, sequence=99)
        self._top_up()
        self.assertEqual(self._rebate().posted, 2.5)

    def test_who_and_when(self):
        self._bonus_rule(
            grade_ids=[Command.set(self.grade_gold.ids)],
            date_from="2026-03-01",
            date_to="2026-03-31",
        )
        self._top_up(key="before", day=date(2026, 2, 28))
        self._top_up(key="after", day=date(2026, 4, 1))
        self._top_up(key="little", amount=99.99)
        self._top_up(key="silver", account=self.other)
        self.assertEqual((self._rebate().state, self._rebate(self.dealer_b).state), ("draft",) * 2)
        self._top_up(key="gold", day=date(2026, 3, 31))
        self.assertEqual(self._rebate().posted, 2.0)

    def test_only_goods_kept_by_the_brand_earn_a_bonus(self):
        self._bonus_rule()
        guarantee = self._open(self.dealer_a, purpose="guarantee")
        kept = self._open(self.retailer_a1, creditor=self.dealer_a)
        for number, account in enumerate(guarantee | kept):
            self.assertEqual(len(self._top_up(key=f"pay,{number}", account=account)), 1)

    def test_another_companys_rule_is_for_its_own_members(self):
        company = self.env["res.company"].create(
            {"name": "Abroad", "currency_id": self.currency.id}
        )
        self._bonus_rule(company_id=company.id)
        self.assertEqual(len(self._top_up()), 1)

    def test_bad_amounts_are_refused_in_words(self):
        for amount in (0, -1, 0.001, float("nan"), float("inf"), 10**15, "many", None):
            with self.subTest(amount=amount), self.assertRaisesRegex(UserError, "amount|Amount"):
                self._top_up(amount)
        self.assertEqual(self.account.posted, 10.0)

    def test_an_account_that_is_not_open_takes_no_money_and_no_bonus(self):
        self._bonus_rule()
        draft = self.accounts._ensure(self.dealer_a1)
        with self.assertRaisesRegex(UserError, "not open"):
            self._top_up(account=draft)
        self.assertFalse(self._rebate(self.dealer_a1).number)

    def test_nobody_tops_up_by_a_call(self):
        self.assertTrue(getattr(type(self.accounts).top_up, "_api_private", False))

    def test_a_rule_gives_something(self):
        for values in ({"percent": 0}, {"percent": 101}, {"method": "fixed"}, {"minimum": -1},
                       {"date_from": "2026-02-01", "date_to": "2026-01-01"}):  # fmt: skip
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._bonus_rule(**values)
