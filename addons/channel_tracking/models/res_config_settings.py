from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    channel_pickup_hours = fields.Integer(related="company_id.channel_pickup_hours", readonly=False)
    channel_stall_hours = fields.Integer(related="company_id.channel_stall_hours", readonly=False)
    channel_ship_by_hours = fields.Integer(
        related="company_id.channel_ship_by_hours", readonly=False
    )
