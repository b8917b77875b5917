from dataclasses import replace

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_order.core.aftersales import Fate, GoodsFacts
from odoo.addons.channel_returns.models.channel_aftersale import GOODS_LEFT

from ..core.road import Kind, fate_of
from .channel_intercept import WANTED


class ChannelAftersale(models.Model):
    """What happens on the road, told to the desk of after-sales."""

    _inherit = "channel.aftersale"

    @api.model
    def _restep(self, ids):
        """Also follow what became of parcels, and have those stopped that are to be."""
        ids = sorted(ids)
        if not ids:
            return super()._restep(ids)
        intercepts = self.env["channel.intercept"].sudo()
        intercepts._follow(ids)
        moved = super()._restep(ids)
        begun = intercepts._begin(ids)
        if begun:
            moved |= super()._restep(begun.aftersale_id.ids)
        return moved

    @api.model
    def _follow_shipment(self, orders):
        """What was granted before its parcel left is to be stopped on the road from now on."""
        granted = self.sudo().search(
            [
                ("order_id", "in", orders.ids),
                ("kind", "in", WANTED),
                ("status", "in", ["applied", "agreed", "succeeded"]),
            ]
        )
        granted._restep(granted.ids)

    @api.model
    def _goods_facts(self, ids):
        """Also the fate of parcels whose money goes back, by their traces and interceptions."""
        facts = super()._goods_facts(ids)
        for row in self._road_facts(ids):
            known = facts.get(row["id"]) or GoodsFacts()
            told = known.fate
            if told is Fate.ASKED and row["state"] in ("too_late", "let_go"):
                told = None
            kind = Kind(row["kind"]) if row["kind"] else None
            fate = fate_of(told, kind, row["state"] in ("todo", "asked"))
            facts[row["id"]] = replace(known, fate=fate)
        return facts

    @api.model
    def _road_facts(self, ids):
        """After-sales whose parcel may come back unasked or was to be stopped: list of dicts.

        Before a request is granted the parcel's fate is none of its facts: a person decides first.
        """
        self.env["channel.intercept"].flush_model()
        self.env["channel.tracking"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT a.id, t.kind, i.state
                  FROM channel_aftersale a
                  JOIN channel_order o ON o.id = a.order_id
                  LEFT JOIN channel_tracking t ON t.parcel_id = o.parcel_id
                  LEFT JOIN channel_intercept i ON i.aftersale_id = a.id
                 WHERE a.id = ANY(%s)
                   AND (i.id IS NOT NULL
                        OR t.kind IS NOT NULL AND a.kind = ANY(%s) AND %s
                           AND (a.status IN ('agreed', 'succeeded')
                                OR a.status = 'applied' AND EXISTS (
                                   SELECT FROM channel_aftersale_answer w
                                    WHERE w.aftersale_id = a.id AND w.accept
                                      AND w.version = extract(epoch FROM a.updated_at)::int)))
                """,
                list(ids),
                WANTED,
                GOODS_LEFT,
            )
        )
