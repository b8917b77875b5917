from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core import wave_lines


class ChannelWave(models.Model):
    """The wave's sale order: what its orders are, summed into lines exact to the fen."""

    _inherit = "channel.wave"

    def _order_lines(self, orders):
        """The orders' lines that are not refunded, as the pure code wants them, by order id."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT order_id, product_id, quantity, amount_owed FROM channel_order_line
                 WHERE order_id IN %s AND state <> 'refunded' ORDER BY id
                """,
                tuple(orders.ids) or (0,),
            )
        )
        return [
            (order, wave_lines.UnitLine(product, quantity, to_fen(owed)))
            for order, product, quantity, owed in rows
        ]

    def _freights(self, orders):
        """Freight of each order in fen."""
        rows = self.env.execute_query(
            SQL(
                "SELECT amount_freight FROM channel_order WHERE id IN %s",
                tuple(orders.ids) or (0,),
            )
        )
        return [to_fen(freight) for (freight,) in rows]

    @api.model
    def _owed(self, orders):
        """What is owed for the orders, in fen."""
        [(owed,)] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(sum(amount_owed), 0) FROM channel_order WHERE id IN %s",
                tuple(orders.ids) or (0,),
            )
        )
        return to_fen(owed)

    def _quota_units(self, orders):
        """quota id → units of the offer that the orders hold."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT q.id, sum(l.item_quantity)::int
                      FROM channel_order o
                      JOIN channel_order_line l ON l.order_id = o.id AND l.state <> 'refunded'
                      JOIN channel_pool_quota q
                        ON q.pool_id = l.pool_id AND q.fulfiller_id = o.fulfiller_id
                     WHERE o.id IN %s
                     GROUP BY q.id HAVING sum(l.item_quantity) > 0
                    """,
                    tuple(orders.ids) or (0,),
                )
            )
        )

    def _make_sale(self, orders):
        """One sale order to the shop's clearing partner, confirmed later by ``_reserve``."""
        self.ensure_one()
        units = wave_lines.group_lines(line for _order, line in self._order_lines(orders))
        freight = wave_lines.group_freight(self._freights(orders))
        values = self._sale_line_values(units) + self._freight_line_values(freight, len(units))
        partner = self._clearing_partner()
        self.sale_id = (
            self.env["sale.order"]
            .with_company(self.company_id)
            .create(
                {
                    "partner_id": partner.id,
                    "partner_invoice_id": partner.id,
                    "partner_shipping_id": partner.id,
                    "company_id": self.company_id.id,
                    "warehouse_id": self.warehouse_id.id,
                    "channel_wave_id": self.id,
                    "client_order_ref": self.name,
                    "origin": self.name,
                    "pricelist_id": False,
                    "fiscal_position_id": False,
                    "payment_term_id": False,
                    "user_id": False,
                    "team_id": False,
                    "note": False,
                    "require_signature": False,
                    "require_payment": False,
                    "order_line": [Command.create(line) for line in values],
                }
            )
        )
        self._check_total(self._owed(orders))

    def _check_total(self, owed):
        if to_fen(self.sale_id.amount_total) != owed:
            raise UserError(
                self.env._(
                    "Wave %(wave)s comes to %(total)s but %(owed)s is owed for its orders. Nothing "
                    "was built: check the taxes of its products and the company's tax rounding.",
                    wave=self.name,
                    total=self.sale_id.amount_total,
                    owed=from_fen(owed),
                )
            )

    def _clearing_partner(self):
        """The shop's clearing partner, with the company's clearing receivable as its account."""
        partner = self.shop_id.clearing_partner_id.with_company(self.company_id)
        if not partner:
            raise UserError(
                self.env._(
                    "Shop %(shop)s has no clearing partner. Set one in the shop: the wave's "
                    "invoice is made out to it.",
                    shop=self.shop_id.display_name,
                )
            )
        account = self.company_id._channel_clearing_account()
        if partner.property_account_receivable_id != account:
            partner.property_account_receivable_id = account
        return partner

    def _sale_line_values(self, units):
        """Values of the product lines, grouped by product so that the pick list reads well."""
        products = self.env["product.product"].browse({product for product, _fen in units})
        tracked = products.filtered(lambda product: product.tracking != "none")
        if tracked:
            raise UserError(
                self.env._(
                    "%(products)s: products tracked by lot or serial number cannot be shipped in "
                    "waves yet. Turn tracking off or ship these orders by hand.",
                    products=", ".join(tracked.mapped("display_name")),
                )
            )
        taxes = {product.id: self._included_taxes(product) for product in products}
        names = {product.id: product.display_name for product in products}
        uoms = {product.id: product.uom_id.id for product in products}
        return [
            self._line_values(product, fen, count, names[product], uoms[product], taxes[product], n)
            for n, ((product, fen), count) in enumerate(sorted(units.items()))
        ]

    def _freight_line_values(self, freight, first):
        if not freight:
            return []
        product = self.company_id._channel_freight_product()
        taxes = self._included_taxes(product)
        return [
            self._line_values(
                product.id, fen, count, product.display_name, product.uom_id.id, taxes, first + n
            )
            for n, (fen, count) in enumerate(freight.items())
        ]

    def _included_taxes(self, product):
        """Ids of the price-included twins of the product's customer taxes."""
        taxes = product.taxes_id._filter_taxes_by_company(self.company_id)
        return taxes._channel_included_twins().ids

    def _line_values(self, product_id, fen, count, name, uom_id, tax_ids, sequence):
        return {
            "product_id": product_id,
            "product_uom_id": uom_id,
            "product_uom_qty": count,
            "price_unit": from_fen(fen),
            # never equal to price_unit: Odoo keeps a price that it takes for typed by hand
            "technical_price_unit": -1,
            "discount": 0,
            "tax_ids": [Command.set(tax_ids)],
            "name": name,
            "customer_lead": 0,
            "sequence": sequence,
            "channel_unit_fen": fen,
        }
