from odoo import fields, models


class ChannelSessionClose(models.TransientModel):
    """Asks before a session is closed while orders of it still wait."""

    _name = "channel.session.close"
    _description = "Close Session"

    session_id = fields.Many2one(
        "channel.session", required=True, readonly=True, ondelete="cascade"
    )
    waiting_count = fields.Integer(related="session_id.waiting_count")

    def action_view_orders(self):
        """Open the orders that wait."""
        self.ensure_one()
        stages = self.env["channel.session"]._waiting_stages()
        action = self.session_id.action_view_orders()
        return action | {"domain": [*action["domain"], ("stage", "in", stages)]}

    def action_confirm(self):
        """Close the session although orders wait."""
        self.ensure_one()
        self.session_id._close()
        return {"type": "ir.actions.act_window_close"}
