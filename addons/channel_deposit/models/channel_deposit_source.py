from odoo import models
from odoo.exceptions import UserError


class ChannelDepositSource(models.AbstractModel):
    """Opens the document behind an entry or a hold: ``source`` is ``model,id``."""

    _name = "channel.deposit.source"
    _description = "Opens its Document"

    def action_open_source(self):
        """The document that this was booked for.

        :raise UserError: there is none, it is gone, or the reader may not see it
        """
        self.ensure_one()
        model, _comma, number = (self.source or "").partition(",")
        if model not in self.env or not number.isdigit():
            raise UserError(self.env._("No document belongs to this: the reason says what it was."))
        document = self.env[model].browse(int(number)).exists()
        if not document:
            raise UserError(self.env._("The document is gone."))
        if not document.has_access("read"):
            raise UserError(self.env._("Your role may not open this document."))
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": document.id,
            "views": [(False, "form")],
        }
