from odoo import fields, models


class ChannelOrderEvent(models.Model):
    _inherit = "channel.order.event"

    # events are append-only: they stay as they are when this addon goes
    kind = fields.Selection(
        selection_add=[
            ("small_payment_paid", "Small payment made"),
            ("small_payment_back", "Small payment taken back"),
        ],
        ondelete={
            "small_payment_paid": lambda records: None,
            "small_payment_back": lambda records: None,
        },
    )
