from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one

TYPE_SELECTION = [
    ("sku_unknown", "Unknown SKU"),
    ("quantity", "Impossible quantity"),
    ("amounts", "Amounts do not add up"),
    ("price_band", "Price outside the band"),
    ("blocklist", "Receiver on the blocklist"),
    ("address", "Address changed too late"),
    ("short", "Not enough left"),
    ("unfillable", "No fulfiller can ship all of it"),
    ("no_offer", "Nothing on offer"),
    ("lines_changed", "Lines changed after allocation"),
    ("platform_hold", "Platform holds an order in work"),
    ("shipped_elsewhere", "Shipped elsewhere"),
    ("duplicate", "Duplicate"),
    ("refund_unknown_order", "Refund for an unknown order"),
    ("malformed", "Message cannot be read"),
    ("stale", "Stale data"),
    ("other", "Other"),
]


class ChannelException(models.Model):
    """Why an order (or a message) cannot go on, until a person or the system clears it."""

    _name = "channel.exception"
    _description = "Channel Exception"
    _rec_name = "detail"
    _order = "id desc"
    _log_access = False

    order_id = LeanMany2one("channel.order", string="Order", readonly=True)
    aftersale_id = LeanMany2one("channel.aftersale", string="After-sale", readonly=True)
    message_ref = fields.Char("Message", readonly=True)
    ref = fields.Char("Order Number", readonly=True, help="The platform's number of the order.")
    shop_id = LeanMany2one("channel.shop", readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    type = fields.Selection(TYPE_SELECTION, required=True, readonly=True)
    detail = fields.Text(readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("cleared", "Cleared"), ("ignored", "Ignored")],
        required=True,
        readonly=True,
        default="open",
    )
    accepted = fields.Boolean(
        readonly=True, help="A person decided that the order goes on as it is."
    )
    created = fields.Datetime("Since", required=True, readonly=True, default=fields.Datetime.now)
    cleared_at = fields.Datetime(readonly=True)
    cleared_by = LeanMany2one("res.users", readonly=True)
    note = fields.Text("Reason", readonly=True)
    stage = fields.Selection(related="order_id.stage", string="Stage")

    _open_uniq = models.UniqueIndex(
        "(order_id, type) WHERE state = 'open' AND order_id IS NOT NULL",
        "This exception of the order is open already.",
    )
    _open_ref_uniq = models.UniqueIndex(
        "(shop_id, type, ref) WHERE state = 'open' AND order_id IS NULL AND message_ref IS NULL",
        "This exception is open already.",
    )
    _message_uniq = models.UniqueIndex(
        "(message_ref, type) WHERE state = 'open' AND message_ref IS NOT NULL",
        "This exception of the message is open already.",
    )
    _open_idx = models.Index("(type, id DESC) WHERE state = 'open'")
    _order_idx = models.Index("(order_id) WHERE order_id IS NOT NULL")
