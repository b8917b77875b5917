import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..core import scan as scanning
from ..core.scan import Answer

WEIGHT = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)KG")
LIVE = ("waved", "picked", "packed")

# The platform changed the receiver of order o after its parcel p was made.
MOVED = SQL("COALESCE(o.merge_key <> p.merge_key, FALSE)")


class ChannelParcel(models.Model):
    """The scan station's server side: each scan is answered in one round trip."""

    _inherit = "channel.parcel"

    @api.model
    def scan(self, code, station_state=None):
        """Answer one scan of the station.

        The text is a parcel's bar code, a waybill for the parcel packed before it, or a weight
        like ``1.25KG``.

        :param station_state: what the station got back with its last answer: ``parcel_id`` (the
            parcel that waits for a waybill), ``stopped_id`` (a parcel whose stop it has shown)
        :return: dict state (ok, stop, already, unknown, left), title, message, parcel, take_out
            (list of units that must come out), next (parcel or waybill), station
        """
        self.check_access("write")
        self.env.flush_all()
        station = dict(station_state or {})
        text = scanning.clean(str(code or ""))
        if scanning.is_parcel_code(text):
            return self.sudo()._scan_parcel(text, station)
        parcel = self.sudo().browse(int(station.get("parcel_id") or 0)).exists()
        parcel = parcel.filtered(lambda one: one.company_id in self.env.companies)
        if weight := WEIGHT.fullmatch(text):
            return parcel._scan_weight(float(weight[1]), station)
        if parcel and text:
            return parcel._scan_waybill(text, station)
        return self._reply(
            Answer.UNKNOWN,
            self.env._("Unknown code"),
            self.env._("%s is no parcel of ours. Scan the bar code on the parcel.", text or "—"),
            station={},
        )

    @api.model
    def _scan_parcel(self, name, station):
        parcel = self.search(
            [("name", "=", name), ("company_id", "in", self.env.companies.ids)], limit=1
        )
        confirmed = bool(parcel) and station.get("stopped_id") == parcel.id
        if confirmed:
            parcel._follow_receiver()
        answer = scanning.decide(parcel._facts(confirmed) if parcel else None)
        if answer is Answer.UNKNOWN:
            return self._reply(
                answer,
                self.env._("Unknown parcel"),
                self.env._("%s is no parcel of ours. Look at the wave it came from.", name),
                station={},
            )
        if answer is Answer.STOP:
            return parcel._reply_stop()
        if answer is Answer.OK:
            return parcel._pack()
        return parcel._reply_known(answer)

    def _facts(self, confirmed=False):
        """What the pure decision needs to know of the parcel, in one query."""
        self.ensure_one()
        self.invalidate_recordset()
        [(wanted, waiting)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FILTER (WHERE NOT stopped), count(*) FILTER (WHERE stopped)
                  FROM (%s) live
                """,
                self._live_query(),
            )
        )
        return scanning.ParcelFacts(
            state=self.state,
            wanted=wanted,
            waiting=waiting,
            repack=self.repack,
            confirmed=confirmed,
        )

    def _live_query(self):
        """SQL of (id, stopped, moved) of the parcel's orders that have not left or ended: stopped
        by an after-sale, or because the receiver is not the parcel's any more."""
        return SQL(
            """
            SELECT o.id, o.merge_key, o.refund_open OR %s AS stopped, %s AS moved
              FROM channel_order o JOIN channel_parcel p ON p.id = o.parcel_id
             WHERE p.id = %s AND o.stage IN %s
            """,
            MOVED,
            MOVED,
            self.id,
            LIVE,
        )

    # -- packing ---------------------------------------------------------------------------

    def _pack(self):
        """Pack the parcel: whoever changes the row first has packed it, the other is told."""
        self.ensure_one()
        self._part_stopped()
        if self.state == "packed":
            return self._reply_packed()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_parcel
                   SET state = 'packed', packed_by = %s, packed_at = %s, repack = FALSE
                 WHERE id = %s AND state IN ('waiting', 'left', 'stopped') RETURNING id
                """,
                self.env.uid,
                fields.Datetime.now(),
                self.id,
            )
        )
        self.invalidate_recordset()
        if not rows:
            return self._reply_known(Answer.ALREADY if self.state == "packed" else Answer.LEFT)
        orders = self._live_orders()
        orders._advance(orders, "packed", "packed", note=self.name)
        self.env.execute_query(
            SQL(
                """
                UPDATE channel_wave SET state = 'packing'
                 WHERE id = %s AND state IN ('new', 'picking') RETURNING id
                """,
                self.wave_id.id,
            )
        )
        self.wave_id.invalidate_recordset(["state"])
        self._number()
        return self._reply_packed()

    def _reply_packed(self):
        waits = not self.waybill
        return self._reply(
            Answer.OK,
            self.env._("Packed"),
            self.env._("Scan or type the waybill.") if waits else self.waybill,
            station={"parcel_id": self.id, "last_id": self.id},
            follow="waybill" if waits else "parcel",
        )

    def _number(self):
        """Give the parcel a waybill number when its carrier takes them from the pool."""
        if self.carrier_id.channel_waybill_source == "pool" and not self.waybill:
            [number] = self.carrier_id._next_waybills(1, self.company_id)
            self._set_waybill(number)

    def _live_orders(self):
        """The parcel's orders that ship with it."""
        rows = self.env.execute_query(
            SQL("SELECT id FROM (%s) live WHERE NOT stopped", self._live_query())
        )
        return self.env["channel.order"].sudo().browse([row[0] for row in rows])

    def _part_stopped(self):
        """Give each order that must not ship with this parcel a stopped parcel of its own.

        The parcel's other orders still ship. When the after-sale is refused, the parcel of the
        parted order is packed like any other.
        """
        rows = self.env.execute_query(
            SQL("SELECT id FROM (%s) live WHERE stopped ORDER BY id", self._live_query())
        )
        if not rows:
            return
        parted = self.env["channel.order"].sudo().browse([row[0] for row in rows])
        parted = parted.filtered(lambda order: order.stage == "packed")
        parted._advance(parted, "picked", "put_back", note=self.name)
        [(last,)] = self.env.execute_query(
            SQL("SELECT max(seq) FROM channel_parcel WHERE wave_id = %s", self.wave_id.id)
        )
        for n, (order_id,) in enumerate(rows, start=last + 1):
            self.env.execute_query(
                SQL(
                    """
                    WITH own AS (
                        INSERT INTO channel_parcel (name, wave_id, company_id, shop_id,
                               warehouse_id, carrier_id, seq, merge_key, state, repack)
                        SELECT %(name)s, p.wave_id, p.company_id, p.shop_id, p.warehouse_id,
                               p.carrier_id, %(seq)s, o.merge_key, 'waiting', FALSE
                          FROM channel_parcel p, channel_order o
                         WHERE p.id = %(parcel)s AND o.id = %(order)s
                     RETURNING id)
                    UPDATE channel_order SET parcel_id = own.id FROM own
                     WHERE channel_order.id = %(order)s RETURNING channel_order.id
                    """,
                    name=f"{self.wave_id.name}-{n:04d}",
                    seq=n,
                    parcel=self.id,
                    order=order_id,
                )
            )
        self.env.invalidate_all()

    def _follow_receiver(self):
        """All live orders of the parcel have the same new receiver: the parcel follows them. It is
        packed anew, because its label and its waybill are for the old receiver."""
        keys = self.env.execute_query(
            SQL(
                "SELECT DISTINCT merge_key, bool_and(moved) OVER () FROM (%s) live",
                self._live_query(),
            )
        )
        if len(keys) != 1 or not keys[0][1]:
            return
        if self.state == "packed":
            self.action_unpack()
        self.env.execute_query(
            SQL(
                """
                UPDATE channel_parcel SET merge_key = %s, waybill = NULL WHERE id = %s
             RETURNING id
                """,
                keys[0][0],
                self.id,
            )
        )
        self.invalidate_recordset()

    # -- waybill and weight ----------------------------------------------------------------

    def _scan_waybill(self, text, station):
        self.ensure_one()
        try:
            self._set_waybill(text)
        except ValidationError as error:
            return self._reply(
                Answer.STOP,
                self.env._("Waybill refused"),
                error.args[0],
                station={**station, "parcel_id": self.id},
                follow="waybill",
            )
        return self._reply(
            Answer.OK,
            self.env._("Waybill noted"),
            text,
            station={"last_id": self.id},
        )

    def _set_waybill(self, number):
        """Note the waybill of a packed parcel.

        :raise ValidationError: malformed, on another parcel, or the parcel is not packed any more
        """
        self.ensure_one()
        if scanning.waybill_error(number, self.carrier_id.channel_waybill_pattern):
            raise ValidationError(
                self.env._(
                    "%(number)s is no waybill number of %(carrier)s. Scan it again or type it.",
                    number=number,
                    carrier=self.carrier_id.display_name,
                )
            )
        self._refuse_used(number)
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_parcel SET waybill = %s
                 WHERE id = %s AND state = 'packed' RETURNING id
                """,
                number,
                self.id,
            )
        )
        self.invalidate_recordset(["waybill"])
        if not rows:
            raise ValidationError(
                self.env._("Parcel %s is not packed any more. Scan the parcel again.", self.name)
            )

    def _refuse_used(self, number):
        other = self.search(
            [
                ("carrier_id", "=", self.carrier_id.id),
                ("waybill", "=", number),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if other:
            raise ValidationError(
                self.env._(
                    "Waybill %(number)s is on parcel %(parcel)s already. Use a new waybill.",
                    number=number,
                    parcel=other.name,
                )
            )

    def _scan_weight(self, weight, station):
        if not self:
            return self._reply(
                Answer.UNKNOWN,
                self.env._("Which parcel?"),
                self.env._("Scan the parcel first, then its weight."),
                station={},
            )
        self.env.execute_query(
            SQL("UPDATE channel_parcel SET weight = %s WHERE id = %s RETURNING id", weight, self.id)
        )
        self.invalidate_recordset(["weight"])
        waits = not self.waybill
        return self._reply(
            Answer.OK,
            self.env._("Weight noted"),
            self.env._("Scan or type the waybill.") if waits else f"{weight:g} kg",
            station={**station, "parcel_id": self.id},
            follow="waybill" if waits else "parcel",
        )

    def action_unpack(self):
        """Undo the packing of parcels that have not been handed over; a waybill stays on them.

        :raise UserError: a parcel is not packed (any more)
        """
        self.check_access("write")
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_parcel SET state = 'waiting', packed_by = NULL, packed_at = NULL
                 WHERE id IN %s AND state = 'packed' RETURNING id
                """,
                tuple(self.ids) or (0,),
            )
        )
        self.invalidate_recordset()
        if len(rows) != len(self):
            raise UserError(
                self.env._(
                    "Only packed parcels that are not handed over can be unpacked. "
                    "Look at the parcel's state."
                )
            )
        orders = (
            self.env["channel.order"]
            .sudo()
            .search([("parcel_id", "in", self.ids), ("stage", "=", "packed")])
        )
        orders._advance(orders, "picked", "put_back", note=self[:1].name)
        return True

    @api.model
    def undo(self, station_state):
        """Undo the last packing of the station; answers like ``scan``."""
        self.check_access("write")
        parcel = self.browse(int((station_state or {}).get("last_id") or 0)).exists()
        if not parcel or parcel.state != "packed" or parcel.packed_by != self.env.user:
            return self._reply(
                Answer.UNKNOWN,
                self.env._("Nothing to undo"),
                self.env._("Only your own last packing can be undone, before it is handed over."),
                station={},
            )
        parcel.action_unpack()
        return parcel.sudo()._reply(
            Answer.LEFT, self.env._("Packing undone"), parcel.name, station={}
        )
