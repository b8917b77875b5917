from odoo import fields, models


class ResCompany(models.Model):
    """What dealers are told of the stock."""

    _inherit = "res.company"

    portal_plenty_from = fields.Integer(
        "In Stock from",
        default=20,
        help="In the portal a product of which so many are free is in stock, of which there are"
        " fewer is nearly sold out. How many there are is never shown.",
    )
    _portal_plenty_check = models.Constraint(
        "CHECK (portal_plenty_from >= 0)", "Enter how many units are plenty: 0 or more."
    )
