from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation, ExclusionViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ChannelCommon

TODAY = "2026-06-15"


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 04:00:00")
class TestContract(ChannelCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dealer_b.user_id = cls.users["sales_rep"]

    def _contract(self, start="2026-01-01", end="2026-12-31", member=None, **values):
        return self.env["channel.contract"].create(
            {
                "member_id": (member or self.dealer_b).id,
                "date_start": start,
                "date_end": end,
                **values,
            }
        )

    def test_in_force_it_gives_grade_and_territories(self):
        contract = self._contract(
            grade_id=self.grade_gold.id, territory_ids=self.hangzhou.ids, credit_line=5000
        )
        self.assertFalse(self.dealer_b.current_contract_id)
        contract.action_activate()
        self.assertEqual(self.dealer_b.current_contract_id, contract)
        self.assertEqual(self.dealer_b.grade_id, self.grade_gold)
        self.assertEqual(self.dealer_b.territory_ids, self.hangzhou)

    def test_a_later_contract_waits_for_its_first_day(self):
        contract = self._contract("2026-07-01", "2026-12-31", grade_id=self.grade_gold.id)
        contract.action_activate()
        self.assertFalse(self.dealer_b.current_contract_id)
        self.assertEqual(self.dealer_b.grade_id, self.grade_silver)
        with freeze_time("2026-07-01 04:00:00"):
            self.env["channel.contract"]._cron_validity()
            self.env.invalidate_all()
            self.assertEqual(self.dealer_b.current_contract_id, contract)
            self.assertEqual(self.dealer_b.grade_id, self.grade_gold)

    def test_members_are_found_by_contract_in_force(self):
        contract = self._contract(credit_line=100)
        contract.action_activate()
        Member = self.env["channel.member"]
        mine = [("company_id", "=", self.company.id)]
        self.assertEqual(
            Member.search([("current_contract_id", "=", contract.id), *mine]), self.dealer_b
        )
        without = Member.search([("current_contract_id", "=", False), *mine])
        self.assertNotIn(self.dealer_b, without)
        self.assertIn(self.dealer_a, without)
        with_one = Member.search([("current_contract_id", "!=", False), *mine])
        self.assertEqual(with_one, self.dealer_b)
        self.assertEqual(
            Member.search([("current_contract_id.credit_line", ">", 99), *mine]), self.dealer_b
        )

    @mute_logger("odoo.sql_db")
    def test_two_in_force_do_not_overlap(self):
        self._contract("2026-01-01", "2026-06-30").action_activate()
        overlapping = self._contract("2026-06-30", "2027-06-30")
        with self.assertRaises(ExclusionViolation), self.cr.savepoint():
            overlapping.action_activate()
        following = self._contract("2026-07-01", "2027-06-30")
        following.action_activate()
        self.assertEqual(following.state, "active")

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_bad_dates_and_amounts(self):
        for values in (
            {"end": "2025-12-31"},
            {"min_deposit": -1},
            {"credit_line": -0.01},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self._contract(**values)

    def test_what_is_over_cannot_begin(self):
        with self.assertRaisesRegex(UserError, "choose a later last day"):
            self._contract("2025-01-01", "2025-12-31").action_activate()

    def test_ending_keeps_it_as_evidence(self):
        contract = self._contract()
        contract.action_activate()
        contract.action_end()
        self.assertEqual((contract.state, contract.date_end), ("ended", date(2026, 6, 15)))
        with self.assertRaisesRegex(UserError, "not in force"):
            contract.action_end()
        with self.assertRaisesRegex(UserError, "not a draft"):
            contract.action_activate()
        with self.assertRaisesRegex(UserError, "Only draft contracts"):
            contract.unlink()

    def test_a_rep_prepares_and_a_manager_decides(self):
        env = self.as_role("sales_rep")
        contract = env["channel.contract"].create(
            {"member_id": self.dealer_a.id, "date_end": "2026-12-31"}
        )
        contract.credit_line = 100
        with self.assertRaisesRegex(AccessError, "ask your sales manager"):
            contract.action_activate()
        contract.with_env(self.as_role("sales_manager")).action_activate()
        with self.assertRaises(AccessError):
            contract.credit_line = 999999
        with self.assertRaises(AccessError):
            env["channel.contract"].create(
                {"member_id": self.dealer_a.id, "date_end": "2026-12-31", "state": "active"}
            )

    # --- validity -----------------------------------------------------------------------

    def test_a_contract_expires_the_day_after_its_last(self):
        contract = self._contract("2026-01-01", TODAY)
        contract.action_activate()
        self.env["channel.contract"]._cron_validity()
        self.assertEqual(contract.state, "active")
        with freeze_time("2026-06-16 04:00:00"):
            self.env["channel.contract"]._cron_validity()
        self.assertEqual(contract.state, "expired")

    def test_the_representative_is_told_once_before_the_end(self):
        soon = self._contract("2026-01-01", "2026-07-15")
        later = self._contract("2026-01-01", "2026-07-16", member=self.dealer_a)
        (soon | later).action_activate()
        for _run in range(2):
            self.env["channel.contract"]._cron_validity()
        self.assertEqual(len(soon.activity_ids), 1)
        self.assertEqual(soon.activity_ids.user_id, self.users["sales_rep"])
        self.assertEqual(soon.activity_ids.date_deadline, date(2026, 7, 15))
        soon.activity_ids.action_done()
        self.env["channel.contract"]._cron_validity()
        self.assertFalse(soon.activity_ids, "a task that is done does not come back")
        self.assertFalse(later.activity_ids)


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 04:00:00")
class TestQualification(ChannelCommon):
    def _paper(self, number, valid_to, **values):
        return self.env["channel.qualification"].create(
            {"member_id": self.dealer_a.id, "number": number, "valid_to": valid_to, **values}
        )

    def test_states_and_their_search(self):
        papers = {
            "expired": self._paper("1", "2026-06-14"),
            "expiring": self._paper("2", "2026-06-15") | self._paper("3", "2026-07-15"),
            "valid": self._paper("4", "2026-07-16") | self._paper("5", False),
        }
        every = self.dealer_a.qualification_ids
        for state, expected in papers.items():
            with self.subTest(state=state):
                self.assertEqual(every.filtered(lambda p, s=state: p.state == s), expected)
                found = every.search([("state", "=", state), ("id", "in", every.ids)])
                self.assertEqual(found, expected)
        rest = every.search([("state", "!=", "expired"), ("id", "in", every.ids)])
        self.assertEqual(rest, papers["expiring"] | papers["valid"])

    def test_the_representative_is_told_once(self):
        soon = self._paper("1", "2026-07-01")
        later = self._paper("2", "2026-09-01")
        for _run in range(2):
            self.env["channel.contract"]._cron_validity()
        self.assertEqual(len(soon.activity_ids), 1)
        self.assertEqual(soon.activity_ids.user_id, self.users["sales_rep"])
        self.assertFalse(later.activity_ids)

    def test_closed_members_are_left_alone(self):
        paper = self._paper("1", "2026-07-01", member_id=self.retailer_b1.id)
        self.retailer_b1.action_close()
        self.env["channel.contract"]._cron_validity()
        self.assertFalse(paper.activity_ids)
