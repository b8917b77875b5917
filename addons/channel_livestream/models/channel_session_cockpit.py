from odoo import api, fields, models
from odoo.tools import SQL

# paid by the buyer and still wanted
SOLD = ("held", "exception", "queued", "allocated", "waved", "picked", "packed", "shipped", "done")


class ChannelSession(models.Model):
    """The figures of the cockpit: one query over sums, whatever the size of the session."""

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
        """The figures of one session as they are now, as this user may see them.

        Amounts are text with two decimals in the session's currency, ages are seconds.

        :return: dict session, orders, items, alarms, and ``may``: what the user may do;
            ``items`` in the order of the plan
        """
        self.ensure_one()
        self._check_cockpit()
        figures = self._cockpit_figures()[self.id]
        figures["orders"] |= self._cockpit_recent()
        figures["alarms"] = self._cockpit_alarms().get(self.id, [])
        return figures | {"may": self._cockpit_rights()}

    def _check_cockpit(self):
        """:raise AccessError: the user may not read the session or its orders"""
        self.check_access("read")
        self.env["channel.order"].check_access("read")

    def _cockpit_rights(self):
        """What the user may do about items and alarms, so that no button ends in a no."""
        alarms = self.env.get("channel.alarm")
        return {
            "operate": self.has_access("write") and self.item_ids.has_access("write"),
            "judge": alarms is not None and alarms.has_access("write"),
        }

    def _cockpit_alarms(self):
        """Hook: what a person should look at now, by session.

        :return: {session id: list of dicts id, kind, text, item_id, state (open, held),
            can_hold, since (seconds)}, newest first; texts in the language of the environment
        """
        return {}

    def _cockpit_figures(self):
        """Figures of these sessions that are the same for everybody who may see them.

        :return: {session id: dict session, orders, items}; ``stamp`` of the session orders figures
            by the database's clock, in seconds
        """
        rows = self.env.execute_query(self._cockpit_query())
        sessions = {session.id: session for session in self}  # that read ahead for one another
        return {
            session_id: {
                "session": sessions[session_id]._cockpit_session() | {"stamp": stamp},
                "orders": orders,
                "items": items or [],
            }
            for session_id, stamp, orders, items in rows
        }

    def _cockpit_session(self):
        """What the head of the cockpit says."""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "shop": self.shop_id.name,
            "host": self.host_id.name or "",
            "standing": self.is_standing,
            "currency": self.currency_id.symbol,
            "at": fields.Datetime.now(),
        }

    def _cockpit_recent(self):
        """How many orders came in the last 1, 5 and 15 minutes, counted on an index."""
        [row] = self.env.execute_query_dict(
            SQL(
                """
                SELECT count(*) FILTER (WHERE received_at > %(now)s - interval '1 min') AS last_1,
                       count(*) FILTER (WHERE received_at > %(now)s - interval '5 min') AS last_5,
                       count(*) AS last_15
                  FROM channel_order
                 WHERE session_id = %(session)s AND received_at > %(now)s - interval '15 min'
                """,
                session=self.id,
                now=fields.Datetime.now(),
            )
        )
        return row

    def _cockpit_query(self):
        """One row a session: its id, when it was read, the figures of its orders and its items."""
        return SQL(
            """
            WITH figures AS (
                SELECT session_id,
                       sum(orders) FILTER (WHERE stage IN %(sold)s) AS orders,
                       sum(paid) FILTER (WHERE stage IN %(sold)s) AS paid,
                       sum(orders) AS received,
                       sum(orders) FILTER (WHERE stage = 'queued') AS queued,
                       sum(orders) FILTER (WHERE stage = 'exception') AS exceptions,
                       sum(orders) FILTER (WHERE refund_open) AS refunds_open,
                       sum(orders) FILTER (WHERE stage = 'refunded') AS refunded
                  FROM channel_session_tally WHERE session_id = ANY(%(sessions)s)
                 GROUP BY session_id
            ), units AS (
                SELECT item.session_id, item.id, item.sequence, pool.id AS pool_id, pool.name,
                       pool.price::numeric(16, 2)::text AS price, pool.quota AS planned,
                       pool.state, COALESCE(pool.on_hold, false) AS on_hold, pool.hold_reason,
                       units.locked, units.allocated, units.locked - units.allocated AS left,
                       COALESCE(money.paid, 0)::numeric(16, 2)::text AS paid
                  FROM channel_session_item item
                  JOIN channel_pool pool ON pool.id = item.pool_id
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(sum(quantity), 0)::int AS locked,
                              COALESCE(sum(allocated), 0)::int AS allocated
                         FROM channel_pool_quota WHERE pool_id = pool.id) units
                 CROSS JOIN LATERAL (
                       SELECT sum(paid) AS paid
                         FROM channel_pool_tally WHERE pool_id = pool.id) money
                 WHERE item.session_id = ANY(%(sessions)s)
            ), items AS (
                SELECT session_id, json_agg(units ORDER BY sequence, id) AS items
                  FROM units GROUP BY session_id
            )
            SELECT session.id, extract(epoch FROM now())::float,
                   json_build_object(
                       'orders', COALESCE(figures.orders, 0),
                       'paid', COALESCE(figures.paid, 0)::numeric(16, 2)::text,
                       'received', COALESCE(figures.received, 0),
                       'queued', COALESCE(figures.queued, 0),
                       'queue_age', extract(epoch FROM %(now)s - waiting.oldest)::int,
                       'exceptions', COALESCE(figures.exceptions, 0),
                       'refunds_open', COALESCE(figures.refunds_open, 0),
                       'refunded', COALESCE(figures.refunded, 0)),
                   items.items
              FROM channel_session session
              LEFT JOIN figures ON figures.session_id = session.id
              LEFT JOIN items ON items.session_id = session.id
             CROSS JOIN LATERAL (
                   SELECT min(received_at) AS oldest FROM channel_order
                    WHERE session_id = session.id AND stage = 'queued') waiting
             WHERE session.id = ANY(%(sessions)s)
            """,
            sessions=list(self.ids),
            sold=SOLD,
            now=fields.Datetime.now(),
        )
