from odoo import fields, models

from odoo.addons.channel_network.core.money import to_fen

from ..core.review import MILLI
from ..core.substitutes import Offer, substitutes


class SaleOrderSubstitutes(models.Model):
    """What the dealer could order instead of lines that are short of stock."""

    _inherit = "sale.order"

    substitute_text = fields.Text(
        "Instead of What Is Short",
        compute="_compute_substitute_text",
        compute_sudo=True,
        help="Products of the same category, near in price, in stock, and in the member's"
        " assortment.",
    )

    def _compute_substitute_text(self):
        for order in self:
            order.substitute_text = "\n".join(
                self.env._(
                    "%(product)s: %(others)s",
                    product=line.product_id.display_name,
                    others=", ".join(products.mapped("display_name")),
                )
                for line, products in order._substitutes().items()
            )

    def _substitutes(self, short=None):
        """Up to three products for each line that is short of stock.

        :param short: these lines; without them those that the last review found short
        :return: {order line: products}, only lines for which there is something
        """
        self.ensure_one()
        short = self._short_lines() if short is None else short
        if not short:
            return {}
        allowed = self.member_id._sellable_products().filtered(
            lambda product: product.is_storable and product.categ_id in short.product_id.categ_id
        )
        offers = self._offers(allowed | short.product_id)
        found = {}
        for line in short:
            quantity = line.product_uom_id._compute_quantity(
                line.product_uom_qty, line.product_id.uom_id, round=False
            )
            mine = offers[line.warehouse_id.id]
            ids = substitutes(
                mine[line.product_id.id],
                round(quantity * MILLI),
                [mine[product.id] for product in allowed],
            )
            if ids:
                found[line] = self.env["product.product"].browse(ids)
        return found

    def _short_lines(self):
        if self.state not in ("draft", "sent") or self.review_state not in ("waiting", "returned"):
            return self.order_line.browse()
        decisions = self.decision_ids.filtered(
            lambda decision: decision.kind == "stock" and decision.round == self.review_round
        )
        ids = {line for decision in decisions for line in (decision.facts or {}).get("lines", [])}
        return self.order_line.filtered(lambda line: line.id in ids)

    def _offers(self, products):
        """{warehouse id: {product id: Offer}} at the prices of this order."""
        warehouses = self.order_line.warehouse_id | self.warehouse_id
        free = self._free_stock(warehouses, products)
        prices = self.pricelist_id._get_products_price(products, 1.0, currency=self.currency_id)
        return {
            warehouse.id: {
                product.id: Offer(
                    product.id,
                    product.categ_id.id,
                    to_fen(self.currency_id.round(prices[product.id])),
                    free.get((warehouse.id, product.id), 0),
                )
                for product in products
            }
            for warehouse in warehouses
        }
