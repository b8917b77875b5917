from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_network.fields import LeanMany2one
from odoo.addons.channel_order.core import stages

from ..core.wave_lines import UnitLine


class ChannelOrder(models.Model):
    _inherit = "channel.order"

    wave_id = LeanMany2one(
        "channel.wave",
        string="Wave",
        readonly=True,
        groups="base.group_user",
    )
    parcel_id = LeanMany2one(
        "channel.parcel",
        string="Parcel",
        readonly=True,
        groups="base.group_user",
    )

    # with the stage: orders of a wave or parcel are always asked for by it, and right after a burst
    # PostgreSQL would take the index of the stage alone for a selective one
    _wave_idx = models.Index("(wave_id, stage) WHERE wave_id IS NOT NULL")
    _parcel_idx = models.Index("(parcel_id, stage) WHERE parcel_id IS NOT NULL")

    @api.model
    def _release_units(self, records):
        """Units of orders in a wave: their parcel is stopped or repacked, the wave's delivery lets
        them go at once, and they are no part of the offer's quota any more."""
        super()._release_units(records)
        self.env.flush_all()
        rows = self._released_in_waves(records)
        if not rows:
            return
        waves = self.env["channel.wave"].sudo().browse({row["wave_id"] for row in rows})
        self.env["channel.warehouse.lock"].sudo()._take(waves.warehouse_id)
        for wave in waves:
            wave._lower(
                [
                    UnitLine(row["product_id"], row["quantity"], to_fen(row["amount_owed"]))
                    for row in rows
                    if row["wave_id"] == wave.id
                ]
            )
        units = defaultdict(int)
        for row in rows:
            if row["quota_id"] and row["item_quantity"]:
                units[row["quota_id"]] += row["item_quantity"]
        if units:
            self.env["channel.pool.quota"].sudo()._give_back(dict(units))
        line_ids = [row["id"] for row in rows]
        self.env["channel.parcel"].sudo()._stop_lines({row["parcel_id"] for row in rows}, line_ids)
        waves._close_refunded(line_ids)
        # the batch path drops the cache after its own statements
        self.env.flush_all()

    @api.model
    def _released_in_waves(self, records):
        """The lines among the records (orders or lines) that are in a wave now."""
        if not records:
            return []
        column = SQL("o.id") if records._name == "channel.order" else SQL("l.id")
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT l.id, o.wave_id, o.parcel_id, l.product_id, l.quantity, l.amount_owed,
                       l.item_quantity, q.id AS quota_id
                  FROM channel_order_line l
                  JOIN channel_order o ON o.id = l.order_id
                  LEFT JOIN channel_pool_quota q
                       ON q.pool_id = l.pool_id AND q.fulfiller_id = o.fulfiller_id
                 WHERE %s IN %s AND o.stage IN %s AND o.wave_id IS NOT NULL
                   AND l.state <> 'refunded'
                 ORDER BY l.id
                """,
                column,
                tuple(records.ids),
                tuple(stages.IN_WAVE),
            )
        )
