from datetime import date

from psycopg2.errors import CheckViolation, ExclusionViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .live_common import LiveCommon


@tagged("post_install", "-at_install")
class TestTalent(LiveCommon):
    """Talents, their agencies, and contracts that never overlap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.talents = cls.env["channel.talent"].with_context(default_company_id=cls.company.id)
        cls.mcn = cls.talents.create({"name": "MCN One", "kind": "mcn"})
        cls.colonel = cls.talents.create({"name": "Colonel", "kind": "colonel"})
        cls.affiliate = cls.talents.create(
            {
                "name": "Affiliate",
                "kind": "affiliate",
                "tier": "top",
                "mcn_id": cls.mcn.id,
                "colonel_id": cls.colonel.id,
                "account_ids": [Command.create({"platform": "douyin", "author_ref": "88"})],
            }
        )

    def contract(self, start, end, talent=None, terms=None):
        return self.env["channel.talent.contract"].create(
            {
                "name": f"C-{start}",
                "talent_id": (talent or self.affiliate).id,
                "company_id": self.company.id,
                "date_start": start,
                "date_end": end,
                "term_ids": [
                    Command.create(values) for values in (terms or [{"percent_bp": 2000}])
                ],
            }
        )

    def test_who_may_be_whose(self):
        self.assertEqual(self.mcn.talent_ids, self.affiliate)
        self.assertEqual(self.colonel.recruit_ids, self.affiliate)
        for talent, values in (
            (self.affiliate, {"mcn_id": self.host.id}),
            (self.affiliate, {"colonel_id": self.mcn.id}),
            (self.mcn, {"kind": "host"}),
            (self.colonel, {"kind": "host"}),
        ):
            with self.assertRaises(ValidationError):
                talent.write(values)
        for talent, values in (
            (self.host, {"tier": "top"}),
            (self.host, {"colonel_id": self.colonel.id}),
            (self.mcn, {"mcn_id": self.mcn.id}),
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                talent.write(values)
                self.env.flush_all()

    def test_a_platform_account_has_one_talent(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.host.account_ids = [Command.create({"platform": "douyin", "author_ref": "88"})]
            self.env.flush_all()

    def test_contracts_in_force_do_not_overlap(self):
        first = self.contract("2026-01-01", "2026-06-30")
        second = self.contract("2026-06-30", None)
        other = self.contract("2026-01-01", None, talent=self.host)
        (first | other).action_activate()
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(ExclusionViolation):
            second.action_activate()
            self.env.flush_all()
        second.date_start = "2026-07-01"
        second.action_activate()
        self.env.flush_all()
        current = self.env["channel.talent.contract"]._current_by_talent
        self.assertEqual(current(self.affiliate, date(2026, 6, 30)), {self.affiliate.id: first})
        self.assertEqual(current(self.affiliate, date(2030, 1, 1)), {self.affiliate.id: second})
        self.assertEqual(current(self.affiliate, date(2025, 12, 31)), {})

    def test_end_and_delete(self):
        contract = self.contract("2026-01-01", None)
        contract.action_activate()
        with self.assertRaises(UserError):
            contract.action_activate()
        with self.assertRaises(UserError):
            contract.unlink()
        contract.action_end()
        self.assertEqual(contract.state, "ended")
        self.assertTrue(contract.date_end)
        with self.assertRaises(ValidationError):
            contract.term_ids.percent_bp = 1
        future = self.contract("2999-01-01", None, talent=self.host)
        future.action_activate()
        future.action_end()
        self.assertEqual(future.state, "draft")

    def test_terms(self):
        contract = self.contract(
            "2026-01-01", None, terms=[{"percent_bp": 10000, "pit_fee": 1234.56}]
        )
        term = contract.term_ids
        self.assertEqual(term.percent, 100.0)
        term.percent = 12.34
        self.assertEqual(term.percent_bp, 1234)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT pit_fee::text FROM channel_talent_term WHERE id = %s", (term.id,)
        )
        self.assertEqual(self.env.cr.fetchone()[0].rstrip("0"), "1234.56")
        for values in ({"percent_bp": 10001}, {"percent_bp": -1}, {"pit_fee": -1}):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                term.write(values)
                self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            term.copy()
        empty = self.contract("2027-01-01", None, talent=self.host)
        empty.term_ids.unlink()
        with self.assertRaisesRegex(UserError, "no terms"):
            empty.action_activate()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            contract.date_end = "2025-01-01"
            self.env.flush_all()
