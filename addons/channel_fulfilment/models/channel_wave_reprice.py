from odoo import models
from odoo.exceptions import UserError

from .channel_wave_build import QUIET


class ChannelWave(models.Model):
    """Amounts that changed after the wave was built: what ships is invoiced at what is owed now."""

    _inherit = "channel.wave"

    def _reprice(self, units, freight):
        """Give the sale order lines for amounts that changed after the wave was built.

        The platform may lower what is owed for an order that is in a wave already (a price
        protection, a part of a line refunded). What ships is then invoiced at what is owed now: a
        new line at the new price takes over the units, with their stock move, from a line of the
        same product.
        """
        self.ensure_one()
        for key, (line, count) in self._missing(units).items():
            self._split_off(line, key[1], count)
        by_key = self._sale_lines_by_key()
        product = self.company_id._channel_freight_product() if freight else None
        for fen, count in freight.items():
            line = by_key.get((product.id, fen))
            if not line:
                [values] = self._freight_line_values({fen: count}, 9000)
                self._add_line(values)
            elif line.product_uom_qty < line.qty_delivered + count:
                line.with_context(channel_wave_close=True).product_uom_qty = (
                    line.qty_delivered + count
                )

    def _missing(self, units):
        """(product id, fen) → (line to take from, units) of prices without (enough) open units."""
        by_key = self._sale_lines_by_key()
        free = self._demand(self._open_moves())
        lacking = {}
        for key, count in units.items():
            line = by_key.get(key)
            if line and line.product_id.type != "consu":
                continue
            here = min(count, free.get(line, 0)) if line else 0
            if here:
                free[line] -= here
            if count > here:
                lacking[key] = count - here
        found = {}
        for key, count in lacking.items():
            donor = next(
                (
                    line
                    for line, left in free.items()
                    if line.product_id.id == key[0] and left >= count
                ),
                None,
            )
            if donor is None:
                product = self.env["product.product"].browse(key[0])
                self._refuse_short_product(product, count)
            free[donor] -= count
            found[key] = (donor, count)
        return found

    def _refuse_short_product(self, product, count):
        raise UserError(
            self.env._(
                "Wave %(wave)s has no open units of %(product)s left for %(count)s units that "
                "ship. Nothing was handed over. Leave these parcels behind, back to the pool.",
                wave=self.name,
                product=product.display_name,
                count=count,
            )
        )

    def _split_off(self, donor, fen, count):
        """Move open units of a sale line, with their stock, to a line at another price."""
        line = self._sale_lines_by_key().get((donor.product_id.id, fen))
        if line:
            line.with_context(
                skip_procurement=True, channel_wave_close=True
            ).product_uom_qty += count
        else:
            taxes = donor.tax_ids.ids
            line = self._add_line(
                self._line_values(
                    donor.product_id.id, fen, count, donor.name, donor.product_uom_id.id, taxes,
                    donor.sequence,
                )
            )  # fmt: skip
        for move in self._open_moves().with_context(channel_wave_edit=True):
            part = min(count, int(move.product_uom_qty)) if move.sale_line_id == donor else 0
            if not part:
                continue
            count -= part
            if part == move.product_uom_qty:
                move.sale_line_id = line
                continue
            move.quantity = min(move.quantity, move.product_uom_qty - part)
            values = move._split(part)
            for vals in values:
                vals["sale_line_id"] = line.id
            new = self.env["stock.move"].create(values)
            new.with_context(channel_own_stock=True)._action_confirm(merge=False, create_proc=False)
            new.with_context(channel_own_stock=True)._action_assign()

    def _add_line(self, values):
        return (
            self.env["sale.order.line"]
            .with_context(**QUIET, skip_procurement=True)
            .create({**values, "order_id": self.sale_id.id})
        )
