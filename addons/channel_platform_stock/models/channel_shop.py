from odoo import api, fields, models
from odoo.exceptions import UserError

SOURCES = [
    ("off", "Do not tell"),
    ("quota", "Offers"),
    ("quota_and_free", "Offers and Free Stock"),
]
RULES = ("stock_source", "stock_share", "stock_safety")


class ChannelShop(models.Model):
    """Whether and how the platform is told the stock of this shop's SKUs."""

    _inherit = "channel.shop"

    stock_source = fields.Selection(
        SOURCES,
        "Tell Stock",
        required=True,
        default="off",
        help="Offers: the platform is told what is left of the open offers. Offers and free"
        " stock: a part of the free stock besides, so that a SKU sells on when its offer ends;"
        " its orders wait until an offer has units for them.",
    )
    stock_share = fields.Float(
        "Share of Free Stock",
        digits=(5, 4),
        default=1.0,
        help="Of the free units after the safety stock, rounded down. Shops that sell the same"
        " goods should not have more than 100 % together.",
    )
    stock_safety = fields.Integer(
        "Safety Stock", default=0, help="Free units of each SKU that are never shown."
    )
    stock_is_told = fields.Boolean(compute="_compute_stock_is_told")

    _stock_share_check = models.Constraint(
        "CHECK (stock_share BETWEEN 0 AND 1)",
        "The share of the free stock is between 0 and 100 %.",
    )
    _stock_safety_check = models.Constraint(
        "CHECK (stock_safety >= 0)", "The safety stock cannot be below 0."
    )

    @api.depends("platform", "stock_source")
    def _compute_stock_is_told(self):
        for shop in self:
            shop.stock_is_told = shop.is_pulled and shop.stock_source != "off"

    def write(self, vals):
        result = super().write(vals)
        if set(RULES) & vals.keys():
            self._mark_stock()
        return result

    def _mark_stock(self) -> None:
        """Have every SKU of the shops looked at that was told, or has an open offer."""
        self.env.flush_all()
        known = self.env["channel.platform.stock"].sudo().search([("shop_id", "in", self.ids)])
        pools = (
            self.env["channel.pool"]
            .sudo()
            .search([("shop_id", "in", self.ids), ("state", "=", "open")])
        )
        self.env["channel.platform.stock.todo"].sudo()._mark(
            {(row.shop_id.id, row.sku_ref) for row in known}
            | {(pool.shop_id.id, pool.link_id.sku_ref) for pool in pools}
        )

    def _stock_connection(self):
        """What tells the platform of this shop its stock.

        :raises UserError: the platform cannot be told, or its set-up is missing
        """
        stock = self._connection().stock
        if stock is None:
            raise UserError(
                self.env._(
                    "The platform of shop %(shop)s cannot be told its stock yet. Choose “Do not"
                    " tell” in the shop.",
                    shop=self.name,
                )
            )
        return stock
