from odoo import api, fields, models

from ..core.money import to_fen


class ChannelPriceBand(models.Model):
    """Lowest and highest consumer price of a product in a period, tax included, in yuan.

    An order outside the band is stopped before it ships, not noticed afterwards.
    """

    _name = "channel.price.band"
    _description = "Price Band"
    _order = "product_id, date_from desc, id desc"
    _rec_name = "product_id"
    _check_company_auto = True

    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("sale_ok", "=", True)],
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    price_floor = fields.Monetary("Lowest Price", required=True)
    price_ceiling = fields.Monetary("Highest Price", required=True)
    date_from = fields.Date("From", help="Empty: since ever.")
    date_to = fields.Date("To", help="The last day. Empty: no end.")
    note = fields.Char("Reason")

    _prices_in_order = models.Constraint(
        "CHECK (price_floor >= 0 AND price_ceiling >= price_floor)",
        "The lowest price is zero or more, and the highest is not below it.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A price band ends on or after the day it begins."
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(product_id, product_id, '[]') WITH &&,"
        " int4range(company_id, company_id, '[]') WITH &&,"
        " daterange(date_from, date_to, '[]') WITH &&)",
        "The product already has a price band in that period: end that one first, or choose"
        " other dates.",
    )

    @api.depends("product_id", "price_floor", "price_ceiling")
    def _compute_display_name(self):
        for band in self:
            band.display_name = (
                f"{band.product_id.display_name} {band.price_floor:.2f} – {band.price_ceiling:.2f}"
            )

    @api.model
    def _bands_for(self, product_ids, date=None):
        """Return {product id: (floor, ceiling)} in fen for the products that have a band.

        For the current company, on a day (default: today); in one query, read as the system,
        because a check must not depend on who runs it.
        """
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        bands = self.sudo().search_fetch(
            [
                ("product_id", "in", list(product_ids)),
                ("company_id", "=", self.env.company.id),
                "|",
                ("date_from", "=", False),
                ("date_from", "<=", day),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", day),
            ],
            ["product_id", "price_floor", "price_ceiling"],
        )
        return {
            band.product_id.id: (to_fen(band.price_floor), to_fen(band.price_ceiling))
            for band in bands
        }
