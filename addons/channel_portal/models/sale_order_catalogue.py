from dataclasses import dataclass
from typing import Any

from odoo import models
from odoo.fields import Domain
from odoo.tools import format_amount
from odoo.tools.misc import limited_field_access_token

from odoo.addons.channel_sale.core.review import MILLI, Kind

from ..core.catalogue import Step, Stock, step, stock_words


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as a dealer sees it: the price of one unit is in yuan, tax included."""

    product: Any
    price: float
    step: Step
    stock: Stock | None
    quantity: int
    image: str


class SaleOrderCatalogue(models.Model):
    """What the dealer of an order may order, at the order's price list. Works as the system."""

    _inherit = "sale.order"

    def _catalogue_domain(self, search="", category=0):
        """Products on offer for the dealer, narrowed by words and a category."""
        domain = Domain("id", "in", self._offered_products().ids)
        if category:
            domain &= Domain("categ_id", "child_of", category)
        for word in search.split()[:5]:
            domain &= (
                Domain("name", "ilike", word)
                | Domain("default_code", "ilike", word)
                | Domain("barcode", "=", word)
            )
        return domain

    def _catalogue_categories(self):
        """[(category, number of its products)] of all that is on offer."""
        return self.env["product.product"]._read_group(
            self._catalogue_domain(), ["categ_id"], ["__count"], order="categ_id"
        )

    def _catalogue_offers(self, products):
        """What the dealer sees of these products.

        :return: {product id: Offer}
        """
        prices = self._prices_with_tax(products)
        steps, stocks = self._steps(products), self._stock_words(products)
        ordered = {}
        for line in self._goods_lines():
            ordered[line.product_id.id] = ordered.get(line.product_id.id, 0) + line.product_uom_qty
        return {
            product.id: Offer(
                product,
                prices[product.id],
                steps[product.id],
                stocks.get(product.id),
                int(ordered.get(product.id, 0)),
                self._image_url(product),
            )
            for product in products
        }

    def _image_url(self, product):
        """Where the picture is; a dealer may read nothing else of the product."""
        if not product.with_context(bin_size=True).image_128:
            return ""
        token = limited_field_access_token(product, "image_128", scope="binary")
        return f"/web/image/product.product/{product.id}/image_128?access_token={token}"

    def _prices_with_tax(self, products):
        """{product id: price of one unit with tax}, in the order's currency."""
        found = self.pricelist_id._get_products_price(
            products, 1.0, currency=self.currency_id, date=self.date_order
        )
        prices = {}
        for product in products:
            taxes = product.taxes_id._filter_taxes_by_company(self.company_id)
            price = product._get_tax_included_unit_price_from_price(
                found[product.id], product_taxes=taxes, fiscal_position=self.fiscal_position_id
            )
            mapped = self.fiscal_position_id.map_tax(taxes)
            totals = mapped.compute_all(price, self.currency_id, 1.0, product, self.partner_id)
            prices[product.id] = totals["total_included"]
        return prices

    def _steps(self, products):
        """{product id: Step} by the rules of the review that stop an order."""
        rules = self.env["channel.review.rule"]._of_companies(self.company_id)[self.company_id.id]
        member = self.member_id
        return {
            product.id: step(
                rules,
                member.id,
                member.grade_id.id or 0,
                [int(part) for part in (product.categ_id.parent_path or "").split("/") if part],
            )
            for product in products
        }

    def _stock_words(self, products):
        """{product id: core Stock} of products that have a stock."""
        stored = products.filtered("is_storable")
        free = self._free_stock(self.warehouse_id, stored)
        few = self.company_id.portal_plenty_from * MILLI
        return {
            product.id: stock_words(free.get((self.warehouse_id.id, product.id), 0), few)
            for product in stored
        }

    def _money_text(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    # -- what the review would say -----------------------------------------------------------

    def _foreseen_stops(self):
        """Why the order would not be confirmed at once if it was sent now: core failures."""
        self.ensure_one()
        return self._verdicts()[self.id].stops if self._goods_lines() else ()

    def _short_lines(self):
        """What is in the cart was not reviewed as it is now: then the stock of today says it."""
        if self.is_cart:
            return self._lines_without_stock(self._foreseen_stops())
        return super()._short_lines()

    def _lines_without_stock(self, stops):
        """The lines for which there is too little stock, by what stops the order."""
        short = {found.line for stop in stops if stop.kind is Kind.STOCK for found in stop.findings}
        return self.order_line.filtered(lambda line: line.id in short and not line.rebate)

    def _foreseen(self, stops):
        """What stops the order, in words."""
        Decision = self.env["channel.review.decision"]
        return [
            words
            for failure in stops
            for words in Decision.new({"verdict": "held", **self._failure_values(failure)})
            ._words()
            .split("\n")
        ]
