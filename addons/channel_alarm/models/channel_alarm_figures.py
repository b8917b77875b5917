from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.channel_order.batch_sql import unix

from ..core import rules

# Orders counted at one time: more of them are counted the next time.
AT_ONCE = 20_000
# A repeated receiver is one of at least so many orders, whatever the rule says.
RECEIVER_MINIMUM = 2
LONGEST = 65 * 60 // rules.BUCKET  # buckets: the longest look back of a rule and the last minute
PAID = ("held", "exception", "queued", "allocated", "waved", "picked", "packed", "shipped", "done")


class ChannelAlarm(models.Model):
    """Gathering: the orders that are new are counted once, then one query reads the figures.

    In a burst the planner knows nothing yet of tables that grew from nothing: what is new is read
    as ranges of order ids, and a receiver's orders by one column alone, so that it cannot choose to
    read a table whole for each order.
    """

    _inherit = "channel.alarm"

    @api.model
    def _count_new(self):
        """Count the orders that came since the last time into the tally.

        The mark is written every time: of two with the same snapshot the second one fails here.

        :return: receivers of these orders with two orders or more in their session:
            {session id: [core.rules.Receiver]}
        """
        [(first, last)] = self.env.execute_query(
            SQL(
                """
                SELECT w.seen, (SELECT max(id) FROM (
                           SELECT id FROM channel_order WHERE id > w.seen ORDER BY id LIMIT %s) o)
                  FROM channel_alarm_watch w
                """,
                AT_ONCE,
            )
        )
        self.env.cr.execute(
            self._counting_query(first, last or first),
            log_exceptions=False,  # that another one was quicker is no error
        )
        receivers = defaultdict(list)
        for session_id, key, shown, orders in self.env.cr.fetchall():
            receivers[session_id].append(rules.Receiver(key, shown or "", orders))
        return receivers

    @api.model
    def _counting_query(self, first, last):
        """Count the orders with ids above ``first`` up to ``last``; returns their receivers."""
        return SQL(
            """
            WITH fresh AS MATERIALIZED (
                SELECT id, session_id, received_at, phone_key, receiver_phone_masked AS shown
                  FROM channel_order
                 WHERE id > %(first)s AND id <= %(last)s AND session_id IS NOT NULL
            ), mark AS (
                UPDATE channel_alarm_watch SET seen = %(last)s
            ), priced AS MATERIALIZED (
                SELECT DISTINCT order_id FROM channel_exception
                 WHERE order_id > %(first)s AND order_id <= %(last)s AND type = 'price_band'
            ), sold AS MATERIALIZED (
                SELECT DISTINCT order_id, pool_id FROM channel_order_line
                 WHERE order_id > %(first)s AND order_id <= %(last)s
            ), counted AS (
                INSERT INTO channel_alarm_tally (pool_id, bucket, orders, priced)
                SELECT sold.pool_id,
                       (extract(epoch FROM fresh.received_at)::bigint / %(bucket)s)::int,
                       count(*), count(priced.order_id)
                  FROM fresh
                  JOIN sold ON sold.order_id = fresh.id
                  LEFT JOIN priced ON priced.order_id = fresh.id
                 WHERE sold.pool_id IS NOT NULL
                 GROUP BY 1, 2 ORDER BY 1, 2
                    ON CONFLICT (pool_id, bucket) DO UPDATE
                   SET orders = channel_alarm_tally.orders + EXCLUDED.orders,
                       priced = channel_alarm_tally.priced + EXCLUDED.priced
            )
            SELECT who.session_id, who.phone_key, who.shown, orders.n
              FROM (SELECT session_id, phone_key, max(shown) AS shown FROM fresh
                     WHERE phone_key IS NOT NULL GROUP BY session_id, phone_key) who
             CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (
                          WHERE o.session_id = who.session_id AND o.stage IN %(paid)s) AS n
                     FROM channel_order o WHERE o.phone_key = who.phone_key) orders
             WHERE orders.n >= %(minimum)s
            """,
            first=first,
            last=last,
            bucket=rules.BUCKET,
            paid=PAID,
            minimum=RECEIVER_MINIMUM,
        )

    @api.model
    def _figures(self, sessions, now, receivers):
        """{session id: core.rules.Figures}, from one query.

        :param receivers: what ``_count_new`` returned
        """
        bucket = unix(now) // rules.BUCKET
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.id, COALESCE(waits.seconds, 0), items.list
                  FROM channel_session s
                  LEFT JOIN LATERAL (
                       SELECT extract(epoch FROM %(now)s - o.paid_at)::int AS seconds
                         FROM channel_order o
                        WHERE o.shop_id = s.shop_id AND o.stage = 'queued'
                          AND o.session_id = s.id AND o.refund_open IS NOT TRUE
                        ORDER BY o.paid_at LIMIT 1) waits ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT json_agg(json_build_array(
                                  item.id, extract(epoch FROM pool.opened_at)::bigint, tally.rows
                              )) AS list
                         FROM channel_session_item item
                         JOIN channel_pool pool ON pool.id = item.pool_id AND pool.state = 'open'
                        CROSS JOIN LATERAL (
                              SELECT json_agg(json_build_array(bucket, orders, priced)) AS rows
                                FROM channel_alarm_tally
                               WHERE pool_id = pool.id AND bucket > %(oldest)s) tally
                        WHERE item.session_id = s.id) items ON TRUE
                 WHERE s.id = ANY(%(sessions)s)
                """,
                now=now,
                oldest=bucket - LONGEST,
                sessions=sessions.ids,
            )
        )
        stock = self._stock_rows(sessions)
        return {
            session_id: rules.Figures(
                now=bucket,
                items=tuple(
                    rules.Item(item_id, opened // rules.BUCKET, tuple(map(tuple, counts or ())))
                    for item_id, opened, counts in items or ()
                ),
                receivers=tuple(receivers.get(session_id, ())),
                stock=tuple(stock.get(session_id, ())),
                waiting=waiting,
            )
            for session_id, waiting, items in rows
        }

    @api.model
    def _stock_differences(self, sessions):
        """Hook: what platforms show of the offers of these sessions and is not what is left here.

        Asked every few seconds: read what is stored, ask no platform.

        :return: list of (pool id, the platform's SKU, units left here, units shown there)
        """
        return []

    @api.model
    def _stock_rows(self, sessions):
        """{session id: [core.rules.StockDifference]}"""
        rows = self._stock_differences(sessions)
        items = self.env["channel.session.item"].search(
            [("pool_id", "in", [row[0] for row in rows]), ("session_id", "in", sessions.ids)]
        ) if rows else self.env["channel.session.item"]  # fmt: skip
        by_pool = {item.pool_id.id: item for item in items}
        found = defaultdict(list)
        for pool_id, sku, ours, theirs in rows:
            if item := by_pool.get(pool_id):
                found[item.session_id.id].append(rules.StockDifference(item.id, sku, ours, theirs))
        return found
