from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What dealer orders may do, on the accounting settings beside their deposits."""

    _inherit = "res.config.settings"

    channel_hold_days = fields.Integer(related="company_id.channel_hold_days", readonly=False)
    channel_rebate_percent = fields.Float(
        related="company_id.channel_rebate_percent", readonly=False
    )
    channel_rebate_way = fields.Selection(related="company_id.channel_rebate_way", readonly=False)
    channel_rebate_excluded_ids = fields.Many2many(
        related="company_id.channel_rebate_excluded_ids", readonly=False
    )
    channel_rebate_excluded_brand_ids = fields.Many2many(
        related="company_id.channel_rebate_excluded_brand_ids", readonly=False
    )
    channel_rebate_product_id = fields.Many2one(
        related="company_id.channel_rebate_product_id", readonly=False
    )
