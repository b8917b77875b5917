from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SettlementCommon

SEES = ("finance", "sales_manager", "admin")
MODELS = (
    "settlement.scheme", "settlement.rule", "settlement.tier", "settlement.event",
    "settlement.share", "settlement.todo",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestAccess(SettlementCommon):
    """What is earned is the business of finance and sales managers alone."""

    def test_roles(self):
        self.split()
        self.draft(name="Draft")
        for role in self.users:
            for name in MODELS:
                model = self.as_role(role)[name]
                with self.subTest(role=role, model=name):
                    self.assertEqual(model.has_access("read"), role in SEES)
                    writes = name in MODELS[:3] and role in ("finance", "admin")
                    for mode in ("write", "create", "unlink"):
                        self.assertEqual(model.has_access(mode), writes)

    def test_those_who_see_it_open_its_screens(self):
        self.split()
        for role in ("finance", "sales_manager"):
            for name in ("settlement.scheme", "settlement.share", "settlement.todo"):
                with self.subTest(role=role, model=name):
                    model = self.as_role(role)[name]
                    views = model.get_views([(False, "list"), (False, "search")])
                    names = set(views["models"][name]["fields"])
                    model.search([]).read(
                        [n for n in names if not n.startswith(("message", "activity"))]
                    )

    def test_the_order_tells_others_nothing(self):
        self.split()
        order = self.orders[0]
        for role in ("warehouse", "operator", "sales_rep"):
            arch = self.as_role(role)["channel.order"].get_view(view_type="form")["arch"]
            with self.subTest(role=role):
                self.assertNotIn("share_count", arch)
                with self.assertRaises(AccessError):
                    order.with_user(self.users[role]).read(["share_count"])
        self.assertTrue(order.with_user(self.users["finance"]).share_count)

    def test_only_a_clerk_splits(self):
        with self.assertRaises(AccessError):
            self.Todo.with_user(self.users["sales_manager"]).action_look_again()

    def test_another_company_is_out_of_reach(self):
        self.split()
        company = self.env["res.company"].create({"name": "Abroad"})
        clerk = self.users["finance"]
        clerk.write({"company_ids": [(4, company.id)]})
        for name in (
            "settlement.scheme",
            "settlement.rule",
            "settlement.share",
            "settlement.event",
        ):
            theirs = self.env[name].with_user(clerk).with_context(allowed_company_ids=company.ids)
            with self.subTest(name):
                self.assertFalse(theirs.search([]))
