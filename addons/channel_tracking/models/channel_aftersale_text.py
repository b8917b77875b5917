from odoo import api, fields, models
from odoo.tools import SQL

from .channel_parcel_trace import KINDS


class ChannelAftersale(models.Model):
    """The parcel on the road in words: where it is, and what that means for goods and money."""

    _inherit = "channel.aftersale"

    road_kind = fields.Selection(
        KINDS, "Parcel Stands", compute="_compute_road", groups="base.group_user"
    )
    road_note = fields.Char("What It Means", compute="_compute_road", groups="base.group_user")
    intercept_id = fields.Many2one(
        "channel.intercept", "Interception", compute="_compute_road", groups="base.group_user"
    )

    @api.depends_context("lang")
    @api.depends("step", "parcel_fate")
    def _compute_road(self):
        rows = {
            row["id"]: row
            for row in self.env.execute_query_dict(
                SQL(
                    """
                    SELECT a.id, t.kind, t.back_at, i.id AS intercept_id, i.state, i.way
                      FROM channel_aftersale a
                      JOIN channel_order o ON o.id = a.order_id
                      LEFT JOIN channel_tracking t ON t.parcel_id = o.parcel_id
                      LEFT JOIN channel_intercept i ON i.aftersale_id = a.id
                     WHERE a.id = ANY(%s)
                    """,
                    self.ids,
                )
            )
        }
        for aftersale in self:
            row = rows.get(aftersale.id) or {}
            aftersale.road_kind = row.get("kind") or False
            aftersale.intercept_id = row.get("intercept_id") or False
            wanted = row.get("intercept_id") or aftersale.parcel_fate
            aftersale.road_note = bool(wanted) and aftersale._road_note(row)

    def _road_note(self, row):
        """What the parcel's fate means, and what to do."""
        if row.get("back_at"):
            return self.env._(
                "The parcel is here again. Its goods are counted at the returns desk."
            )
        here = self.parcel_fate == "back" or row.get("kind") == "returned"
        if row.get("state") == "let_go":
            return self.env._(
                "Somebody let the parcel go on: the buyer gets the goods and the money."
            )
        if row.get("state") == "todo" and row["way"] == "person":
            return self.env._(
                "Ask the carrier to stop the parcel, then record it under Fulfilment > Parcels to "
                "stop. The money goes back all the same; the goods are lost if nobody asks."
            )
        if here:
            return self.env._(
                "The parcel is said to be back: scan its waybill at the returns desk. The goods "
                "are in stock only when they are counted there."
            )
        if row.get("state") == "stopped" or self.parcel_fate in ("stopped", "refused"):
            return self.env._(
                "The parcel comes back. Its goods are counted at the returns desk; the buyer's "
                "money does not wait for it once the platform has paid."
            )
        if row.get("state") == "too_late" or self.parcel_fate == "delivered":
            return self.env._(
                "The buyer has the goods. If the money is paid back too, ask the buyer to return "
                "them, or claim at the carrier or the platform."
            )
        return self.env._(
            "The carrier is asked to stop the parcel. Until it is scanned here nothing is back in "
            "stock."
        )
