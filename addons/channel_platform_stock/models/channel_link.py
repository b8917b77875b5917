from odoo import api, fields, models

from ..core.telling import WHOLE
from .channel_shop import RULES, SOURCES


class ChannelLink(models.Model):
    """How the stock of this SKU is told, where it differs from the shop."""

    _inherit = "channel.link"

    stock_source = fields.Selection(
        SOURCES, "Tell Stock", help="Empty: as the shop. Offers: what is left of open offers."
    )
    stock_own_share = fields.Boolean(
        "Own Share and Safety Stock", help="Use the two numbers below instead of the shop's."
    )
    stock_share = fields.Float(
        "Share of Free Stock",
        digits=(5, 4),
        default=1.0,
        help="Of the free units after the safety stock, rounded down.",
    )
    stock_safety = fields.Integer("Safety Stock", help="Free units that are never shown.")
    stock_is_told = fields.Boolean(compute="_compute_stock_is_told")
    stock_count = fields.Integer("Told Stock", compute="_compute_stock_count")

    _stock_share_check = models.Constraint(
        "CHECK (stock_share IS NULL OR stock_share BETWEEN 0 AND 1)",
        "The share of the free stock is between 0 and 100 %.",
    )
    _stock_safety_check = models.Constraint(
        "CHECK (stock_safety IS NULL OR stock_safety >= 0)", "The safety stock cannot be below 0."
    )

    @api.depends("stock_source", "shop_id.stock_source", "shop_id.platform")
    def _compute_stock_is_told(self):
        for link in self:
            link.stock_is_told = link.shop_id.is_pulled and link._stock_rules()[0] != "off"

    @api.depends("shop_id", "sku_ref")
    def _compute_stock_count(self):
        rows = (
            self.env["channel.platform.stock"]
            .sudo()
            .search(
                [("shop_id", "in", self.shop_id.ids), ("sku_ref", "in", self.mapped("sku_ref"))]
            )
        )
        wanted = {(row.shop_id, row.sku_ref): row.wanted for row in rows}
        for link in self:
            link.stock_count = wanted.get((link.shop_id, link.sku_ref), 0)

    def write(self, vals):
        changes = {*RULES, "stock_own_share", "component_ids", "active", "sku_ref"} & vals.keys()
        before = self._stock_concerned() if "sku_ref" in vals else set()
        result = super().write(vals)
        if changes:
            self.env.flush_all()
            concerned = before | self._stock_concerned()
            self.env["channel.platform.stock.todo"].sudo()._mark(concerned)
        return result

    def _stock_concerned(self):
        """{(shop id, SKU)} that were told before, or whose offers are to be told."""
        return {(link.shop_id.id, link.sku_ref) for link in self if link._stock_concerns()}

    def _stock_concerns(self):
        """Whether the SKU was told before, or its offers are to be told."""
        return self.stock_is_told or bool(
            self.env["channel.platform.stock"]
            .sudo()
            .search_count(
                [("shop_id", "=", self.shop_id.id), ("sku_ref", "=", self.sku_ref)], limit=1
            )
        )

    def _stock_rules(self):
        """(source, share in basis points, safety stock in units) that hold for this link."""
        self.ensure_one()
        own = self if self.stock_own_share else self.shop_id
        share = round(own.stock_share * WHOLE)
        return self.stock_source or self.shop_id.stock_source, share, own.stock_safety

    def action_open_stock(self):
        """Open what the platform was told of this SKU."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_platform_stock.action_platform_stock"
        )
        return action | {
            "domain": [("shop_id", "=", self.shop_id.id), ("sku_ref", "=", self.sku_ref)],
            "context": {},
        }
