from odoo.tests import tagged

from .common import ReconcileCommon

READ = ("reconcile.bill", "reconcile.bill.row")
KEEP = ("reconcile.layout", "reconcile.layout.column", "reconcile.layout.word")


@tagged("post_install", "-at_install")
class TestAccess(ReconcileCommon):
    """Bills are finance's; nobody changes what was told."""

    def test_roles(self):
        for role in self.users:
            is_finance = role in ("finance", "admin")
            for name in (*READ, *KEEP):
                model = self.as_role(role)[name]
                with self.subTest(role=role, model=name):
                    self.assertEqual(model.has_access("read"), is_finance)
                    for mode in ("write", "create", "unlink"):
                        self.assertEqual(model.has_access(mode), is_finance and name in KEEP)

    def test_bills_of_another_company_are_not_there(self):
        bill = self.upload(self.file(self.trades()))
        other = self.env["res.company"].create({"name": "Other"})
        user = self._create_user("abroad", "group_finance_clerk")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        env = self.env(user=user, su=False, context={"allowed_company_ids": other.ids})
        self.assertFalse(env["reconcile.bill"].search([("id", "=", bill.id)]))
        self.assertFalse(env["reconcile.bill.row"].search([("bill_id", "=", bill.id)]))
