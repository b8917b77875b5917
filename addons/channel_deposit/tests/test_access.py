from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.channel_deposit.core.operations import PlaceHold

from .cash_common import CashCommon
from .common import DepositCommon

MODELS = ("channel.deposit.account", "channel.deposit.entry", "channel.deposit.hold")
# finance asks for an account, or throws a draft away
EXTRA = {("finance", MODELS[0]): ["create", "unlink"], ("admin", MODELS[0]): ["create", "unlink"]}
FINANCE = ("channel.deposit.posting", "channel.deposit.tie.out")
READERS = {"finance", "sales_rep", "sales_manager", "admin", "member"}


@tagged("post_install", "-at_install")
class TestAccess(DepositCommon):
    """Who sees whose money. Nobody writes it but the ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.below = cls._open(cls.dealer_a1, 500)
        cls.kept_by_a = cls._open(cls.retailer_a1, 500, creditor=cls.dealer_a)
        cls.all = cls.account | cls.other | cls.below | cls.kept_by_a
        cls.accounts._book_or_raise(
            [PlaceHold(key=f"so {each.id}", account=each.id, amount=1) for each in cls.all]
        )

    def test_rights(self):
        for model in MODELS:
            for role in self.users:
                records = self.as_role(role)[model]
                got = [
                    mode for mode in ("read", "write", "create", "unlink")
                    if records.has_access(mode)
                ]  # fmt: skip
                with self.subTest(model=model, role=role):
                    rights = ["read", *EXTRA.get((role, model), [])] if role in READERS else []
                    self.assertEqual(got, rights)

    def test_the_ledger_is_for_finance(self):
        for model in FINANCE:
            for role in self.users:
                records = self.as_role(role)[model]
                got = [
                    mode for mode in ("read", "write", "create", "unlink")
                    if records.has_access(mode)
                ]  # fmt: skip
                with self.subTest(model=model, role=role):
                    self.assertEqual(got, ["read"] if role in ("finance", "admin") else [])
        entries = self.as_role("member")["channel.deposit.entry"].search([], limit=1)
        for field in ("posting_ids", "move_id"):
            with self.assertRaises(AccessError):
                entries.read([field])

    def _seen(self, role, model):
        records = self.as_role(role)[model].search([("company_id", "=", self.company.id)])
        records.read()
        return records.sudo() if model == MODELS[0] else records.sudo().account_id

    def test_rows(self):
        seen = {
            "finance": self.all,
            "sales_manager": self.all,
            "admin": self.all,
            # Dealer A is in the rep's charge, with those below
            "sales_rep": self.account | self.below | self.kept_by_a,
            # what Dealer A has with the brand and keeps for others; not what A1 has with the brand
            "member": self.account | self.kept_by_a,
        }
        for model in MODELS:
            for role, accounts in seen.items():
                with self.subTest(model=model, role=role):
                    self.assertEqual(self._seen(role, model), accounts)

    def test_a_dealer_reads_no_other_dealers_account_by_its_id(self):
        with self.assertRaises(AccessError):
            self.other.with_env(self.as_role("member")).read(["posted"])

    def test_another_company_is_out_of_reach(self):
        company = self.env["res.company"].create(
            {"name": "Abroad", "currency_id": self.currency.id}
        )
        member = self._create_member("Abroad", company_id=company.id)
        account = self._open(member, 500)
        self.accounts._book_or_raise([PlaceHold(key="abroad", account=account.id, amount=1)])
        for model in MODELS:
            key = "id" if model == MODELS[0] else "account_id"
            records = self.env[model].sudo().search([(key, "=", account.id)])
            self.assertTrue(records)
            for role in READERS:
                with self.subTest(model=model, role=role):
                    self.assertFalse(records.with_env(self.as_role(role)).has_access("read"))


@tagged("post_install", "-at_install")
class TestCashAccess(CashCommon):
    """Who enters, reads and offers."""

    RIGHTS = {
        "channel.deposit.voucher": {"finance": "rwcu", "admin": "rwcu"},
        "channel.deposit.request": {"finance": "rwcu", "admin": "rwcu", "sales_manager": "r"},
        "channel.deposit.bonus.rule": {"finance": "r", "admin": "rwcu", "sales_manager": "rwcu"},
        "channel.deposit.confirmation": dict.fromkeys(
            ("finance", "admin", "sales_manager", "sales_rep", "member"), "r"
        ),
        "channel.deposit.refuse": {"finance": "rwcu", "admin": "rwcu"},
        "channel.deposit.statement": dict.fromkeys(
            ("finance", "admin", "sales_manager", "sales_rep"), "rwcu"
        ),
    }

    def test_rights(self):
        for model, rights in self.RIGHTS.items():
            for role in self.users:
                records = self.as_role(role)[model]
                got = "".join(
                    mode[0] for mode in ("read", "write", "create", "unlink")
                    if records.has_access(mode)
                )  # fmt: skip
                with self.subTest(model=model, role=role):
                    self.assertEqual(got, rights.get(role, ""))

    def test_dealers_and_the_warehouse_see_nothing_of_vouchers(self):
        voucher = self._submitted()
        request = self._request()
        for role in ("member", "warehouse", "operator", "integration", "sales_rep"):
            env = self.as_role(role)
            for document in (voucher, request):
                with self.subTest(role=role, model=document._name):
                    theirs = document.with_env(env)
                    self.assertFalse(theirs.has_access("read"))
                    for button in ("action_submit", "action_approve", "action_cancel",
                                   "action_refuse", "action_undo", "action_draft"):  # fmt: skip
                        with self.assertRaises(AccessError):
                            getattr(theirs, button)()
            files = self.env["ir.attachment"].search(
                [("res_model", "=", voucher._name), ("res_id", "=", voucher.id),
                 ("res_field", "=", "slip")]
            )  # fmt: skip
            self.assertTrue(files)
            self.assertFalse(files.with_env(env).has_access("read"))

    def test_another_company_is_out_of_reach(self):
        company = self.env["res.company"].create(
            {"name": "Abroad", "currency_id": self.currency.id}
        )
        account = self._open(self._create_member("Abroad", company_id=company.id), 500)
        facts = {"account_id": account.id, "amount": 1}
        documents = [
            self.env["channel.deposit.voucher"].create(facts | {"date": "2026-03-15"}),
            self.env["channel.deposit.request"].create(facts | {"reason": "x"}),
            self._bonus_rule(company_id=company.id),
        ]
        for document in documents:
            for role in ("finance", "sales_manager", "admin"):
                with self.subTest(model=document._name, role=role):
                    self.assertFalse(document.with_env(self.as_role(role)).has_access("read"))

    def test_sales_managers_offer_and_representatives_do_not(self):
        rule = self._bonus_rule()
        rule.with_env(self.as_role("sales_manager")).percent = 3
        for role in ("finance", "sales_rep"):
            with self.assertRaises(AccessError):
                rule.with_env(self.as_role(role)).percent = 4
