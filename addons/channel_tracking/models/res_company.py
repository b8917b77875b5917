from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    channel_pickup_hours = fields.Integer(
        "Hours to the first trace",
        default=24,
        help="A parcel that the carrier took over and has not scanned after so many hours needs "
        "somebody. 0: never.",
    )
    channel_stall_hours = fields.Integer(
        "Hours between two traces",
        default=72,
        help="A parcel of which nothing was heard for so many hours needs somebody. 0: never.",
    )

    channel_ship_by_hours = fields.Integer(
        "Hours before the ship-by time",
        default=6,
        help="An order that has not left so many hours before it must is shown as urgent.",
    )

    _channel_ship_by_hours_check = models.Constraint(
        "CHECK (channel_ship_by_hours BETWEEN 0 AND 720)",
        "Hours before the ship-by time: between 0 and 30 days.",
    )
    _channel_pickup_hours_check = models.Constraint(
        "CHECK (channel_pickup_hours BETWEEN 0 AND 8760)",
        "Hours to the first trace: between 0 (never an alarm) and one year.",
    )
    _channel_stall_hours_check = models.Constraint(
        "CHECK (channel_stall_hours BETWEEN 0 AND 8760)",
        "Hours between two traces: between 0 (never an alarm) and one year.",
    )
