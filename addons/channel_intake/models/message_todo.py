from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one

WAKE = "channel_message"  # the notification that something waits

TRIGGER = f"""
CREATE OR REPLACE FUNCTION channel_message_todo_notify() RETURNS trigger
LANGUAGE plpgsql AS $notify$ BEGIN NOTIFY {WAKE}; RETURN NULL; END $notify$;
CREATE OR REPLACE TRIGGER channel_message_todo_notify AFTER INSERT ON channel_message_todo
FOR EACH STATEMENT EXECUTE FUNCTION channel_message_todo_notify()
"""


class ChannelMessageTodo(models.Model):
    """The work queue: one narrow row for each message that waits.

    The message itself is never written again; a row here is deleted when its message is done.
    New rows wake the materialisers.
    """

    _name = "channel.message.todo"
    _description = "Message waiting"
    _log_access = False
    _order = "next_attempt, message_id"
    _rec_name = "message_id"

    message_id = LeanMany2one("channel.message", string="Message", required=True)
    attempts = fields.Integer(default=0, required=True)
    next_attempt = fields.Datetime(required=True, default=fields.Datetime.now)

    _message_uniq = models.UniqueIndex("(message_id)")
    _next_attempt_idx = models.Index("(next_attempt, message_id)")
    _attempts_check = models.Constraint("CHECK (attempts >= 0)", "Attempts cannot be negative.")

    def init(self):
        self.env.cr.execute(TRIGGER)
