from odoo import fields, models

from odoo.addons.channel_network.append_only import make_append_only
from odoo.addons.channel_network.fields import LeanMany2one


class SettlementEvent(models.Model):
    """The split of an order's sale, or what a refund takes back of it: append-only, once.

    Its shares add up to ``amount``. The sale keeps the terms that it was split by; refunds are
    split by the same.
    """

    _name = "settlement.event"
    _description = "Settlement Event"
    _order = "id desc"
    _rec_name = "order_id"
    _log_access = False

    company_id = LeanMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    shop_id = LeanMany2one("channel.shop", required=True, readonly=True)
    order_id = LeanMany2one("channel.order", required=True, readonly=True)
    aftersale_id = LeanMany2one(
        "channel.aftersale", "After-sale", readonly=True, help="Empty: the sale."
    )
    day = fields.Date(
        required=True, readonly=True, help="In China: of the shipment, or of the refund."
    )
    amount = fields.Monetary(readonly=True)
    released_at = fields.Datetime(readonly=True, help="The terms in force at this moment count.")
    terms = fields.Json(
        prefetch=False, readonly=True, groups=fields.NO_ACCESS,
        help="Of a sale: by group of lines the scheme, and by rule contact and who settles it.",
    )  # fmt: skip
    share_ids = fields.One2many("settlement.share", "event_id", "Shares", readonly=True)

    _once = models.UniqueIndex(
        "(order_id, COALESCE(aftersale_id, 0))", "This order, or this refund, was split already."
    )

    def init(self):
        make_append_only(self.env.cr, self._table)
