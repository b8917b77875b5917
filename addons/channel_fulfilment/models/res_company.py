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
                self.env._("Platform clearing receivable"), "asset_receivable", reconcile=True
            )
        return company.channel_clearing_account_id

    def _channel_make_account(self, name, account_type, reconcile=False):
        """An account beside the chart's first one of the type, with the next free code.

        :raise UserError: the company has no chart of accounts yet
        """
        account = self.env["account.account"].sudo().with_company(self)
        domain = [("company_ids", "parent_of", self.ids), ("account_type", "=", account_type)]
        model = account.search(domain, limit=1)
        if not model:
            raise UserError(
                self.env._(
                    "%(company)s has no chart of accounts yet. Choose one under Accounting > "
                    "Configuration > Settings first.",
                    company=self.display_name,
                )
            )
        return account.create(
            {
                "name": name,
                "code": account._search_new_account_code(f"{model.code}01"),
                "account_type": account_type,
                "reconcile": reconcile,
                "company_ids": [(6, 0, self.ids)],
            }
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
