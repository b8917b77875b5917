from odoo import fields, models
from odoo.exceptions import UserError

MODELS = (
    "channel.deposit.confirmation",
    "channel.deposit.request",
    "channel.deposit.voucher",
)


class ChannelDepositRefuse(models.TransientModel):
    """Asks why a document is refused or disputed; who entered or sent it reads the answer."""

    _name = "channel.deposit.refuse"
    _description = "Refuse with a Reason"

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
            raise UserError(self.env._("Open the document and refuse it there."))
        self.env[self.res_model].browse(self.res_ids)._refuse(reason)
        return {"type": "ir.actions.act_window_close"}
