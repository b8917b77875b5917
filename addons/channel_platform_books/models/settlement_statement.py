from odoo import models
from odoo.tools import SQL


class SettlementStatement(models.Model):
    """Shares may be due days after the platform has settled their order."""

    _inherit = "settlement.statement"

    def _start_sql(self):
        return SQL(
            """
            %s
             UNION ALL
            SELECT (min(row.settled_at) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date
              FROM channel_order AS o
              JOIN channel_platform_settlement AS row
                ON row.shop_id = o.shop_id AND row.order_ref = o.order_ref
             WHERE term.due_from = 'settlement' AND o.id = share.order_id AND row.kind = 'settled'
            HAVING min(row.settled_at) IS NOT NULL
            """,
            super()._start_sql(),
        )
