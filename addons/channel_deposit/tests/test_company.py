from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.channel_deposit.core.posting import Role

from .posting_common import PostingCommon

ROLES = [role.value for role in Role if role is not Role.RECEIVABLE]


@tagged("post_install", "-at_install")
class TestCompany(PostingCommon):
    def test_accounts_are_made_beside_their_like(self):
        made = {role: self._role(role) for role in ROLES}
        codes = {role: account.with_company(self.company).code for role, account in made.items()}
        self.assertEqual(
            codes,
            {"goods": "220301", "guarantee": "224101", "rebate": "220302", "contra": "500101",
             "receipts": "224102"},
        )  # fmt: skip
        for role, account in made.items():
            with self.subTest(role=role):
                contra = role == "contra"
                self.assertEqual(account.account_type, "income" if contra else "liability_current")
                self.assertEqual(account.reconcile, not contra)
                self.assertFalse(account.tax_ids)
                self.assertEqual(self._role(role), account, "made once")

    def test_a_code_that_is_taken_is_not_touched(self):
        taken = self.env["account.account"].create(
            {"name": "Ours", "code": "220301", "account_type": "asset_current"}
        )
        account = self._role("goods")
        self.assertEqual(account.code, "220302")
        self.assertNotEqual(account, taken)
        self.env["account.journal"].create({"name": "Ours", "code": "DEP", "type": "general"})
        self.assertEqual(self.company._deposit_journal().code, "DEP2")
        self.assertEqual(self.company._deposit_journal().type, "general")

    def test_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["channel_deposit"], ["zh_CN"])
        account = self._role("receipts")
        self.assertEqual(account.name, "Receipts to Claim")
        self.assertEqual(account.with_context(lang="zh_CN").name, "待认领款项")
        # a Chinese company that says nothing of its language has its books in Chinese
        for lang, words in ((False, "预存款：充值"), ("en_US", "Deposit: Top-up")):
            self.company.partner_id.lang = lang
            self.assertEqual(self.postings._post_entries(self._top_up(words)).ref, words)

    def _company(self, chart):
        company = self.env["res.company"].create({"name": "Other", "currency_id": self.currency.id})
        if chart:
            self.env["account.chart.template"].try_loading(
                chart, company=company, install_demo=False
            )
        return company

    def test_another_chart(self):
        company = self._company("generic_coa")
        for role in ROLES:
            account = company._deposit_account_for(role)
            self.assertEqual(account.company_ids, company)
            self.assertTrue(account.with_company(company).code)
        self.assertEqual(company._deposit_journal().company_id, company)

    def test_no_chart_says_what_to_do(self):
        company = self._company(None)
        with self.assertRaisesRegex(UserError, "Choose one under Accounting"):
            company._deposit_account_for("goods")

    def test_an_account_of_the_wrong_kind_is_refused(self):
        plain = self.env["account.account"].search(
            [("code", "=", "220300"), ("company_ids", "in", self.company.ids)]
        )
        self.assertFalse(plain.reconcile)
        for name, account, words in (
            ("goods", plain, "allows reconciliation"),
            ("contra", plain, "type “Income”"),
            ("guarantee", self._role("goods"), "of its own"),
        ):
            with (
                self.subTest(name=name),
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                self.company[f"channel_deposit_{name}_account_id"] = account

    def test_an_account_with_deposits_stays(self):
        goods = self._role("goods")
        another = goods.copy({"code": "220377"})
        self.company.channel_deposit_goods_account_id = another
        self.company.channel_deposit_goods_account_id = goods
        self.postings._post_entries(self._waiting())
        for value in (another, False):
            with self.assertRaisesRegex(UserError, "stays as it is"):
                self.company.channel_deposit_goods_account_id = value
        self.company.channel_deposit_goods_account_id = goods

    def test_settings_save(self):
        settings = self.env["res.config.settings"].create({"channel_capture_posting": "day"})
        settings.execute()
        self.assertEqual(self.company.channel_capture_posting, "day")
