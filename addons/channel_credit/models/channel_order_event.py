from odoo import fields, models


class ChannelOrderEvent(models.Model):
    _inherit = "channel.order.event"

    # events are append-only: they stay as they are when this addon goes
    kind = fields.Selection(
        selection_add=[("credited", "On a credit note")],
        ondelete={"credited": lambda records: None},
    )
