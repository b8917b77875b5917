from odoo import fields, models


class ChannelAlarmIgnore(models.TransientModel):
    """Asks why alarms are ignored."""

    _name = "channel.alarm.ignore"
    _description = "Ignore Alarms"

    alarm_ids = fields.Many2many("channel.alarm", string="Alarms", readonly=True)
    reason = fields.Char(required=True, help="Kept with the alarm.")

    def action_confirm(self):
        """Ignore with the reason typed."""
        self.ensure_one()
        return self.alarm_ids.action_ignore(self.reason)
