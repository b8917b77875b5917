from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    channel_release_clean = fields.Boolean(
        string="Refund clean returns at once",
        help="When all units of a return are here and good, the goods are accepted without a "
        "person, and the platform gives the money back.",
    )
