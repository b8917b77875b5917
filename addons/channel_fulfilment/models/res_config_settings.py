from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    channel_clearing_account_id = fields.Many2one(
        related="company_id.channel_clearing_account_id", readonly=False
    )
    channel_freight_product_id = fields.Many2one(
        related="company_id.channel_freight_product_id", readonly=False
    )
