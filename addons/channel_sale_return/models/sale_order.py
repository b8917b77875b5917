from dataclasses import dataclass

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen

from ..core.returnable import MILLI


@dataclass(frozen=True, slots=True)
class CreditLines:
    """In the context: credit these order lines and nothing else. It cannot come from outside."""

    ids: frozenset[int]


class SaleOrder(models.Model):
    """A dealer order whose goods come back."""

    _inherit = "sale.order"

    return_number = fields.Integer(
        readonly=True, copy=False, default=0, aggregator=None,
        help="How often a return of its goods was asked for.",
    )  # fmt: skip

    def _count_returns(self):
        """One request of an order's goods at a time: who is second is run again by Odoo, and sees
        what the first one asked for.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE sale_order SET return_number = return_number + 1 WHERE id IN"
                " (SELECT id FROM sale_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)",
                self.ids,
            )
        )
        self.invalidate_recordset(["return_number"])

    def _get_invoiceable_lines(self, final=False):
        """The credit note of a return takes back what returned, with its rebate, and no more."""
        lines = super()._get_invoiceable_lines(final)
        only = self.env.context.get("dealer_return_lines")
        if not isinstance(only, CreditLines):
            return lines
        return lines.filtered(
            lambda line: line.qty_to_invoice < 0 and (line.id in only.ids or line.rebate)
        )


class SaleOrderLine(models.Model):
    """What delivered units of a line were sold for."""

    _inherit = "sale.order.line"

    def _worth_fen(self, milli):
        """Fen of so many thousandths: the line's total, less the rebate that falls on it."""
        if not self:
            return 0
        self.ensure_one()
        ordered = round(self.product_uom_qty * MILLI)
        total = to_fen(self.price_total) - to_fen(self.rebate_part)
        return max(total, 0) * milli // ordered if ordered > 0 else 0

    def _delivered_fen(self):
        return self._worth_fen(max(round(self.qty_delivered * MILLI), 0))
