from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core import wave_lines
from .channel_wave_build import QUIET


class ChannelManifest(models.Model):
    """The hand-over: what the carrier took leaves the stock, the books and our hands at once."""

    _inherit = "channel.manifest"

    def action_hand_over(self):
        """Hand the packed parcels over, exactly once.

        In one transaction: the orders of handed parcels become shipped (an order whose refund was
        accepted first is left out), the waves' deliveries are validated together, each wave is
        invoiced for what shipped and the platforms are to be told the waybills. Anything that does
        not add up raises, and nothing is half done.

        :raise UserError: handed over already, nothing is packed, or amounts do not agree
        """
        self.ensure_one()
        self.check_access("write")
        self.env.flush_all()
        self._claim()
        self.env["channel.warehouse.lock"].sudo()._take(self.sudo().warehouse_id)
        manifest = self.sudo().with_context(**QUIET)
        parcel_ids = manifest._claim_parcels()
        orders = manifest._ship_orders(parcel_ids)
        waves = manifest._waves_of(parcel_ids)
        shipped = {wave: manifest._orders_of(wave, orders) for wave in waves}
        if self.left_policy == "pool":
            waves._return_left()
        waves._deliver(shipped)
        waves._mark_left(self)
        waves._close_empty()
        invoices = waves._invoice(shipped, self)
        manifest._report_shipments(orders)
        manifest._say_done(len(parcel_ids), len(orders), invoices)
        return True

    def _claim(self):
        """Change the state if nobody has; the second person is told who did."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_manifest SET state = 'handed', handed_by = %s, handed_at = %s
                 WHERE id = %s AND state = 'draft' RETURNING id
                """,
                self.env.uid,
                fields.Datetime.now(),
                self.id,
            )
        )
        self.invalidate_recordset()
        if not rows:
            raise UserError(
                self.env._(
                    "Manifest %(name)s was handed over by %(user)s already. Open it to see what left.",
                    name=self.name,
                    user=self.handed_by.name,
                )
            )

    def _claim_parcels(self):
        """Put the parcels that are ready onto the manifest; their ids."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_parcel SET state = 'handed', manifest_id = %s
                 WHERE id IN (SELECT id FROM (%s) parcels WHERE kind = 'ready')
                   AND state = 'packed' AND waybill IS NOT NULL
             RETURNING id
                """,
                self.id,
                self._parcels_query(),
            )
        )
        if not rows:
            raise UserError(
                self.env._(
                    "There is no packed parcel with a waybill for %(carrier)s in %(warehouse)s. "
                    "Pack parcels at the scan station first.",
                    carrier=self.carrier_id.display_name,
                    warehouse=self.warehouse_id.display_name,
                )
            )
        self.env.invalidate_all()
        return [row[0] for row in rows]

    def _ship_orders(self, parcel_ids):
        """Move the orders of the parcels from packed to shipped; a refund that came first wins."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM channel_order
                 WHERE parcel_id IN %s AND stage = 'packed' AND NOT refund_open
                 ORDER BY id FOR NO KEY UPDATE
                """,
                tuple(parcel_ids),
            )
        )
        orders = self.env["channel.order"].browse([row[0] for row in rows])
        moved = orders._advance(orders, "shipped", "shipped", note=self.name)
        if len(moved) != len(orders):
            raise UserError(
                self.env._("Orders changed during the hand-over. Nothing was handed over: try again.")
            )
        return orders

    def _waves_of(self, parcel_ids):
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT wave_id FROM channel_parcel WHERE id IN %s ORDER BY wave_id",
                tuple(parcel_ids),
            )
        )
        return self.env["channel.wave"].browse([row[0] for row in rows])

    def _orders_of(self, wave, orders):
        """The shipped orders that belong to the wave."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM channel_order WHERE wave_id = %s AND id IN %s ORDER BY id",
                wave.id,
                tuple(orders.ids) or (0,),
            )
        )
        return orders.browse([row[0] for row in rows])

    def _report_shipments(self, orders):
        """One outbox row an order: the platform is to know carrier and waybill."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO channel_outbox (shop_id, action, order_id, key, payload, state,
                                            attempts, created)
                SELECT o.shop_id, 'ship', o.id, 'ship:' || o.id,
                       jsonb_build_object('company_code', %s::text, 'logistics_code', p.waybill),
                       'todo', 0, %s
                  FROM channel_order o JOIN channel_parcel p ON p.id = o.parcel_id
                 WHERE o.id IN %s
             RETURNING id
                """,
                self.carrier_id.channel_code or "",
                fields.Datetime.now(),
                tuple(orders.ids) or (0,),
            )
        )

    def _say_done(self, parcels, orders, invoices):
        self.env.invalidate_all()
        self.message_post(
            body=self.env._(
                "%(parcels)s parcels with %(orders)s orders handed over, %(invoices)s invoices posted.",
                parcels=parcels,
                orders=orders,
                invoices=len(invoices),
            )
        )


class ChannelWave(models.Model):
    """What a hand-over does with its waves."""

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
                    UPDATE channel_parcel SET state = 'cancelled', packed_by = NULL, packed_at = NULL
                     WHERE id IN (SELECT parcel_id FROM channel_order WHERE id IN %s) RETURNING id
                    """,
                    tuple(left.ids),
                )
            )
            wave._forget(left)

    def _mark_left(self, manifest):
        """Parcels that stay in their waves are marked left behind, with an event on their orders."""
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
                INSERT INTO channel_order_event (order_id, at, kind, stage_from, stage_to, user_id, note)
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
                (line for line, left in free.items() if line.product_id.id == key[0] and left >= count),
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
        """Move ``count`` open units of a sale line, with their stock, to a line at another price."""
        line = self._sale_lines_by_key().get((donor.product_id.id, fen))
        if line:
            line.with_context(skip_procurement=True, channel_wave_close=True).product_uom_qty += count
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
