from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_order.core.aftersales import Goods, GoodsFacts

from ..core import expected
from ..core.waybills import fate_of

# Of after-sale ``a``: a line that was refunded before the parcel was packed is not in it.
GOODS_LEFT = SQL(
    """EXISTS (SELECT FROM channel_order_line kept
                WHERE kept.order_id = a.order_id AND kept.state != 'refunded'
                  AND (a.line_ref IS NULL OR kept.line_ref = a.line_ref))"""
)


class ChannelAftersale(models.Model):
    """What the warehouse has counted, told to the desk of after-sales."""

    _inherit = "channel.aftersale"

    @api.model
    def _goods_facts(self, ids):
        """What is known of after-sales that a parcel came back for, or whose own parcel was to be
        stopped."""
        facts = super()._goods_facts(ids)
        rows = self._parcel_facts(ids)
        if not rows:
            return facts
        lines, asked = self.env["channel.return"]._lines_and_asked(
            sorted({row["order_id"] for row in rows}), [row["id"] for row in rows]
        )
        wanted = expected.all_wanted(asked, lines)
        for row in rows:
            units = sum(wanted.get(row["id"], {}).values()) if row["parcels"] else 0
            goods = Goods(units, row["good"], row["defect"], row["wrong"])
            facts[row["id"]] = GoodsFacts(
                goods=goods,
                fate=fate_of(row["came_back"], row["told"], row["asked"]),
                parcels=row["waiting"],
                complete=bool(row["parcels"]) and goods.arrived + row["missing"] >= units,
            )
        return facts

    @api.model
    def _parcel_facts(self, ids):
        """Sums over the parcels of after-sales, for those that have or await one: list of dicts.

        A wrong unit is held against every after-sale of its parcel: nobody knows whose it is.
        """
        self.env["channel.return"].flush_model()
        self.env["channel.return.line"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT a.id, a.order_id, count(r.id) AS parcels,
                       COALESCE(a.parcel_fate, '') AS told, bool_or(b.id IS NOT NULL) AS asked,
                       count(*) FILTER (WHERE r.state = 'received') AS waiting,
                       COALESCE(bool_or(r.source <> 'buyer'), FALSE) AS came_back,
                       COALESCE(sum(own.good), 0)::int AS good,
                       COALESCE(sum(own.defect), 0)::int AS defect,
                       COALESCE(sum(own.missing), 0)::int AS missing,
                       COALESCE(sum(own.wrong), 0)::int AS wrong
                  FROM channel_aftersale a
                  LEFT JOIN channel_return_aftersale_rel rel ON rel.aftersale_id = a.id
                  LEFT JOIN channel_return r ON r.id = rel.return_id
                  LEFT JOIN channel_outbox b
                       ON b.key = 'intercept:' || a.shop_id || ':' || a.aftersale_ref
                  LEFT JOIN LATERAL (
                       SELECT sum(u.good) FILTER (WHERE u.aftersale_id = a.id) AS good,
                              sum(u.defect) FILTER (WHERE u.aftersale_id = a.id) AS defect,
                              sum(u.missing) FILTER (WHERE u.aftersale_id = a.id) AS missing,
                              sum(u.wrong) AS wrong
                         FROM channel_return_line u WHERE u.return_id = r.id) own
                       ON r.state <> 'received'
                 WHERE a.id = ANY(%s) AND a.order_id IS NOT NULL
                   AND (r.id IS NOT NULL OR b.id IS NOT NULL OR a.parcel_fate IS NOT NULL)
                 GROUP BY a.id, a.order_id ORDER BY a.id
                """,
                list(ids),
            )
        )
