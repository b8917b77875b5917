from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The company's accounts for deposits, on the accounting settings."""

    _inherit = "res.config.settings"

    channel_deposit_goods_account_id = fields.Many2one(
        related="company_id.channel_deposit_goods_account_id", readonly=False
    )
    channel_deposit_guarantee_account_id = fields.Many2one(
        related="company_id.channel_deposit_guarantee_account_id", readonly=False
    )
    channel_deposit_rebate_account_id = fields.Many2one(
        related="company_id.channel_deposit_rebate_account_id", readonly=False
    )
    channel_deposit_contra_account_id = fields.Many2one(
        related="company_id.channel_deposit_contra_account_id", readonly=False
    )
    channel_deposit_receipts_account_id = fields.Many2one(
        related="company_id.channel_deposit_receipts_account_id", readonly=False
    )
    channel_deposit_journal_id = fields.Many2one(
        related="company_id.channel_deposit_journal_id", readonly=False
    )
    channel_rebate_accrual = fields.Boolean(
        related="company_id.channel_rebate_accrual", readonly=False
    )
    channel_rebate_warn_days = fields.Integer(
        related="company_id.channel_rebate_warn_days", readonly=False
    )
    channel_capture_posting = fields.Selection(
        related="company_id.channel_capture_posting", readonly=False
    )
