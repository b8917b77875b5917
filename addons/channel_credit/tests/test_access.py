from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_credit import CreditCommon

READERS = {"finance", "sales_manager", "warehouse", "admin"}


@tagged("post_install", "-at_install")
class TestAccess(CreditCommon):
    def test_rights(self):
        for role in self.users:
            credits = self.as_role(role)["channel.order.credit"]
            with self.subTest(role=role):
                self.assertEqual(credits.has_access("read"), role in READERS)
                for mode in ("write", "create", "unlink"):
                    self.assertFalse(credits.has_access(mode))

    def test_only_finance_writes_notes(self):
        self.after(self.orders[0], 1000)
        for role in ("sales_manager", "warehouse", "member", "operator"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.as_role(role)["channel.order.credit"].action_write_notes()
        action = self.as_role("finance")["channel.order.credit"].action_write_notes()
        self.assertEqual(self.env["account.move"].browse(action["res_id"]).move_type, "out_refund")
        with self.assertRaises(UserError):
            self.as_role("finance")["channel.order.credit"].action_write_notes()

    def test_another_company_is_out_of_reach(self):
        self.after(self.orders[0], 1000)
        self.run_all()
        company = self.env["res.company"].create({"name": "Abroad"})
        user = self.users["finance"]
        user.write({"company_ids": [(4, company.id)]})
        theirs = self.env["channel.order.credit"].with_user(user)
        theirs = theirs.with_context(allowed_company_ids=company.ids)
        self.assertFalse(theirs.search([]))
