from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelPushTodo(models.Model):
    """The work queue of pushes: one narrow row for each that nobody has looked at.

    Filled by the trigger of channel.push, which also says ``NOTIFY channel_push``. Consumed with
    ``DELETE … FOR UPDATE SKIP LOCKED RETURNING``. A row has the id of its push, so that the
    primary key is all the uniqueness it needs.
    """

    _name = "channel.push.todo"
    _description = "Push waiting"
    _log_access = False
    _order = "next_attempt, id"
    _rec_name = "push_id"

    push_id = LeanMany2one("channel.push", string="Push", required=True)
    shop_id = LeanMany2one("channel.shop", string="Shop", required=True)
    attempts = fields.Integer(default=0, required=True)
    next_attempt = fields.Datetime(required=True, default=fields.Datetime.now)

    _next_attempt_idx = models.Index("(next_attempt, id)")
    _attempts_check = models.Constraint("CHECK (attempts >= 0)", "Attempts cannot be negative.")
    _id_check = models.Constraint(
        "CHECK (id = push_id)", "A waiting push has the number of its push."
    )
