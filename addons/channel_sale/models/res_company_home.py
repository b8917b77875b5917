from odoo import fields, models


class ResCompany(models.Model):
    """When a member counts as near its limit, and when it is reminded to restock."""

    _inherit = "res.company"

    channel_low_credit_percent = fields.Integer(
        "% of the Credit Line",
        default=20,
        help="A member with less available than this part of its credit line is near its limit.",
    )
    channel_low_week_percent = fields.Integer(
        "% of a Usual Week",
        default=100,
        help="A member with less available than this part of what it orders in a usual week is near"
        " its limit.",
    )

    channel_restock_days = fields.Integer(
        "Restock Reminder",
        default=7,
        help="Remind when what a member has left of a product is enough for fewer days than this."
        " 0: only for products with a restock level.",
    )

    _channel_low_check = models.Constraint(
        "CHECK (channel_low_credit_percent >= 0 AND channel_low_week_percent >= 0"
        " AND channel_restock_days >= 0)",
        "Percentages and days are 0 or more.",
    )


class ResConfigSettings(models.TransientModel):
    """The same, on the settings of Sales."""

    _inherit = "res.config.settings"

    channel_low_credit_percent = fields.Integer(
        related="company_id.channel_low_credit_percent", readonly=False
    )
    channel_low_week_percent = fields.Integer(
        related="company_id.channel_low_week_percent", readonly=False
    )
    channel_restock_days = fields.Integer(related="company_id.channel_restock_days", readonly=False)
