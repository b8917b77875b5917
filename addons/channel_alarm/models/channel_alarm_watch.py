from odoo import fields, models


class ChannelAlarmWatch(models.Model):
    """Up to which order the tally has counted: one row, written by ``_evaluate`` only.

    Order ids are given under the allocation's lock, so an order with a smaller id is never committed
    after one with a greater id: nothing below the mark is missed.
    """

    _name = "channel.alarm.watch"
    _description = "Alarm Watch"
    _order = "id"
    _log_access = False

    seen = fields.Integer(required=True, readonly=True)

    def init(self):
        self.env.cr.execute(
            "INSERT INTO channel_alarm_watch (seen)"
            " SELECT COALESCE(max(id), 0) FROM channel_order"
            " HAVING NOT EXISTS (SELECT FROM channel_alarm_watch)"
        )
