"""Who sees the board: four roles read it and may start a run, nobody edits a result."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ControlCase

READERS = ("finance_clerk", "sales_manager", "livestream_operator", "integration_admin")
OTHERS = ("channel_network.group_warehouse", "channel_network.group_sales_rep", "base.group_user",
          "base.group_portal")  # fmt: skip


@tagged("post_install", "-at_install")
class TestRoles(ControlCase):
    def _user(self, group):
        return new_test_user(self.env, login=f"board {group}", groups=group)

    def test_readers_see_and_check_but_do_not_write(self):
        for role in READERS:
            with self.subTest(role=role):
                user = self._user(f"channel_network.group_{role}")
                controls = self.controls.with_user(user).search([])
                self.assertEqual(len(controls), 10)
                controls.action_check()
                self.assertTrue(controls[0].checked_at)
                with self.assertRaises(AccessError):
                    controls[0].state = "green"
                with self.assertRaises(AccessError):
                    controls[0].unlink()

    def test_others_do_not(self):
        for group in OTHERS:
            with self.subTest(group=group):
                controls = self.controls.with_user(self._user(group))
                with self.assertRaises(AccessError):
                    controls.search([])
                with self.assertRaises(AccessError):
                    controls.action_check()

    def test_rows_of_another_company_stay_there(self):
        abroad = self.env["res.company"].create({"name": "Board Abroad"})
        finding = self.env["channel.control.finding"].create(
            {
                "control_id": self.env.ref("channel_dashboard.control_walls").id,
                "check_name": "order_wall",
                "model": "channel.order",
                "res_id": self.queued.id,
                "company_id": abroad.id,
                "data": {"order": "x", "shop": "y"},
            }
        )
        user = self._user("channel_network.group_finance_clerk")
        self.assertFalse(finding.with_user(user).has_access("read"))

    def test_a_record_that_a_role_may_not_open_says_whose_it_is(self):
        finding = self.env["channel.control.finding"].create(
            {
                "control_id": self.env.ref("channel_dashboard.control_nothing_lost").id,
                "check_name": "message_lost",
                "model": "channel.blocklist",
                "res_id": self._blocked().id,
                "data": {"ref": "x"},
            }
        )
        user = self._user("channel_network.group_finance_clerk")
        with self.assertRaisesRegex(UserError, "Integration Admin"):
            finding.with_user(user).action_open()
        finding.res_id = 2_000_000_000
        with self.assertRaisesRegex(UserError, "gone"):
            finding.with_user(user).action_open()

    def _blocked(self):
        """A record that finance clerks have no right to."""
        return self.env["channel.blocklist"].create(
            {"kind": "phone", "text": "13800138000", "reason": "test"}
        )
