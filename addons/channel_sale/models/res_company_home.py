from odoo import fields, models


class ResCompany(models.Model):
    """When a member counts as near its limit on the sales manager's home."""

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

    _channel_low_check = models.Constraint(
        "CHECK (channel_low_credit_percent >= 0 AND channel_low_week_percent >= 0)",
        "The percentages are 0 or more.",
    )


class ResConfigSettings(models.TransientModel):
    """The company's two percentages, on the settings of Sales."""

    _inherit = "res.config.settings"

    channel_low_credit_percent = fields.Integer(
        related="company_id.channel_low_credit_percent", readonly=False
    )
    channel_low_week_percent = fields.Integer(
        related="company_id.channel_low_week_percent", readonly=False
    )
