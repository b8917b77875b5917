from odoo import fields, models

# role of an account: its field and its type
ROLES = {
    "revenue": ("channel_return_revenue_account_id", "income"),
    "liability": ("channel_return_liability_account_id", "liability_current"),
    "goods": ("channel_return_goods_account_id", "asset_current"),
    "cost": ("channel_return_cost_account_id", "expense_direct_cost"),
}


class ResCompany(models.Model):
    _inherit = "res.company"

    channel_return_accrual = fields.Boolean(
        "Expected returns",
        help="At the end of each month what is expected to come back of the month's sales is taken "
        "off the revenue, and given back on the first day of the next one.",
    )
    channel_return_days = fields.Integer(
        "Days until a sale is final",
        default=15,
        help="Counted from the hand-over: days on the road and days in which a buyer may return.",
    )
    channel_return_percent = fields.Float(
        "Part that comes back (%)",
        digits=(5, 2),
        help="For shops that have shipped too little to measure it.",
    )
    channel_return_revenue_account_id = fields.Many2one(
        "account.account", "Revenue expected back", check_company=True,
        domain="[('account_type', '=', 'income')]",
    )  # fmt: skip
    channel_return_liability_account_id = fields.Many2one(
        "account.account", "Refunds to be paid", check_company=True,
        domain="[('account_type', '=', 'liability_current')]",
    )  # fmt: skip
    channel_return_goods_account_id = fields.Many2one(
        "account.account", "Cost of goods to come back", check_company=True,
        domain="[('account_type', '=', 'asset_current')]",
    )  # fmt: skip
    channel_return_cost_account_id = fields.Many2one(
        "account.account", "Cost of sales expected back", check_company=True,
        domain="[('account_type', '=', 'expense_direct_cost')]",
    )  # fmt: skip

    _channel_return_days_positive = models.Constraint(
        "CHECK (channel_return_days BETWEEN 1 AND 366)",
        "A sale is final after one day to one year.",
    )
    _channel_return_percent_part = models.Constraint(
        "CHECK (channel_return_percent BETWEEN 0 AND 100)",
        "Between 0 and 100 percent of the sales come back.",
    )

    def _channel_return_account(self, role):
        """The account of a role of expected returns (``ROLES``), made when it is missing."""
        self.ensure_one()
        company, (name, account_type) = self.sudo(), ROLES[role]
        if not company[name]:
            words = self._fields[name]._description_string
            company[name] = company._channel_make_account(words, account_type)
        return company[name]
