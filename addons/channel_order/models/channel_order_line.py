from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelOrderLine(models.Model):
    """A component of a platform line of a channel order; amounts are of the whole line."""

    _name = "channel.order.line"
    _description = "Channel Order Line"
    _rec_name = "title"
    _order = "order_id, id"
    _log_access = False

    order_id = fields.Many2one(
        "channel.order", required=True, readonly=True, ondelete="cascade", bypass_search_access=True
    )
    company_id = fields.Many2one(related="order_id.company_id")
    currency_id = fields.Many2one(related="order_id.currency_id")
    line_ref = fields.Char("Platform Line", required=True, readonly=True)
    part = fields.Integer(required=True, readonly=True, help="0, 1, 2…: component of the SKU.")
    sku_ref = fields.Char("Platform SKU", readonly=True)
    sku_code = fields.Char("Merchant Code", readonly=True)
    title = fields.Char(readonly=True)
    link_id = LeanMany2one("channel.link", readonly=True)
    pool_id = LeanMany2one("channel.pool", readonly=True)
    product_id = LeanMany2one("product.product", readonly=True)
    quantity = fields.Integer(required=True, readonly=True, help="Units of the product.")
    item_quantity = fields.Integer(
        required=True, readonly=True, help="Units of the SKU; on the first component only."
    )
    amount_list = fields.Monetary("List Amount", readonly=True)
    amount_paid = fields.Monetary("Buyer Paid", readonly=True)
    amount_owed = fields.Monetary("Owed", readonly=True)
    discount_shop = fields.Monetary("Shop Discount", readonly=True)
    discount_platform = fields.Monetary("Platform Discount", readonly=True)
    discount_talent = fields.Monetary("Talent Discount", readonly=True)
    discount_payment = fields.Monetary("Payment Discount", readonly=True)
    gift = fields.Boolean(readonly=True)
    room_ref = fields.Char("Room", readonly=True)
    author_ref = fields.Char("Talent Number", readonly=True)
    author_name = fields.Char("Talent", readonly=True)
    refund_flag = fields.Boolean(
        readonly=True, help="The platform's last snapshot of the order shows a refund asked."
    )
    state = fields.Selection(
        [("live", "Live"), ("stopped", "Stopped"), ("refunded", "Refunded")],
        required=True,
        readonly=True,
        default="live",
    )

    _part_uniq = models.UniqueIndex("(order_id, line_ref, part)", "A component stands once.")
    _pool_idx = models.Index("(pool_id) WHERE pool_id IS NOT NULL")
    _product_idx = models.Index("(product_id) WHERE product_id IS NOT NULL")
