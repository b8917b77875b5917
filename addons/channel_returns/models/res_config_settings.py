from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    channel_defect_location_id = fields.Many2one(
        related="company_id.channel_defect_location_id", readonly=False
    )
    channel_release_clean = fields.Boolean(
        related="company_id.channel_release_clean", readonly=False
    )
