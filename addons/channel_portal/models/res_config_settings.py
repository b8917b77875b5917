from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What dealers are told of the stock, on the sales settings."""

    _inherit = "res.config.settings"

    portal_plenty_from = fields.Integer(related="company_id.portal_plenty_from", readonly=False)
