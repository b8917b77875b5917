from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    channel_return_accrual = fields.Boolean(
        related="company_id.channel_return_accrual", readonly=False
    )
    channel_return_days = fields.Integer(related="company_id.channel_return_days", readonly=False)
    channel_return_percent = fields.Float(
        related="company_id.channel_return_percent", readonly=False
    )
    channel_return_revenue_account_id = fields.Many2one(
        related="company_id.channel_return_revenue_account_id", readonly=False
    )
    channel_return_liability_account_id = fields.Many2one(
        related="company_id.channel_return_liability_account_id", readonly=False
    )
    channel_return_goods_account_id = fields.Many2one(
        related="company_id.channel_return_goods_account_id", readonly=False
    )
    channel_return_cost_account_id = fields.Many2one(
        related="company_id.channel_return_cost_account_id", readonly=False
    )
