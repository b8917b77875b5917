from odoo import fields, models


class ChannelExceptionDecide(models.TransientModel):
    """Asks why exceptions are accepted or ignored."""

    _name = "channel.exception.decide"
    _description = "Decide on Exceptions"

    exception_ids = fields.Many2many("channel.exception", string="Exceptions", readonly=True)
    decision = fields.Selection(
        [("accepted", "Accept"), ("ignored", "Ignore")], required=True, readonly=True
    )
    reason = fields.Text(required=True, help="Kept with the exception and in the order's events.")

    def action_confirm(self):
        """Decide with the reason typed."""
        self.ensure_one()
        if self.decision == "accepted":
            return self.exception_ids.action_accept(self.reason)
        return self.exception_ids.action_ignore(self.reason)
