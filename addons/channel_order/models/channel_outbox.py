from odoo import fields, models
from odoo.exceptions import AccessError

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelOutbox(models.Model):
    """What we owe a platform: one row an action, told once, with its attempts."""

    _name = "channel.outbox"
    _description = "Platform Outbox"
    _rec_name = "key"
    _order = "id desc"
    _log_access = False

    shop_id = LeanMany2one("channel.shop", required=True, readonly=True)
    company_id = fields.Many2one(related="shop_id.company_id")
    action = fields.Selection(
        [
            ("ship", "Report shipment"),
            ("aftersale", "Answer after-sale"),
            ("intercept", "Stop a parcel"),
            ("remark", "Note and flag"),
            ("address", "Answer address change"),
        ],
        required=True,
        readonly=True,
    )
    order_id = LeanMany2one("channel.order", readonly=True, index=True)
    key = fields.Char(required=True, readonly=True, help="Makes a repeated report harmless.")
    payload = fields.Json(readonly=True)
    state = fields.Selection(
        [("todo", "To report"), ("done", "Reported"), ("failed", "Will retry"),
         ("stopped", "Stopped"), ("overtaken", "Overtaken")],
        required=True, readonly=True, default="todo",
        help="Overtaken: what it was about changed on the platform before it was told.",
    )  # fmt: skip
    attempts = fields.Integer(required=True, readonly=True, default=0)
    next_attempt = fields.Datetime(readonly=True)
    error = fields.Text(readonly=True)
    created = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    _key_uniq = models.UniqueIndex("(key)", "This is reported already.")
    _todo_idx = models.Index("(shop_id, next_attempt, id) WHERE state IN ('todo', 'failed')")
    _stopped_idx = models.Index("(id) WHERE state = 'stopped'")

    def action_retry(self):
        """Report again what was stopped, or sooner what waits for its next attempt.

        :raises AccessError: the user is no integration admin
        """
        if not self.env.user.has_group("channel_network.group_integration_admin"):
            raise AccessError(self.env._("Ask an integration admin to report shipments again."))
        self.check_access("read")
        self.sudo().filtered(lambda row: row.state in ("failed", "stopped")).write(
            {"state": "todo", "attempts": 0, "next_attempt": False}
        )
