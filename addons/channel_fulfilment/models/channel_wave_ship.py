from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core import wave_lines
from .channel_wave_build import QUIET


class ChannelWave(models.Model):
    """What a hand-over does with its waves: what stays, what leaves the stock, the invoice."""

    _inherit = "channel.wave"

    # -- left behind -----------------------------------------------------------------------

    def _return_left(self):
        """Left-behind orders wait for a new wave; their units are locked for their offers again."""
        for wave in self:
            left = wave._orders_in("waved", "picked", "packed")
            if not left:
                continue
            lines = [line for _order, line in wave._order_lines(left)]
            units = wave._quota_units(left)
            wave._lower(lines)
            left._advance(left, "allocated", "left_behind", note=wave.name)
            if units:
                self.env["channel.pool.quota"]._untake(units)
            self.env.execute_query(
                SQL(
                    """
                    UPDATE channel_parcel
                       SET state = 'cancelled', packed_by = NULL, packed_at = NULL
                     WHERE id IN (SELECT parcel_id FROM channel_order WHERE id IN %s) RETURNING id
                    """,
                    tuple(left.ids),
                )
            )
            wave._forget(left)

    def _mark_left(self, manifest):
        """Mark the parcels that stay in their waves as left behind, with an event on the orders."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_parcel p SET state = 'left'
                 WHERE wave_id IN %s AND state IN ('waiting', 'stopped')
                   AND EXISTS (SELECT FROM channel_order o WHERE o.parcel_id = p.id
                                  AND o.stage IN ('waved', 'picked', 'packed'))
             RETURNING id
                """,
                tuple(self.ids),
            )
        )
        self.env.execute_query(
            SQL(
                """
                INSERT INTO channel_order_event (order_id, at, kind, stage_from, stage_to,
                                                 user_id, note)
                SELECT id, %s, 'left_behind', stage, stage, %s, %s
                  FROM channel_order WHERE parcel_id IN %s
                   AND stage IN ('waved', 'picked', 'packed') RETURNING id
                """,
                fields.Datetime.now(),
                self.env.uid,
                manifest.name,
                tuple(row[0] for row in rows) or (0,),
            )
        )
        self.env.invalidate_all()

    # -- stock -----------------------------------------------------------------------------

    def _deliver(self, shipped):
        """Validate the waves' deliveries together for exactly the units of the shipped orders."""
        pickings = self.env["stock.picking"]
        for wave in self:
            orders = shipped[wave]
            lines = wave._order_lines(orders)
            units = wave_lines.group_lines(line for _order, line in lines)
            freight = wave_lines.group_freight(wave._freights(orders))
            wave._reprice(units, freight)
            pickings |= wave._set_shipped(units, freight)
        if pickings:
            pickings.with_context(**QUIET, channel_own_stock=True)._action_done()
        moves = self._open_moves()
        moves.filtered(lambda move: move.state != "assigned")._action_assign()

    def _set_shipped(self, units, freight):
        """Set what leaves on the open moves; the pickings to validate."""
        self.ensure_one()
        by_key = self._sale_lines_by_key()
        freight_id = self.company_id._channel_freight_product().id if freight else 0
        ship = {by_key[key]: count for key, count in units.items()}
        for fen, count in freight.items():
            line = by_key[freight_id, fen]
            line.qty_delivered += count
        pickings = self.env["stock.picking"]
        for line in [line for line in ship if line.product_id.type != "consu"]:
            line.qty_delivered += ship.pop(line)
        for move in self._open_moves().with_context(channel_wave_edit=True):
            count = min(ship.get(move.sale_line_id, 0), int(move.quantity))
            if not count:
                continue
            ship[move.sale_line_id] -= count
            if move.quantity != count:
                move.quantity = count
            move.picked = True
            pickings |= move.picking_id
        self._refuse_short({line: count for line, count in ship.items() if count})
        return pickings

    def _refuse_short(self, short):
        if short:
            raise UserError(
                self.env._(
                    "Wave %(wave)s ships more than its delivery holds: %(products)s. Nothing was "
                    "handed over. Somebody has unreserved or changed its delivery: open it, check "
                    "availability there and try again.",
                    wave=self.name,
                    products=", ".join(
                        f"{line.product_id.display_name} ({count})" for line, count in short.items()
                    ),
                )
            )

    # -- books -----------------------------------------------------------------------------

    def _close_empty(self):
        """Close the waves of which no parcel is left here."""
        self.filtered(lambda wave: not wave._orders_in("waved", "picked", "packed"))._close()

    def _invoice(self, shipped, manifest):
        """One posted invoice per wave for what shipped now; its total is what is owed, to the fen.

        :raise UserError: an invoice does not come to what is owed
        """
        sales = self.filtered(lambda wave: shipped[wave]).sale_id
        sales.invalidate_recordset()
        values = {
            "invoice_date": self._today(self.company_id[:1]),
            "channel_manifest_id": manifest.id,
        }
        invoices = sales.with_context(**QUIET, channel_invoice_values=values)._create_invoices(
            grouped=True
        )
        invoices.action_post()
        by_wave = {invoice.channel_wave_id: invoice for invoice in invoices}
        for wave in self:
            owed = self._owed(shipped[wave])
            invoiced = to_fen(by_wave[wave].amount_total) if wave in by_wave else 0
            if owed != invoiced:
                raise UserError(
                    self.env._(
                        "The invoice of wave %(wave)s comes to %(invoiced)s but %(owed)s is owed "
                        "for its shipped orders. Nothing was handed over: check the taxes of its "
                        "products and the company's tax rounding.",
                        wave=wave.name,
                        invoiced=from_fen(invoiced),
                        owed=from_fen(owed),
                    )
                )
        return invoices
