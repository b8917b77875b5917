from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

from ..core.pace import Count

KEPT = timedelta(minutes=16)
ORDERS = 0  # the key of the session's orders among the counts of its offers


def moment():
    """Now in UTC, with fractions of a second."""
    return datetime.now(UTC).replace(tzinfo=None)


class ChannelLiveSample(models.Model):
    """How many orders a session had received and units each of its offers had given out, then.

    One narrow row a session every few seconds, kept for a quarter of an hour: the difference of
    two of them is a rate, and no order has to be looked at.
    """

    _name = "channel.live.sample"
    _description = "Counts of a session at a moment"
    _log_access = False
    _order = "taken_at desc, id desc"
    _rec_name = "session_id"

    session_id = LeanMany2one("channel.session", required=True, readonly=True)
    taken_at = fields.Datetime(required=True, readonly=True)
    counts = fields.Json(required=True, readonly=True)

    _session_idx = models.Index("(session_id, taken_at)")

    @api.model
    def _take(self):
        """Count all open sessions now, and forget what is too old to be asked for."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_live_sample (session_id, taken_at, counts)
                SELECT session.id, %(now)s, units.counts || jsonb_build_object(%(orders)s, (
                           SELECT COALESCE(sum(orders), 0) FROM channel_session_tally
                            WHERE session_id = session.id))
                  FROM channel_session session
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(jsonb_object_agg(pool_id, allocated), '{}') AS counts FROM (
                              SELECT item.pool_id, COALESCE(sum(quota.allocated), 0) AS allocated
                                FROM channel_session_item item
                                LEFT JOIN channel_pool_quota quota ON quota.pool_id = item.pool_id
                               WHERE item.session_id = session.id GROUP BY item.pool_id) pools
                       ) units
                 WHERE session.state = 'open'
                """,
                now=moment(),
                orders=str(ORDERS),
            )
        )
        self.env.cr.execute(
            SQL("DELETE FROM channel_live_sample WHERE taken_at < %s", moment() - KEPT)
        )

    @api.model
    def _oldest(self, session_ids, *minutes):
        """The oldest counts within so many minutes.

        :return: {(session id, minutes): ``core.pace.Count``}; nothing where none was taken
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.session_id, asked.minutes, sample.taken_at, sample.counts
                  FROM (SELECT session_id, minutes
                          FROM unnest(%(sessions)s) session_id, unnest(%(minutes)s) minutes) asked
                 CROSS JOIN LATERAL (
                       SELECT taken_at, counts FROM channel_live_sample
                        WHERE session_id = asked.session_id
                          AND taken_at >= %(now)s - asked.minutes * interval '1 minute'
                        ORDER BY taken_at LIMIT 1) sample
                """,
                sessions=list(session_ids),
                minutes=list(minutes),
                now=moment(),
            )
        )
        return {
            (session_id, within): Count(
                taken_at.timestamp(), {int(key): count for key, count in counts.items()}
            )
            for session_id, within, taken_at, counts in rows
        }
