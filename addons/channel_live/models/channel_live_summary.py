import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, json_default

from odoo.addons.channel_network.fields import LeanMany2one

from .channel_live_sample import moment

FRESH = timedelta(seconds=5)


class ChannelLiveSummary(models.Model):
    """The figures that were last sent to the screens of a session, for one that is just opened."""

    _name = "channel.live.summary"
    _description = "Last figures of a session"
    _log_access = False
    _order = "session_id"
    _rec_name = "session_id"

    session_id = LeanMany2one("channel.session", required=True, readonly=True)
    made_at = fields.Datetime(required=True, readonly=True)
    figures = fields.Json(required=True, readonly=True)

    _session_uniq = models.UniqueIndex("(session_id)")

    @api.model
    def _keep(self, figures):
        """Replace what is kept of these sessions.

        :param figures: {session id: figures}
        """
        now = moment()
        texts = [json.dumps(values, default=json_default) for values in figures.values()]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_live_summary (session_id, made_at, figures)
                SELECT v.id, %s, v.figures::jsonb FROM unnest(%s, %s) AS v(id, figures)
                    ON CONFLICT (session_id) DO UPDATE
                       SET made_at = EXCLUDED.made_at, figures = EXCLUDED.figures
                """,
                now,
                list(figures),
                texts,
            )
        )

    @api.model
    def _fresh(self, session):
        """What is kept of a session, when it is some seconds old at most.

        :return: (figures, their age in seconds), or None
        """
        now = moment()
        rows = self.env.execute_query(
            SQL(
                "SELECT figures, extract(epoch FROM %s - made_at)::float FROM channel_live_summary"
                " WHERE session_id = %s AND made_at > %s",
                now,
                session.id,
                now - FRESH,
            )
        )
        return rows[0] if rows else None
