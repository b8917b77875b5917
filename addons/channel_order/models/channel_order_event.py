from odoo import fields, models

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one

from .channel_order import STAGE_SELECTION


class ChannelOrderEvent(models.Model):
    """What happened to an order, when and by whom. Append-only: a trigger refuses changes."""

    _name = "channel.order.event"
    _description = "Channel Order Event"
    _rec_name = "kind"
    _order = "id desc"
    _log_access = False

    order_id = LeanMany2one("channel.order", required=True, readonly=True, index=True)
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    kind = fields.Selection(
        [
            ("created", "Order came in"),
            ("updated", "Platform changed the order"),
            ("allocated", "Allocated"),
            ("reassigned", "Given to another fulfiller"),
            ("put_back", "Put back"),
            ("held", "Platform holds the order"),
            ("exception", "Exception"),
            ("accepted", "Exception accepted"),
            ("ignored", "Exception ignored"),
            ("retried", "Exception retried"),
            ("address", "Address changed"),
            ("address_agreed", "Address change agreed"),
            ("address_refused", "Address change refused"),
            ("remark", "Seller's note changed"),
            ("refund_asked", "Refund asked"),
            ("refund_closed", "Refund refused or withdrawn"),
            ("refunded", "Refunded"),
            ("cancelled", "Cancelled"),
            ("receiver_shown", "Receiver shown"),
            ("waved", "Put into a wave"),
            ("wave_undone", "Wave undone"),
            ("picked", "Picked"),
            ("packed", "Packed"),
            ("left_behind", "Left behind"),
            ("shipped", "Shipped"),
            ("done", "Received"),
            ("aftersale_applied", "After-sale asked"),
            ("aftersale_grant", "After-sale granted by us"),
            ("aftersale_refuse", "After-sale refused by us"),
            ("aftersale_waits_no_more", "Nothing more comes back"),
            ("aftersale_waits_again", "Goods are waited for again"),
            ("aftersale_agreed", "After-sale agreed"),
            ("aftersale_returned", "Buyer sent the goods back"),
            ("aftersale_replaced", "Replacement sent"),
            ("aftersale_succeeded", "After-sale succeeded"),
            ("aftersale_refused", "After-sale refused"),
            ("aftersale_closed", "After-sale closed"),
        ],
        required=True,
        readonly=True,
    )
    stage_from = fields.Selection(STAGE_SELECTION, readonly=True)
    stage_to = fields.Selection(STAGE_SELECTION, readonly=True)
    user_id = LeanMany2one("res.users", readonly=True)
    note = fields.Text(readonly=True)

    def init(self):
        make_append_only(self.env.cr, self._table)
