from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ChannelWave(models.Model):
    """The sessions whose orders a wave ships."""

    _inherit = "channel.wave"

    session_ids = fields.Many2many(
        "channel.session",
        compute="_compute_session_ids",
        search="_search_session_ids",
    )
    session_count = fields.Integer(compute="_compute_session_ids")

    def _compute_session_ids(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wave_id, array_agg(DISTINCT session_id) FROM channel_order
                 WHERE wave_id = ANY(%s) AND session_id IS NOT NULL
                 GROUP BY wave_id
                """,
                self.ids,
            )
        )
        found = dict(rows)
        for wave in self:
            wave.session_ids = found.get(wave.id, [])
            wave.session_count = len(wave.session_ids)

    @api.model
    def _search_session_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "any":
            sessions = self.env["channel.session"]._search(value).select()
        else:
            sessions = SQL("SELECT unnest(%s::int[])", [number for number in value if number])
        waves = self.env["channel.session"]._waves_sql(SQL("(%s)", sessions))
        return Domain("id", "in", SQL("(SELECT wave_id FROM %s found)", waves))

    def action_view_sessions(self):
        """The sessions whose orders the waves ship."""
        if len(self.session_ids) == 1:
            return self.session_ids._get_records_action()
        return self._list_action(
            "channel.session", [("id", "in", self.session_ids.ids)], self.env._("Sessions")
        )
