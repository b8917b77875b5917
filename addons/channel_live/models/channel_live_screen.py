from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one

from .channel_live_sample import moment

WAKE = "channel_live"  # the notification that somebody begins to watch
WATCHED = timedelta(seconds=45)  # screens say every 20 s that they watch
NOTED_EVERY = timedelta(seconds=10)


class ChannelLiveScreen(models.Model):
    """When a screen last said that it watches a session: nobody's figures need not be summed."""

    _name = "channel.live.screen"
    _description = "Session that is watched"
    _log_access = False
    _order = "session_id"
    _rec_name = "session_id"

    session_id = LeanMany2one("channel.session", required=True, readonly=True)
    seen_at = fields.Datetime(required=True, readonly=True)

    _session_uniq = models.UniqueIndex("(session_id)")

    @api.model
    def _note(self, session):
        """A screen watches. However many do, one row is written every ten seconds."""
        now = moment()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_live_screen (session_id, seen_at) VALUES (%(id)s, %(now)s)
                    ON CONFLICT (session_id) DO UPDATE SET seen_at = EXCLUDED.seen_at
                       WHERE channel_live_screen.seen_at < %(before)s
                RETURNING id
                """,
                id=session.id,
                now=now,
                before=now - NOTED_EVERY,
            )
        )
        if self.env.cr.rowcount:
            self.env.cr.execute(SQL("SELECT pg_notify(%s, '')", WAKE))

    @api.model
    def _watched(self):
        """The sessions that somebody watches now."""
        since = moment() - WATCHED
        rows = self.env.execute_query(
            SQL(
                "SELECT session.id FROM channel_live_screen screen"
                "  JOIN channel_session session ON session.id = screen.session_id"
                " WHERE screen.seen_at > %s ORDER BY session.id",
                since,
            )
        )
        return self.env["channel.session"].browse([session_id for (session_id,) in rows])
