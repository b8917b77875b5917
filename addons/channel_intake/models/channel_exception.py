from odoo import fields, models


class ChannelException(models.Model):
    """Stopped messages on the exception desk."""

    _inherit = "channel.exception"

    def action_retry(self):
        """Also put stopped messages back into the queue, and have them processed."""
        result = super().action_retry()
        stops = self.filtered(lambda row: row.message_ref and row.state == "open")
        if stops:
            messages = (
                self.env["channel.message"].sudo().browse(map(int, stops.mapped("message_ref")))
            )
            messages._requeue()
            stops.sudo()._close_stops(self.env.user)
            self.env["channel.shop"]._enqueue_process()
        return result

    def action_open_message(self):
        """Open the message that was stopped."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "channel.message",
            "res_id": int(self.message_ref),
            "view_mode": "form",
        }

    def _close_stops(self, user=None):
        """The message is on its way again, or done: nobody need look at it."""
        self.write(
            {
                "state": "cleared",
                "cleared_at": fields.Datetime.now(),
                "cleared_by": user.id if user else False,
            }
        )
