import json

from odoo import fields, models
from odoo.exceptions import UserError


class ChannelReceiverShow(models.TransientModel):
    """Asks why a receiver is needed and shows it; the plain text is never stored."""

    _name = "channel.receiver.show"
    _description = "Show Receiver"

    order_id = fields.Many2one("channel.order", required=True, readonly=True)
    reason = fields.Char(required=True)
    receiver = fields.Text(compute="_compute_receiver")

    def _compute_receiver(self):
        text = self.env.context.get("channel_receiver_text")
        for wizard in self:
            wizard.receiver = text

    def action_show(self):
        """Log the reason and show the receiver in the same dialogue."""
        self.ensure_one()
        if not self.reason:
            raise UserError(self.env._("Say why you need the receiver: the reason is kept."))
        text = readable(self.order_id.action_show_receiver(self.reason))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Receiver of %s", self.order_id.order_ref),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"channel_receiver_text": text},
        }


def readable(text):
    """A receiver's JSON as lines for people; other text as it is."""
    try:
        data = json.loads(text)
    except ValueError:
        return text
    if not isinstance(data, dict):
        return text
    return "\n".join(str(value) for value in data.values() if value)
