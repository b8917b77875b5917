from odoo import fields, models
from odoo.exceptions import UserError

MODELS = ("channel.deposit.voucher", "channel.deposit.request")


class ChannelDepositRefuse(models.TransientModel):
    """Asks why a voucher or request is refused; who entered it reads the answer."""

    _name = "channel.deposit.refuse"
    _description = "Refuse a Voucher or Request"

    res_model = fields.Char(required=True)
    res_ids = fields.Json(required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Refuse with the reason."""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why it is refused."))
        if self.res_model not in MODELS:
            raise UserError(self.env._("Open the voucher or request and refuse it there."))
        self.env[self.res_model].browse(self.res_ids)._refuse(reason)
        return {"type": "ir.actions.act_window_close"}
