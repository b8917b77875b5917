from odoo import fields, models
from odoo.addons.channel_network.fields import LeanMany2one


class ChannelMessage(models.Model):
    """A snapshot as a platform, a file or a person gave it: stored first, worked on later.

    Append-only (a trigger refuses changes). What a platform says twice in the same words is one
    row: shop, kind, reference, the platform's update time and a digest make it unique.
    """

    _name = "channel.message"
    _description = "Message"
    _log_access = False
    _order = "id desc"
    _rec_name = "ref"

    shop_id = LeanMany2one("channel.shop", string="Shop", required=True)
    kind = fields.Selection(
        [("order", "Order"), ("aftersale", "After-sale")], required=True
    )
    ref = fields.Char("Platform number", required=True)
    updated_at = fields.Datetime("Updated on the platform", required=True)
    digest = fields.Char(required=True)
    body = fields.Text(required=True)
    secret = fields.Text(groups="base.group_system", help="Receiver data, encrypted.")
    received_at = fields.Datetime(required=True)

    _snapshot_uniq = models.UniqueIndex("(shop_id, kind, ref, updated_at, digest)")
    _ref_idx = models.Index("(ref)")
