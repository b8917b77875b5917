from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .channel_control import STATES

KEEP_DAYS = 90


class ChannelControlRun(models.Model):
    """History of a control: one row each time its result changed, and when it was like that."""

    _name = "channel.control.run"
    _description = "Control History"
    _log_access = False
    _order = "checked_at desc, id desc"
    _rec_name = "checked_at"

    control_id = fields.Many2one("channel.control", required=True, index=True, ondelete="cascade")
    checked_at = fields.Datetime(required=True)
    state = fields.Selection(STATES, required=True)
    count = fields.Integer(string="Rows", aggregator=None)
    duration_ms = fields.Integer(string="Milliseconds", aggregator="avg")

    @api.autovacuum
    def _gc_history(self):
        """Keep three months; the newest row of each control stays whatever its age."""
        limit = fields.Datetime.now() - relativedelta(days=KEEP_DAYS)
        newest = self.search([("control_id", "!=", False)]).grouped("control_id")
        keep = [rows[:1].id for rows in newest.values()]
        self.search([("checked_at", "<", limit), ("id", "not in", keep)]).unlink()
