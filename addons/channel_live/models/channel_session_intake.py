from odoo import fields, models
from odoo.tools import SQL

MOST = 10_000  # so many are counted; a queue that is longer is said to be "more than"


class ChannelSession(models.Model):
    """What waits before it is an order, for the shops of sessions."""

    _inherit = "channel.session"

    def _intake_figures(self):
        """What the intake of each session's shop has not done yet.

        :return: {session id: dict waiting (pushes and messages), most (waiting is counted no
            further), oldest (seconds or None), stopped (messages that wait for a person), refused
            (pushes in the last quarter of an hour), lag (seconds behind the platform or None)}
        """
        shops = self.sudo().shop_id
        rows = self.env.execute_query_dict(self._intake_query(shops))
        figures = {row.pop("shop_id"): row for row in rows}
        for shop in shops:
            cursors = [shop.pull_orders_cursor, shop.pull_aftersales_cursor]
            figures[shop.id]["lag"] = shop.lag if shop.is_pulled and all(cursors) else None
            figures[shop.id]["most"] = figures[shop.id]["waiting"] >= MOST
        return {session.id: dict(figures[session.sudo().shop_id.id]) for session in self}

    def _intake_query(self, shops):
        """One row a shop. The queues are counted up to a limit, from their oldest end."""
        return SQL(
            """
            WITH pushes AS (
                SELECT shop_id, count(*) AS n, min(push_id) AS first FROM (
                       SELECT shop_id, push_id FROM channel_push_todo ORDER BY id LIMIT %(most)s) q
                 GROUP BY shop_id
            ), messages AS (
                SELECT message.shop_id, count(*) AS n, min(message.received_at) AS oldest
                  FROM (SELECT message_id FROM channel_message_todo
                         ORDER BY message_id LIMIT %(most)s) todo
                  JOIN channel_message message ON message.id = todo.message_id
                 GROUP BY message.shop_id
            ), stopped AS (
                SELECT shop_id, count(*) AS n FROM channel_exception
                 WHERE state = 'open' AND message_ref IS NOT NULL GROUP BY shop_id
            ), refused AS (
                SELECT shop_ref, sum(times) AS n FROM channel_push_refusal
                 WHERE minute >= %(now)s - interval '15 min' GROUP BY shop_ref
            )
            SELECT shop.id AS shop_id,
                   (COALESCE(pushes.n, 0) + COALESCE(messages.n, 0))::int AS waiting,
                   extract(epoch FROM %(now)s - LEAST(messages.oldest, push.received_at))::int
                       AS oldest,
                   COALESCE(stopped.n, 0)::int AS stopped,
                   COALESCE(refused.n, 0)::int AS refused
              FROM channel_shop shop
              LEFT JOIN pushes ON pushes.shop_id = shop.id
              LEFT JOIN channel_push push ON push.id = pushes.first
              LEFT JOIN messages ON messages.shop_id = shop.id
              LEFT JOIN stopped ON stopped.shop_id = shop.id
              LEFT JOIN refused ON refused.shop_ref = shop.platform_shop_ref
             WHERE shop.id = ANY(%(shops)s)
            """,
            most=MOST,
            now=fields.Datetime.now(),
            shops=list(shops.ids),
        )
