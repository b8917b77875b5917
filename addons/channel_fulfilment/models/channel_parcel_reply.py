from odoo import fields, models
from odoo.tools import SQL

from ..core.scan import Answer
from .channel_parcel_scan import MOVED


class ChannelParcel(models.Model):
    """What the scan station shows: one shape for every answer."""

    _inherit = "channel.parcel"

    def _reply_stop(self):
        """Why the parcel must not ship, and which units come out of it."""
        facts = self._facts()
        take_out = self._take_out()
        moved = self.env.execute_query(
            SQL("SELECT id FROM (%s) live WHERE moved", self._live_query())
        )
        again = False
        if self.state == "cancelled":
            message = self.env._("The wave was undone. Put everything back on the shelf.")
        elif moved:
            again = True
            message = self.env._(
                "The receiver of an order has changed. Take its units out, scan the parcel again, "
                "then print the label of the order's own parcel."
            )
        elif facts.wanted:
            again = True
            message = self.env._("Take these units out, then scan the parcel again.")
        elif facts.waiting:
            message = self.env._(
                "The buyer asked for a refund and it is not decided. Put the parcel aside."
            )
        else:
            message = self.env._("Refunded. Put everything back on the shelf.")
        return self._reply(
            Answer.STOP,
            self.env._("Stop"),
            message,
            station={"stopped_id": self.id} if again else {},
            take_out=take_out,
        )

    def _take_out(self):
        """Units in the parcel that must not ship: refunded lines and lines of stopped orders.

        They are named as on the shelf: a bundle's lines all carry the title of the whole bundle.
        """
        units = self.env.execute_query_dict(
            SQL(
                """
                SELECT o.order_ref AS order, l.product_id, COALESCE(l.sku_code, '') AS sku,
                       COALESCE(l.title, '') AS title, l.quantity AS units
                  FROM channel_order o
                  JOIN channel_parcel p ON p.id = o.parcel_id
                  JOIN channel_order_line l ON l.order_id = o.id
                 WHERE p.id = %s AND (
                       l.state <> 'live' OR o.refund_open OR o.stage IN ('refunded', 'cancelled')
                       OR %s OR p.state = 'cancelled')
                 ORDER BY o.id, l.id
                """,
                self.id,
                MOVED,
            )
        )
        for unit in units:
            product = self.env["product.product"].browse(unit["product_id"] or ()).exists()
            unit["sku"] = product.default_code or unit["sku"]
            unit["title"] = product.name or unit["title"]
        return units

    def _reply_known(self, answer):
        """Somebody else was first: who, and when."""
        by = self.packed_by.name or "?"
        at = fields.Datetime.context_timestamp(self, self.packed_at) if self.packed_at else None
        when = at.strftime("%H:%M") if at else ""
        if answer is Answer.ALREADY:
            title = self.env._("Already packed")
            message = self.env._("Packed by %(user)s at %(time)s.", user=by, time=when)
        else:
            title = self.env._("Already left")
            message = self.env._(
                "Handed over with manifest %s. It should not be here: ask who brought it.",
                self.manifest_id.name or "—",
            )
        waits = answer is Answer.ALREADY and not self.waybill
        return self._reply(
            answer,
            title,
            message,
            station={"parcel_id": self.id} if waits else {},
            follow="waybill" if waits else "parcel",
        )

    def _reply(self, answer, title, message, *, station, follow="parcel", take_out=()):
        """The one shape of every answer."""
        parcel = {}
        if self:
            parcel = {
                "id": self.id,
                "name": self.name,
                "wave": self.wave_id.name,
                "carrier": self.carrier_id.name,
                "waybill": self.waybill or "",
                "orders": self.order_refs or "",
                "todo": self.wave_id.todo_count,
                "packed": self.wave_id.packed_count,
            }
        return {
            "state": str(answer),
            "title": title,
            "message": message,
            "parcel": parcel,
            "take_out": list(take_out),
            "next": follow,
            "station": station,
        }
