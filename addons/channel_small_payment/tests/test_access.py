from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SmallPaymentCommon

USES = ("operator", "sales_manager", "finance", "admin")
NOTHING = ("warehouse", "integration", "sales_rep", "member")


@tagged("post_install", "-at_install")
class TestAccess(SmallPaymentCommon):
    """Who enters and pays sees it; the warehouse, representatives and members do not."""

    def test_roles(self):
        payment = self.paid()
        for role in USES:
            with self.subTest(role=role):
                one = self.as_role(role)[payment._name].browse(payment.id)
                views = one.get_views([(False, "list"), (False, "form")])
                names = set(views["models"][one._name]["fields"])
                one.read([n for n in names if not n.startswith(("message", "activity"))])
        for role in NOTHING:
            one = self.as_role(role)[payment._name].browse(payment.id)
            with self.subTest(role=role), self.assertRaises(AccessError):
                one.read(["name"])

    def test_the_rest_presses_no_button(self):
        payment = self.to_pay()
        for role in NOTHING:
            one = self.as_role(role)[payment._name].browse(payment.id)
            for press in (one.action_submit, one.action_draft, one.action_cancel, one.action_approve,
                          one.action_refuse, one.action_pay, one.action_take_back):  # fmt: skip
                with self.subTest(role=role, press=press.__name__), self.assertRaises(AccessError):
                    press()
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.draft(user=self.users[role])

    def test_the_order_tells_others_nothing(self):
        self.paid()
        for role in (*USES, "warehouse", "sales_rep"):
            arch = self.as_role(role)["channel.order"].get_view(view_type="form")["arch"]
            with self.subTest(role=role):
                self.assertEqual("small_payment" in arch, role in USES)
        with self.assertRaises(AccessError):
            self.s1.with_user(self.users["warehouse"]).read(["amount_small"])

    def test_postings_are_finances(self):
        for role in self.users:
            postings = self.as_role(role)["channel.small.payment.posting"]
            with self.subTest(role=role):
                self.assertEqual(postings.has_access("read"), role in ("finance", "admin"))
                for mode in ("write", "create", "unlink"):
                    self.assertFalse(postings.has_access(mode))

    def test_another_company_is_out_of_reach(self):
        self.paid()
        company = self.env["res.company"].create({"name": "Abroad"})
        self.clerk.write({"company_ids": [(4, company.id)]})
        theirs = self.Payment.with_user(self.clerk).with_context(allowed_company_ids=company.ids)
        self.assertFalse(theirs.search([]))
