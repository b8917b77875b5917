from odoo import fields, models

from odoo.addons.channel_network.core.money import to_fen

from ..core.limits import Rules

# where China's charts keep selling expenses
NEAR = ("6601", "5601")


class ResCompany(models.Model):
    """The company's limits for small payments, and where they are posted."""

    _inherit = "res.company"

    channel_small_each = fields.Monetary(
        "Most for one small payment", required=True, default=100, currency_field="currency_id"
    )
    channel_small_order = fields.Monetary(
        "Most for all small payments of an order", required=True, default=200,
        currency_field="currency_id",
    )  # fmt: skip
    channel_small_alone = fields.Monetary(
        "One person decides up to", required=True, default=50, currency_field="currency_id",
        help="Of all small payments of an order together. Above it somebody else has to approve.",
    )  # fmt: skip
    channel_small_account_id = fields.Many2one(
        "account.account", "Compensation of buyers", check_company=True, ondelete="restrict",
        domain="[('account_type', 'in', ('expense', 'expense_other', 'income', 'income_other'))]",
        help="Expense, or less revenue, of small payments. Made when it is missing.",
    )  # fmt: skip
    channel_small_journal_id = fields.Many2one(
        "account.journal", "Small payments journal", check_company=True, ondelete="restrict",
        domain="[('type', '=', 'general')]", help="Made when it is missing.",
    )  # fmt: skip

    _small_limits = models.Constraint(
        "CHECK (channel_small_each >= 0 AND channel_small_order >= 0 AND channel_small_alone >= 0)",
        "Limits of small payments are 0 or more.",
    )

    def _channel_small_rules(self):
        """The limits, as ``core.limits.Rules`` (fen)."""
        self.ensure_one()
        return Rules(
            to_fen(self.channel_small_each),
            to_fen(self.channel_small_order),
            to_fen(self.channel_small_alone),
        )

    def _channel_small_account(self):
        """The company's role account "compensation of buyers", made when it is missing.

        :raise UserError: the company has no chart of accounts yet
        """
        self.ensure_one()
        company = self.sudo().with_company(self)
        if not company.channel_small_account_id:
            company.channel_small_account_id = company._channel_make_account(
                lambda env: env._("Compensation of buyers"), "expense", near=NEAR
            )
        return company.channel_small_account_id

    def _channel_small_journal(self):
        """The company's journal for small payments, made when it is missing."""
        self.ensure_one()
        company = self.sudo().with_company(self)
        if not company.channel_small_journal_id:
            words = company.with_context(lang=self.partner_id.lang)
            company.channel_small_journal_id = company._channel_make_journal(
                words.env._("Small Payments"), "SMP"
            )
        return company.channel_small_journal_id
