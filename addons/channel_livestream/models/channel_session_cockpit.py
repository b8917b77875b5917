from odoo import api, fields, models
from odoo.tools import SQL

# paid by the buyer and still wanted
SOLD = ("held", "exception", "queued", "allocated", "waved", "picked", "packed", "shipped", "done")


class ChannelSession(models.Model):
    """The figures of the cockpit: one query, on indexes, whatever the size of the session."""

    _inherit = "channel.session"

    @api.model
    @api.readonly
    def cockpit_sessions(self):
        """Sessions to choose from in the cockpit: open ones first, then those closed last.

        :return: list of dicts id, name, state
        """
        opened = self.search([("state", "=", "open")], order="room_ref desc, opened_at desc")
        closed = self.search([("state", "=", "closed")], order="closed_at desc", limit=5)
        return (opened | closed).read(["name", "state"], load="")

    @api.readonly
    def cockpit(self):
        """The figures of one session as they are now.

        Amounts are text with two decimals in the session's currency, ages are seconds.

        :return: dict session, orders, items; ``items`` in the order of the plan
        """
        self.ensure_one()
        self.check_access("read")
        self.env["channel.order"].check_access("read")
        [(orders, items)] = self.env.execute_query(self._cockpit_query())
        symbol = self.currency_id.symbol
        return {
            "session": {
                "id": self.id,
                "name": self.name,
                "state": self.state,
                "shop": self.shop_id.name,
                "host": self.host_id.name or "",
                "standing": self.is_standing,
                "currency": symbol,
                "at": fields.Datetime.now(),
            },
            "orders": orders,
            "items": items or [],
        }

    def _cockpit_query(self):
        return SQL(
            """
            WITH stages AS (
                SELECT stage, refund_open, count(*) AS orders, sum(amount_paid) AS paid,
                       min(received_at) AS oldest
                  FROM channel_order WHERE session_id = %(session)s
                 GROUP BY stage, refund_open
            ), recent AS (
                SELECT count(*) FILTER (WHERE received_at > %(now)s - interval '1 min') AS last_1,
                       count(*) FILTER (WHERE received_at > %(now)s - interval '5 min') AS last_5,
                       count(*) AS last_15
                  FROM channel_order
                 WHERE session_id = %(session)s AND received_at > %(now)s - interval '15 min'
            ), figures AS (
                SELECT COALESCE(sum(orders) FILTER (WHERE stage IN %(sold)s), 0) AS orders,
                       COALESCE(sum(paid) FILTER (WHERE stage IN %(sold)s), 0) AS paid,
                       COALESCE(sum(orders) FILTER (WHERE stage = 'queued'), 0) AS queued,
                       extract(epoch FROM %(now)s - min(oldest)
                               FILTER (WHERE stage = 'queued'))::int AS queue_age,
                       COALESCE(sum(orders) FILTER (WHERE stage = 'exception'), 0) AS exceptions,
                       COALESCE(sum(orders) FILTER (WHERE refund_open), 0) AS refunds_open,
                       COALESCE(sum(orders) FILTER (WHERE stage = 'refunded'), 0) AS refunded
                  FROM stages
            ), units AS (
                SELECT item.id, item.sequence, pool.id AS pool_id, pool.name, pool.price,
                       pool.quota AS planned, pool.state,
                       COALESCE(sum(quota.quantity), 0)::int AS locked,
                       COALESCE(sum(quota.allocated), 0)::int AS allocated
                  FROM channel_session_item item
                  JOIN channel_pool pool ON pool.id = item.pool_id
                  LEFT JOIN channel_pool_quota quota ON quota.pool_id = pool.id
                 WHERE item.session_id = %(session)s
                 GROUP BY item.id, pool.id
            ), money AS (
                SELECT units.pool_id, paid.sum AS paid
                  FROM units
                 CROSS JOIN LATERAL (
                       SELECT sum(line.amount_paid) FROM channel_order_line line
                        WHERE line.pool_id = units.pool_id AND line.state <> 'refunded') paid
            )
            SELECT (SELECT row_to_json(row) FROM (
                        SELECT orders, paid::numeric(16, 2)::text AS paid, last_1, last_5, last_15,
                               queued, queue_age, exceptions, refunds_open, refunded
                          FROM figures, recent) row),
                   (SELECT json_agg(row ORDER BY row.sequence, row.id) FROM (
                        SELECT units.id, units.sequence, units.name, units.state, units.planned,
                               units.price::numeric(16, 2)::text AS price,
                               units.locked, units.allocated,
                               units.locked - units.allocated AS left,
                               COALESCE(money.paid, 0)::numeric(16, 2)::text AS paid
                          FROM units LEFT JOIN money ON money.pool_id = units.pool_id) row)
            """,
            session=self.id,
            sold=SOLD,
            now=fields.Datetime.now(),
        )
