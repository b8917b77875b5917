"""A control's result on the board: state, rows, history, activities, and what a failure does."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..controls import CHECKS
from ..controls.base import Check
from ..core import catalogue, verdict
from .common import ControlCase


@tagged("post_install", "-at_install")
class TestBoard(ControlCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.control = cls.env.ref("channel_dashboard.control_no_oversell")
        cls.operator = cls.env["res.users"].create(
            {
                "name": "Control Operator",
                "login": "control-operator",
                "group_ids": [(6, 0, cls.env.ref("channel_network.group_livestream_operator").ids)],
            }
        )

    def _break(self):
        self.sql("UPDATE channel_pool_quota SET allocated = 2 WHERE id = %s", self.quota.id)

    def _mend(self):
        self.sql("UPDATE channel_pool_quota SET allocated = 1 WHERE id = %s", self.quota.id)

    def test_every_control_of_the_catalogue_is_on_the_board(self):
        controls = self.controls.search([])
        self.assertEqual(
            {control.code: control.number for control in controls},
            {spec.code: spec.number for spec in catalogue.CATALOGUE},
        )
        self.assertEqual(set(CHECKS), {spec.code for spec in catalogue.CATALOGUE if spec.in_use})
        names = [check.name for checks in CHECKS.values() for check in checks]
        self.assertEqual(len(names), len(set(names)))

    def test_run_all_counts_what_is_in_use(self):
        counts = self.controls._run_all()
        self.assertEqual(set(counts), set(CHECKS))
        self.assertEqual(counts["no_oversell"], 0)
        self.assertEqual(self.control.state, verdict.GREEN)

    def test_a_control_not_in_use_stays_grey(self):
        sap = self.env.ref("channel_dashboard.control_sap")
        sap.action_check()
        self.controls._run_all()
        self.assertEqual(sap.state, verdict.UNUSED)
        self.assertFalse(sap.checked_at)

    def test_red_lists_the_rows_and_green_forgets_them(self):
        self._break()
        self.assertEqual(self.control._run(), {"no_oversell": 1})
        self.assertEqual(self.control.state, verdict.RED)
        self.assertEqual(self.control.count_text, "1")
        finding = self.control.finding_ids
        self.assertEqual((finding.model, finding.res_id), ("channel.pool", self.pool.id))
        self.assertIn("2 units are booked as allocated, orders took 1", finding.text)
        action = self.control.action_open_records()
        self.assertEqual(action["res_model"], "channel.pool")
        self.assertEqual(self.env["channel.pool"].search(action["domain"]), self.pool)
        self.assertEqual(finding.action_open()["res_id"], self.pool.id)
        self._mend()
        self.assertEqual(self.control._run(), {"no_oversell": 0})
        self.assertEqual(self.control.state, verdict.GREEN)
        self.assertFalse(self.control.finding_ids)
        self.assertFalse(self.control.red_since)

    def test_history_keeps_changes_only(self):
        self.control._run()
        before = len(self.control.run_ids)
        self.control._run()
        self.assertEqual(len(self.control.run_ids), before)
        self._break()
        self.control._run()
        self.control._run()
        self.assertEqual(len(self.control.run_ids), before + 1)
        self.assertEqual(self.control.run_ids[0].state, verdict.RED)

    def test_people_get_one_activity_until_it_is_green(self):
        self.control._run()
        self._break()
        self.control._run()
        self.control._run()
        activities = self.control.activity_ids.filtered(lambda a: a.user_id == self.operator)
        self.assertEqual(len(activities), 1)
        self.assertFalse(self.control.activity_ids.user_id.filtered("share"), "inside people only")
        self._mend()
        self.control._run()
        self.assertFalse(self.control.activity_ids)

    def test_a_failing_query_is_shown_and_stops_nothing(self):
        broken = Check(
            "broken",
            "channel.pool",
            CHECKS["walls"][0].message,
            query=lambda env: SQL("SELECT id FROM no_such_table"),
        )
        with (
            patch.dict(CHECKS, {"no_oversell": (broken,)}),
            mute_logger("odoo.sql_db", "odoo.addons.channel_dashboard.models.channel_control"),
        ):
            counts = self.controls._run_all()
        self.assertEqual(counts["no_oversell"], -1)
        self.assertEqual(counts["exactly_once"], 0)
        self.assertEqual(self.control.state, verdict.ERROR)
        self.assertIn("no_such_table", self.control.error)
        self.control._run()
        self.assertEqual(self.control.state, verdict.GREEN)
        self.assertFalse(self.control.error)

    def test_counting_stops_at_the_limit(self):
        many = Check(
            "many",
            "channel.pool",
            CHECKS["walls"][0].message,
            query=lambda env: SQL(
                "SELECT n AS res_id, NULL::int AS company_id,"
                ' \'{"order": 1, "shop": 2}\'::jsonb AS data FROM generate_series(1, 5000) AS n'
            ),
        )
        with patch.dict(CHECKS, {"no_oversell": (many,)}):
            self.control._run()
        self.assertEqual(self.control.count, verdict.COUNT_LIMIT)
        self.assertEqual(self.control.count_text, "1000+")
        self.assertEqual(len(self.control.finding_ids), verdict.SAMPLE)

    def test_the_scheduled_run_checks_each_control(self):
        cron = self.env.ref("channel_dashboard.cron_run_controls")
        self.assertEqual((cron.interval_number, cron.interval_type), (10, "minutes"))
        self.control.checked_at = False
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 60):
            cron.ir_actions_server_id.run()
        self.assertTrue(self.control.checked_at)

    def test_history_is_cleaned_but_keeps_the_newest(self):
        self.control.run_ids.unlink()
        runs = self.env["channel.control.run"].create(
            [
                {
                    "control_id": self.control.id,
                    "checked_at": f"2020-01-0{day} 00:00:00",
                    "state": "green",
                }
                for day in (1, 2)
            ]
        )
        self.env["channel.control.run"]._gc_history()
        self.assertEqual(self.control.run_ids, runs[1])
