from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    platform_fee_account_id = fields.Many2one(
        related="company_id.platform_fee_account_id", readonly=False
    )
    platform_cost_account_id = fields.Many2one(
        related="company_id.platform_cost_account_id", readonly=False
    )
    platform_deductions_account_id = fields.Many2one(
        related="company_id.platform_deductions_account_id", readonly=False
    )
    platform_balance_account_id = fields.Many2one(
        related="company_id.platform_balance_account_id", readonly=False
    )
