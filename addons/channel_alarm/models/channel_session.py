from odoo import fields, models

SHOWN = 20


class ChannelSession(models.Model):
    """Alarms of a session: their number, and what the cockpit shows of them."""

    _inherit = "channel.session"

    alarm_ids = fields.One2many("channel.alarm", "session_id", "Alarms", readonly=True)
    alarm_count = fields.Integer("Alarms to Decide", compute="_compute_alarm_count")

    def _compute_alarm_count(self):
        groups = self.env["channel.alarm"]._read_group(
            [("session_id", "in", self.ids), ("state", "in", ("open", "held"))],
            ["session_id"],
            ["__count"],
        )
        counts = {session.id: count for session, count in groups}
        for session in self:
            session.alarm_count = counts.get(session.id, 0)

    def action_view_alarms(self):
        """Open the alarms of the session."""
        action = self.env["ir.actions.act_window"]._for_xml_id("channel_alarm.action_channel_alarm")
        return action | {"domain": [("session_id", "in", self.ids)], "context": {}}

    def _close(self):
        """Nobody needs to decide any more about what was still open."""
        result = super()._close()
        for session in self:
            still = session.sudo().alarm_ids.filtered(lambda alarm: alarm.state == "open")
            if still:
                still._decide("ignored", self.env._("The session was closed."))
        return result

    def _cockpit_alarms(self):
        """What the cockpits of these sessions show: {session id: list of dicts}.

        Each has id, kind, text (in the language of the environment), item_id or False, state (open
        or held), can_hold, and ``since``: seconds since it was raised; newest first, at most 20.
        """
        alarms = self.env["channel.alarm"].search(
            [("session_id", "in", self.ids), ("state", "in", ("open", "held"))]
        )
        now = fields.Datetime.now()
        return {
            session.id: [
                {
                    "id": alarm.id,
                    "kind": alarm.kind,
                    "text": alarm.text,
                    "item_id": alarm.item_id.id,
                    "state": alarm.state,
                    "can_hold": alarm.can_hold,
                    "since": int((now - alarm.raised_at).total_seconds()),
                }
                for alarm in found[:SHOWN]
            ]
            for session, found in alarms.grouped("session_id").items()
        }
