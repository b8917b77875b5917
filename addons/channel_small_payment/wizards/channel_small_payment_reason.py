from odoo import fields, models
from odoo.exceptions import UserError


class ChannelSmallPaymentReason(models.TransientModel):
    """Asks why a small payment is refused or taken back; whoever entered it reads the answer."""

    _name = "channel.small.payment.reason"
    _description = "Refuse or Take Back a Small Payment"

    payment_id = fields.Many2one("channel.small.payment", required=True, readonly=True)
    what = fields.Selection(
        [("refuse", "Refuse"), ("back", "Take back")], required=True, readonly=True
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Do it, with the reason."""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why."))
        if self.what == "refuse":
            self.payment_id._refuse(reason)
        else:
            self.payment_id._take_back(reason)
        return {"type": "ir.actions.act_window_close"}
