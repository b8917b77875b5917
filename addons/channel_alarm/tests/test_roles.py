from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .alarm_common import AlarmCommon

RIGHTS = {
    "channel.alarm": {
        "operator": "rw", "sales_manager": "rw", "admin": "rw", "warehouse": "r", "finance": "r",
        "integration": "r", "sales_rep": "", "member": "",
    },
    "channel.alarm.rule": {
        "operator": "r", "sales_manager": "rw", "admin": "rwcd", "warehouse": "", "finance": "",
        "integration": "", "sales_rep": "", "member": "",
    },
    "channel.alarm.ignore": {
        "operator": "rwcd", "sales_manager": "rwcd", "admin": "rwcd", "warehouse": "",
        "finance": "", "integration": "", "sales_rep": "", "member": "",
    },
    "channel.alarm.tally": {"operator": "", "admin": "r", "member": ""},
    "channel.alarm.watch": {"operator": "", "admin": "r", "member": ""},
}  # fmt: skip
OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestRoles(AlarmCommon):
    """Who sees alarms, who decides, who sets the rules."""

    def test_rights_of_every_role(self):
        for model, roles in RIGHTS.items():
            for role, rights in roles.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            self.as_role(role)[model].has_access(operation), letter in rights
                        )

    def test_who_decides(self):
        self.only("spike")
        self.bring("A", 3)
        alarm = self.evaluate()
        for role in ("warehouse", "finance", "integration", "sales_rep", "member"):
            for call in ("action_hold", "action_release", "action_ignore"):
                with self.assertRaises(AccessError):
                    getattr(alarm.with_user(self.users[role]), call)()
        for role in ("operator", "sales_manager", "admin"):
            alarm.with_user(self.users[role]).action_hold()
            alarm.with_user(self.users[role]).action_release()
            alarm.state = "open"

    def test_states_are_written_by_buttons_only(self):
        self.only("spike")
        self.bring("A", 3)
        alarm = self.evaluate().with_user(self.users["operator"])
        with self.assertRaisesRegex(UserError, "buttons"):
            alarm.state = "ignored"

    def test_receivers_keys_are_shown_to_nobody(self):
        self.only("receiver")
        self.bring("A", 3, phone="13900001111")
        alarm = self.evaluate().with_user(self.users["admin"])
        for name in ("subject", "facts"):
            with self.assertRaises(AccessError):
                alarm.read([name])
        self.assertIn(self.env["channel.order"].search([("order_ref", "=", "A0")]),
                      self.env["channel.order"].search(alarm.action_view_orders()["domain"]))  # fmt: skip

    def test_other_companies_are_not_seen(self):
        self.only("spike")
        self.bring("A", 3)
        self.evaluate()
        other = self.env["res.company"].create({"name": "Other Brand"})
        stranger = self._create_user("stranger", "group_livestream_operator")
        stranger.sudo().write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        env = self.env(user=stranger, su=False, context={"allowed_company_ids": other.ids})
        self.assertFalse(env["channel.alarm"].search([]))
        self.assertEqual(env["channel.alarm.rule"].search([]).company_id, other)
