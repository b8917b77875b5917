from odoo import fields, models


class ChannelOrderEvent(models.Model):
    _inherit = "channel.order.event"

    # events are append-only: they stay as they are when this addon goes
    kind = fields.Selection(
        selection_add=[
            ("return_received", "Return parcel came in"),
            ("return_counted", "Return parcel counted"),
            ("return_stocked", "Returned goods into stock"),
        ],
        ondelete={
            "return_received": lambda records: None,
            "return_counted": lambda records: None,
            "return_stocked": lambda records: None,
        },
    )
