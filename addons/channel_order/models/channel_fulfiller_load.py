from odoo import fields, models


class ChannelFulfillerLoad(models.Model):
    """How many orders a fulfiller was given on a day (China time): its capacity and its turn."""

    _name = "channel.fulfiller.load"
    _description = "Fulfiller Load"
    _log_access = False
    _order = "day desc, id desc"

    fulfiller_id = fields.Many2one("channel.fulfiller", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="fulfiller_id.company_id")
    day = fields.Date(required=True)
    taken = fields.Integer(required=True, default=0)

    _day_uniq = models.Constraint(
        "UNIQUE(fulfiller_id, day)", "A fulfiller has one load record a day."
    )
