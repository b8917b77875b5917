from odoo import fields, models


class ChannelReturnReason(models.Model):
    """Why a dealer sends goods back (退换货原因)."""

    _name = "channel.return.reason"
    _description = "Reason of Dealer Returns"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    counts = fields.Boolean(
        "Uses the Quota", default=True, help="Off for what is our fault, such as defects."
    )
    picture = fields.Boolean("Wants a Picture")

    _name_uniq = models.UniqueIndex("(name)", "This reason exists already.")
