from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import wave_lines
from .channel_wave_build import QUIET


class ChannelWave(models.Model):
    """What a wave gives up: refunded units, parcels back to the pool, or all of it when undone."""

    _inherit = "channel.wave"

    def _lower(self, lines):
        """Lower demand and reservation of the wave's delivery at once: the stock is free again.

        The sale order keeps its quantities until the wave is closed (spec/accounting.md).

        :param lines: list of ``UnitLine`` that do not ship with this wave
        """
        self.ensure_one()
        less = self._sale_units(wave_lines.group_lines(lines))
        for move in self._open_moves().with_context(**QUIET, channel_wave_edit=True):
            wanted = less.get(move.sale_line_id, 0)
            units = min(wanted, int(move.product_uom_qty))
            if not units:
                continue
            less[move.sale_line_id] = wanted - units
            demand = move.product_uom_qty - units
            # the reservation first: Odoo drops all of it when the demand falls below it
            if move.quantity > demand:
                move.quantity = demand
            move.product_uom_qty = demand
            if not demand:
                move._action_cancel()

    def _sale_units(self, units):
        """sale line → units, for units by (product id, fen per unit).

        When the amount of a line changed after the wave was built, its price stands on no line of
        the wave; another line of the product gives the units then, and the hand-over prices what
        is left (``_reprice``).
        """
        by_key = self._sale_lines_by_key()
        free = self._demand(self._open_moves())
        found = defaultdict(int)
        homeless = []
        for (product, fen), count in units.items():
            line = by_key.get((product, fen))
            here = min(count, free.get(line, 0)) if line else 0
            if line and line.product_id.type != "consu":
                here = count
            if here:
                found[line] += here
                free[line] -= here
            if count > here:
                homeless.append((product, count - here))
        for product, count in homeless:
            for line, left in free.items():
                take = min(count, left) if line.product_id.id == product else 0
                if take > 0:
                    found[line] += take
                    free[line] -= take
                    count -= take
        return found

    # -- undo ------------------------------------------------------------------------------

    def action_undo(self):
        """Undo waves of which nothing is packed: orders wait for a wave again, the stock is
        locked for their offers again.

        :raise UserError: a parcel is packed or gone, or the wave is closed
        """
        self.check_access("write")
        self.env.flush_all()
        self.env["channel.warehouse.lock"].sudo()._take(self.sudo().warehouse_id)
        closed = self.env.execute_query(
            SQL(
                """
                UPDATE channel_wave w SET state = 'cancelled', closed_at = now() AT TIME ZONE 'UTC'
                 WHERE id IN %s AND state IN ('new', 'picking', 'packing')
                   AND NOT EXISTS (SELECT FROM channel_parcel p
                                    WHERE p.wave_id = w.id AND p.state IN ('packed', 'handed'))
             RETURNING id
                """,
                tuple(self.ids) or (0,),
            )
        )
        if len(closed) != len(self):
            self._refuse_undo(self - self.browse([row[0] for row in closed]))
        self.invalidate_recordset()
        for wave in self.sudo().with_context(**QUIET):
            wave._undo_one()
        return True

    def _refuse_undo(self, waves):
        raise UserError(
            self.env._(
                "%(waves)s cannot be undone: parcels are packed or the wave is closed. Undo the "
                "packing of those parcels at the scan station first, or hand the wave over.",
                waves=", ".join(waves.mapped("name")),
            )
        )

    def _undo_one(self):
        self.ensure_one()
        orders = self._orders_in("waved", "picked")
        units = self._quota_units(orders)
        orders._advance(orders, "allocated", "wave_undone", note=self.name)
        self.sale_id.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        ).action_cancel()
        self.sale_id.with_context(disable_cancel_warning=True)._action_cancel()
        if units:
            self.env["channel.pool.quota"]._untake(units)
        self._forget(orders)
        self.env.execute_query(
            SQL(
                "UPDATE channel_parcel SET state = 'cancelled' WHERE wave_id = %s RETURNING id",
                self.id,
            )
        )
        self.env.invalidate_all()

    def _forget(self, orders):
        """Take the orders out of the wave and its parcels."""
        self.env.execute_query(
            SQL(
                """
                UPDATE channel_order SET wave_id = NULL, parcel_id = NULL
                 WHERE id IN %s RETURNING id
                """,
                tuple(orders.ids) or (0,),
            )
        )
        self.env.invalidate_all()

    # -- closing ---------------------------------------------------------------------------

    def _close_refunded(self, line_ids):
        """Close the waves that hold nothing but these lines, which are being refunded."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT w.id FROM channel_wave w
                 WHERE w.id IN %s AND w.state IN ('new', 'picking', 'packing')
                   AND NOT EXISTS (
                       SELECT FROM channel_order o JOIN channel_order_line l ON l.order_id = o.id
                        WHERE o.wave_id = w.id AND o.stage IN ('waved', 'picked', 'packed')
                          AND l.state <> 'refunded' AND NOT l.id = ANY(%s))
                """,
                tuple(self.ids) or (0,),
                list(line_ids),
            )
        )
        self.browse([row[0] for row in rows])._close()

    def _close(self):
        """Nothing of the waves is left here: the sale order shows what was delivered, or is
        cancelled when nothing was."""
        for wave in self.with_context(**QUIET):
            # what is still open belongs to nobody: refunded while the parcel was handled
            wave._open_moves()._action_cancel()
            sale = wave.sale_id
            if sale.locked:
                sale.action_unlock()
            delivered = any(sale.order_line.mapped("qty_delivered"))
            if delivered:
                wave._set_delivered()
            else:
                sale._action_cancel()
            wave.write(
                {
                    "state": "handed" if delivered else "cancelled",
                    "closed_at": fields.Datetime.now(),
                }
            )

    def _set_delivered(self):
        """Quantities of the sale order become what was delivered."""
        by_quantity = {}
        for line in self.sale_id.order_line:
            if line.product_uom_qty != line.qty_delivered:
                none = self.env["sale.order.line"]
                by_quantity[line.qty_delivered] = by_quantity.get(line.qty_delivered, none) | line
        for quantity, lines in by_quantity.items():
            lines.with_context(
                skip_procurement=True, channel_wave_close=True
            ).product_uom_qty = quantity
