from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SaleCommon

RIGHTS = {
    "channel.restock.level": {"sales_rep": "rwcd", "sales_manager": "rwcd", "admin": "rwcd"},
    "channel.order.file": {"sales_rep": "rwcd", "sales_manager": "rwcd", "admin": "rwcd"},
    "channel.order.file.error": {"sales_rep": "rwcd", "sales_manager": "rwcd", "admin": "rwcd"},
    "channel.review.rule": {
        "finance": "r", "sales_rep": "r", "sales_manager": "rwcd", "admin": "rwcd",
    },
    "channel.review.decision": {
        "finance": "r", "sales_rep": "r", "sales_manager": "r", "admin": "r",
    },
    "channel.rebate.use": {"sales_rep": "rwcd", "sales_manager": "rwcd", "admin": "rwcd"},
    "channel.target": {
        "finance": "r", "sales_rep": "r", "sales_manager": "rwcd", "admin": "rwcd",
    },
    "channel.review.decide": {"sales_manager": "rwcd", "admin": "rwcd"},
    "channel.review.decide.line": {"sales_manager": "rwcd", "admin": "rwcd"},
}  # fmt: skip
LETTERS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestAccess(SaleCommon):
    """Who sees which dealer orders, and who sets the rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        members = (cls.dealer_a, cls.dealer_a1, cls.retailer_a1, cls.dealer_b)
        cls.of_a, cls.of_a1, cls.of_retailer, cls.of_b = cls.orders = cls.env["sale.order"].union(
            *(cls._order(1, member=member, user_id=False) for member in members)
        )
        cls.orders.action_confirm()
        cls.below = cls.of_a | cls.of_a1 | cls.of_retailer

    def test_rights(self):
        for model, rights in RIGHTS.items():
            for role in self.users:
                records = self.as_role(role)[model]
                got = "".join(x for x, mode in LETTERS.items() if records.has_access(mode))
                with self.subTest(model=model, role=role):
                    self.assertEqual(got, rights.get(role, ""))

    def _seen(self, role):
        return self.as_role(role)["sale.order"].search([("id", "in", self.orders.ids)]).sudo()

    def test_a_representative_sees_the_orders_of_the_own_members(self):
        self.assertEqual(self._seen("sales_rep"), self.below)
        self.of_b.user_id = self.users["sales_rep"]
        self.of_a.user_id = self.users["sales_manager"]
        self.assertEqual(self._seen("sales_rep"), self.below)
        with self.assertRaises(AccessError):
            self.of_b.with_env(self.as_role("sales_rep")).read(["name"])
        lines = self.as_role("sales_rep")["sale.order.line"].search(
            [("order_id", "in", self.orders.ids)]
        )
        self.assertEqual(lines.sudo().order_id, self.below)
        decisions = self.as_role("sales_rep")["channel.review.decision"].search([])
        self.assertEqual(decisions.sudo().order_id, self.below)

    def test_a_representative_still_sees_what_is_no_dealer_order(self):
        partner = self.env["res.partner"].create({"name": "Passer-by"})
        order = self._order(1, partner_id=partner.id, user_id=self.users["sales_rep"].id)
        self.assertTrue(order.with_env(self.as_role("sales_rep")).has_access("write"))

    def test_a_sales_manager_sees_all(self):
        self.assertEqual(self._seen("sales_manager"), self.orders)
        decisions = self.as_role("sales_manager")["channel.review.decision"].search(
            [("order_id", "in", self.orders.ids)]
        )
        self.assertEqual(decisions.sudo().order_id, self.orders)

    def test_a_dealers_user_sees_the_own_orders_and_no_rules(self):
        self.assertEqual(self._seen("member"), self.of_a)
        mine = self.of_a.with_env(self.as_role("member"))
        self.assertEqual(mine.read(["review_state"])[0]["review_state"], "passed")
        for model in RIGHTS:
            with self.assertRaises(AccessError):
                self.as_role("member")[model].search([])
        for name in ("decision_ids", "review_rule_id"):
            with self.assertRaises(AccessError):
                mine.read([name])

    def test_another_company_is_out_of_reach(self):
        company = self.env["res.company"].create(
            {"name": "Abroad", "currency_id": self.currency.id}
        )
        rules = self.env["channel.review.rule"].search([("company_id", "=", company.id)])
        self.assertTrue(rules)
        for role in ("finance", "sales_rep", "sales_manager", "admin"):
            self.assertFalse(rules.with_env(self.as_role(role)).has_access("read"))

    def test_the_members_button_counts_today(self):
        member = self.dealer_a.with_env(self.as_role("sales_rep"))
        self.assertEqual(member.orders_today, 1)
        self.of_a.date_order = "2026-01-01"
        member.invalidate_recordset()
        self.assertEqual(member.orders_today, 0)
        action = member.action_dealer_orders()
        found = self.env["sale.order"].search(action["domain"])
        self.assertEqual(found, self.of_a)

    def test_the_screens_open_for_their_roles(self):
        for role in ("finance", "sales_rep", "sales_manager", "warehouse"):
            order = self.as_role(role)["sale.order"]
            if order.has_access("read"):
                order.get_views([(False, "form"), (False, "list")])
        for name in ("review", "", "mine", "failed"):
            xmlid = "channel_sale.action_dealer_order" + (f"_{name}" if name else "")
            action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
            env = self.as_role("sales_manager")
            env["sale.order"].get_views(action["views"])
            domain = env["ir.actions.act_window"]._for_xml_id(xmlid)["domain"]
            self.assertIsInstance(domain, str)
