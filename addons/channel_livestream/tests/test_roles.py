from odoo.exceptions import AccessError
from odoo.tests import tagged

from .live_common import LiveCommon

READ, FULL = "r", "rwcd"
# model -> role -> what it may do: read, write, create, delete
RIGHTS = {
    "channel.session": {"operator": FULL, "warehouse": "r", "finance": "r", "sales_manager": "r"},
    "channel.session.item": {
        "operator": FULL,
        "warehouse": "r",
        "finance": "r",
        "sales_manager": "r",
    },
    "channel.talent": {"operator": "r", "finance": "rwc", "sales_manager": "rwc", "warehouse": "r"},
    "channel.talent.contract": {
        "operator": "r",
        "finance": FULL,
        "sales_manager": FULL,
        "warehouse": "",
    },
    "channel.talent.term": {
        "operator": "r",
        "finance": FULL,
        "sales_manager": FULL,
        "warehouse": "",
    },
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestRoles(LiveCommon):
    """Who may do what; a member's user sees nothing of it."""

    def test_rights_of_every_role(self):
        for model, roles in RIGHTS.items():
            roles = {**roles, "sales_rep": "", "member": "", "admin": FULL}
            if model.startswith("channel.session"):
                roles["integration"] = "r"
            for role, rights in roles.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            self.as_role(role)[model].has_access(operation), letter in rights
                        )

    def test_operator_runs_a_whole_session(self):
        env = self.as_role("operator")
        session = env["channel.session"].create(
            {
                "name": "By operator",
                "shop_id": self.shop.id,
                "room_ref": "op-1",
                "item_ids": [(0, 0, {"link_id": self.link_tea.id, "price": 20, "quota": 10})],
            }
        )
        session.action_open()
        self.assertEqual(session.cockpit()["items"][0]["left"], 10)
        session.action_close()
        self.assertEqual(session.state, "closed")

    def test_warehouse_looks_but_does_not_open(self):
        session = self.session.with_env(self.as_role("warehouse"))
        self.assertEqual(session.name, "Friday Evening")
        self.assertTrue(session.cockpit()["items"])
        with self.assertRaises(AccessError):
            session.action_open()

    def test_member_user_sees_nothing(self):
        session = self.session.with_env(self.as_role("member"))
        for call in (session.cockpit, session.action_open, lambda: session.read(["name"])):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            session.cockpit_sessions()

    def test_other_companies_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other Brand"})
        stranger = self._create_user("stranger", "group_livestream_operator")
        stranger.sudo().write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        env = self.env(user=stranger, su=False, context={"allowed_company_ids": other.ids})
        for model in ("channel.session", "channel.session.item", "channel.talent"):
            self.assertFalse(env[model].search([]), model)
        with self.assertRaises(AccessError):
            self.session.with_env(env).cockpit()
