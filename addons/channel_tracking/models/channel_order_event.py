from odoo import fields, models


class ChannelOrderEvent(models.Model):
    _inherit = "channel.order.event"

    # events are append-only: they stay as they are when this addon goes
    kind = fields.Selection(
        selection_add=[
            ("intercept_wanted", "Parcel to be stopped"),
            ("intercept_stopped", "Parcel comes back"),
            ("intercept_late", "Parcel not stopped"),
        ],
        ondelete={
            "intercept_wanted": lambda records: None,
            "intercept_stopped": lambda records: None,
            "intercept_late": lambda records: None,
        },
    )
