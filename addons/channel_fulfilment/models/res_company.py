from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    channel_clearing_account_id = fields.Many2one(
        "account.account",
        string="Platform clearing receivable",
        check_company=True,
        domain="[('account_type', '=', 'asset_receivable'), ('reconcile', '=', True)]",
        help="What platforms owe for shipped orders until they settle. Made when it is missing.",
    )
    channel_freight_product_id = fields.Many2one(
        "product.product",
        string="Freight on consumer orders",
        domain="[('type', '=', 'service')]",
        check_company=True,
        help="The service product of freight lines on wave invoices. Made when it is missing.",
    )

    def _channel_clearing_account(self):
        """The company's role account "platform clearing receivable", made when it is missing.

        :raise UserError: the company has no chart of accounts yet
        """
        self.ensure_one()
        company = self.sudo()
        if not company.channel_clearing_account_id:
            company.channel_clearing_account_id = company._channel_make_account(
                lambda env: env._("Platform clearing receivable"),
                "asset_receivable",
                reconcile=True,
            )
        return company.channel_clearing_account_id

    def _channel_make_account(self, words, account_type, *, reconcile=False, near=()):
        """An account with the next free code beside one of the chart, named in all languages.

        :param words: given an environment, the name in its language
        :param near: starts of codes; the first account of the type that has one is preferred
        :raise UserError: the company has no chart of accounts yet
        """
        accounts = self.env["account.account"].sudo().with_company(self).with_context(lang="en_US")
        domain = [("company_ids", "parent_of", self.ids), ("account_type", "=", account_type)]
        alike = accounts.search(domain)
        preferred = alike.filtered(lambda account: (account.code or "").startswith(tuple(near)))
        model = (preferred or alike)[:1]
        if not model:
            raise UserError(
                self.env._(
                    "%(company)s has no chart of accounts yet. Choose one under Accounting > "
                    "Configuration > Settings first.",
                    company=self.display_name,
                )
            )
        made = accounts.create(
            {
                "name": words(accounts.env),
                "code": accounts._search_new_account_code(f"{model.code}01"),
                "account_type": account_type,
                "reconcile": reconcile,
                "tax_ids": [],
                "company_ids": [(6, 0, self.ids)],
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            here = made.with_context(lang=lang)
            here.name = words(here.env)
        return made.with_env(self.env)

    def _channel_make_journal(self, name, code):
        """A general journal under the first free code: ``code``, ``code2``, …

        :param code: three letters
        """
        journals = self.env["account.journal"].sudo().with_context(active_test=False)
        used = set(journals.search([("company_id", "=", self.id)]).mapped("code"))
        free = next(
            each for number in range(1, 100)
            if (each := f"{code}{number if number > 1 else ''}") not in used
        )  # fmt: skip
        return journals.create(
            {"name": name, "code": free, "type": "general", "company_id": self.id}
        )

    def _channel_freight_product(self):
        """The service product of freight lines, made when it is missing; its customer tax is the
        company's default one, because freight follows the goods."""
        self.ensure_one()
        company = self.sudo()
        if not company.channel_freight_product_id:
            company.channel_freight_product_id = (
                self.env["product.product"]
                .sudo()
                .create(
                    {
                        "name": self.env._("Freight"),
                        "type": "service",
                        "invoice_policy": "delivery",
                        "sale_ok": False,
                        "purchase_ok": False,
                        "list_price": 0,
                        "company_id": self.id,
                        "taxes_id": [(6, 0, company.account_sale_tax_id.ids)],
                    }
                )
            )
        return company.channel_freight_product_id
