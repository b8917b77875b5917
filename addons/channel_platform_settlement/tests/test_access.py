from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SettlementCommon

READERS = {"finance", "sales_manager", "admin"}
MODELS = (
    "channel.platform.settlement",
    "channel.platform.settlement.import",
    "channel.platform.settlement.difference",
)


@tagged("post_install", "-at_install")
class TestAccess(SettlementCommon):
    """Finance imports; sales managers look on; nobody else sees what a platform pays."""

    def test_rights(self):
        for role in self.users:
            for model in MODELS:
                records = self.as_role(role)[model]
                with self.subTest(role=role, model=model):
                    self.assertEqual(records.has_access("read"), role in READERS)
                    for mode in ("write", "create", "unlink"):
                        self.assertFalse(records.has_access(mode))

    def test_screens_open_for_those_who_read(self):
        batch = self.load(self.told("NOBODY", 12, fee=2))
        for role in READERS:
            for model in MODELS:
                record = self.as_role(role)[model].search([], limit=1)
                views = record.get_views([(False, "list"), (False, "form")])
                with self.subTest(role=role, model=model):
                    self.assertTrue(record.read(list(views["models"][model]["fields"])))
            self.as_role(role)[MODELS[1]].browse(batch.id).action_open_differences()

    def test_only_finance_imports(self):
        data = self.file(self.told(self.orders[0], 38))
        for role in set(self.users) - {"finance", "admin"}:
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.wizard(data, role=role)

    def test_others_compare_nothing(self):
        self.load(self.told("NOBODY", 12))
        found = self.Difference.search([("order_ref", "=", "NOBODY")])
        for role in set(self.users) - READERS:
            with self.subTest(role=role), self.assertRaises(AccessError):
                found.with_user(self.users[role]).action_match_again()

    def test_another_company_is_out_of_reach(self):
        self.load(self.told("NOBODY", 12))
        company = self.env["res.company"].create({"name": "Abroad"})
        user = self.users["finance"]
        user.write({"company_ids": [(4, company.id)]})
        for model in MODELS:
            theirs = self.env[model].with_user(user)
            theirs = theirs.with_context(allowed_company_ids=company.ids)
            with self.subTest(model=model):
                self.assertFalse(theirs.search([]))
