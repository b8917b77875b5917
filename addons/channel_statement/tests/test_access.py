from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import StatementCommon

SEES = ("finance", "sales_manager", "admin")
READ = (
    "settlement.statement", "settlement.statement.line", "settlement.dispute", "settlement.payout",
    "settlement.terms", "settlement.fee", "settlement.invoice",
)  # fmt: skip
PORTAL = "base.group_portal"
FINANCE = ("settlement.reserve", "settlement.payout.file", "settlement.statement.run")


@tagged("post_install", "-at_install")
class TestAccess(StatementCommon):
    """What parties earn is the business of finance and sales managers; each party's own is its."""

    def test_roles(self):
        for role in self.users:
            for name in READ + FINANCE:
                sees = role in (SEES if name in READ else ("finance", "admin"))
                if name == "settlement.statement" and self.users[role].has_group(PORTAL):
                    sees = True  # its own: see test_portal
                with self.subTest(role=role, model=name):
                    self.assertEqual(self.as_role(role)[name].has_access("read"), sees)

    def test_nobody_makes_statements_or_payouts_by_hand(self):
        for role in self.users:
            for name in ("settlement.statement", "settlement.payout", "settlement.statement.line"):
                with self.subTest(role=role, model=name):
                    self.assertFalse(self.as_role(role)[name].has_access("create"))

    def test_those_who_see_it_open_its_screens(self):
        self.split()
        statement = self.agreed(self.run_until(self.later()))
        self.clerk(statement.payout_ids).action_bank_file()
        for role in ("finance", "sales_manager"):
            for name in READ:
                with self.subTest(role=role, model=name):
                    model = self.as_role(role)[name]
                    views = model.get_views([(False, "list"), (False, "form"), (False, "search")])
                    names = set(views["models"][name]["fields"])
                    model.search([]).read(
                        [n for n in names if not n.startswith(("message", "activity"))]
                    )

    def test_nobody_enters_amounts_states_or_links(self):
        self.split()
        statement = self.agreed(self.run_until(self.later()))
        payout = self.clerk(statement.payout_ids)
        fees = self.env["settlement.fee"].with_user(self.users["finance"])
        fee = fees.create({"name": "A", "partner_id": self.agent.id, "amount": 1})
        for record, values in (
            (self.clerk(statement), {"state": "draft"}),
            (self.clerk(statement), {"amount_payable": 1}),
            (payout, {"amount": 1}),
            (payout, {"way": "deposit"}),
            (fee, {"statement_id": statement.id}),
        ):
            with self.subTest(values), self.assertRaises(UserError):
                record.write(values)
        with self.assertRaises(UserError):
            fee.copy({"statement_id": statement.id})
        payout.bank_id = self.agent.bank_ids.copy({"acc_number": "1"})
        action = payout.action_bank_file()
        file = self.clerk(self.env["settlement.payout.file"].browse(action["res_id"]))
        for record, values in (
            (payout, {"bank_id": self.agent.bank_ids[0].id}),
            (file, {"name": "X"}),
        ):
            with self.subTest(values), self.assertRaises(UserError):
                record.write(values)

    def test_another_company_is_not_acted_on(self):
        self.split()
        statement = self.run_until(self.later())
        clerk = self.users["finance"]
        company = self.env["res.company"].create({"name": "Abroad"})
        clerk.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        with self.assertRaises(AccessError):
            statement.with_user(clerk).action_send()
        run = self.env["settlement.statement.run"].with_user(clerk)
        with self.assertRaises(AccessError):
            run.create({"company_id": self.env.company.id, "day": "2026-01-31"}).action_run()

    def test_another_company_is_out_of_reach(self):
        self.split()
        self.agreed(self.run_until(self.later()))
        company = self.env["res.company"].create({"name": "Abroad"})
        clerk = self.users["finance"]
        clerk.write({"company_ids": [(4, company.id)]})
        for name in (*READ, "settlement.payout.file"):
            theirs = self.env[name].with_user(clerk).with_context(allowed_company_ids=company.ids)
            with self.subTest(name):
                self.assertFalse(theirs.search([]))
