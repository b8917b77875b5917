from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .channel_wave_build import QUIET
from .channel_wave_job import ORDERS_AT_ONCE


class ChannelManifest(models.Model):
    """The hand-over: what the carrier took leaves the stock, the books and our hands at once."""

    _inherit = "channel.manifest"

    def action_hand_over(self):
        """Hand the packed parcels over: at once, or in the background when they are many.

        :raise UserError: handed over already, nothing is packed, or amounts do not agree
        """
        self.ensure_one()
        self.check_access("write")
        if self._ready_orders() <= ORDERS_AT_ONCE:
            return self._hand_over()
        self._change_state("draft", "handing")
        self.with_delay(
            identity_key=f"channel_fulfilment.hand_over.{self.id}",
            description=self.env._("Hand over %s", self.name),
        )._job_hand_over()
        return True

    def action_take_back(self):
        """Open a manifest again whose hand-over waits in the background and has not begun.

        :raise UserError: it is handed over already
        """
        self.ensure_one()
        self.check_access("write")
        self._change_state("handing", "draft")
        return True

    def _job_hand_over(self):
        """Job: the hand-over that a person asked for; what went wrong stays on the manifest."""
        self.ensure_one()
        if self.state != "handing":
            return "taken back"
        try:
            with self.env.cr.savepoint():
                self._hand_over()
        except UserError as error:
            self.env.invalidate_all(flush=False)
            title = self.env._("Manifest %s was not handed over", self.name)
            self._change_state("handing", "draft")
            self.sudo()._say_failed(title, str(error))
            self.env["channel.wave"]._tell(title, str(error), failed=True)
            return str(error)
        self.env["channel.wave"]._tell(
            self.env._("Manifest %s is handed over", self.name),
            self.env._("%s orders shipped.", self.order_count),
        )
        return f"{self.order_count} orders"

    def _ready_orders(self):
        """Orders in the parcels that a hand-over now would take."""
        [(count,)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FROM channel_order WHERE parcel_id IN (
                    SELECT id FROM (%s) parcels WHERE kind = 'ready')
                """,
                self._parcels_query(),
            )
        )
        return count

    def _change_state(self, old, new):
        """Change the state for one of two people who do it at once.

        :raise UserError: the manifest is not in the old state any more
        """
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "UPDATE channel_manifest SET state = %s WHERE id = %s AND state = %s RETURNING id",
                new,
                self.id,
                old,
            )
        )
        self.invalidate_recordset()
        if not rows:
            self._refuse_state()

    def _hand_over(self):
        """Hand the packed parcels over, exactly once, in this transaction.

        The orders of handed parcels become shipped (an order whose refund was
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
                 WHERE id = %s AND state IN ('draft', 'handing') RETURNING id
                """,
                self.env.uid,
                fields.Datetime.now(),
                self.id,
            )
        )
        self.invalidate_recordset()
        if not rows:
            self._refuse_state()

    def _refuse_state(self):
        """:raise UserError: saying who handed the manifest over, or that it goes on just now"""
        if self.state == "handed":
            raise UserError(
                self.env._(
                    "Manifest %(name)s was handed over by %(user)s already. Open it to see what "
                    "left.",
                    name=self.name,
                    user=self.handed_by.name,
                )
            )
        raise UserError(
            self.env._("Somebody has just changed manifest %s. Reload the page.", self.name)
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
                self.env._(
                    "Orders changed during the hand-over. Nothing was handed over: try again."
                )
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
                "Handed over: %(parcels)s parcels with %(orders)s orders. Invoices posted: "
                "%(invoices)s.",
                parcels=parcels,
                orders=orders,
                invoices=len(invoices),
            )
        )
