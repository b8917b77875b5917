from odoo import api, models
from odoo.exceptions import UserError


class ChannelByButtons(models.AbstractModel):
    """Records that only their own buttons, the scan station and jobs may change.

    The rights of a role say who may press the buttons. A call that sets the fields itself would go
    past the checks behind them, for example mark a parcel packed that a refund has stopped.
    """

    _name = "channel.by.buttons"
    _description = "Changed by its own buttons only"

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_outsiders({"id"})
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_outsiders(vals)
        return super().write(vals)

    def _refuse_outsiders(self, names):
        """:raise UserError: a user, not the code behind a button, sets a field of the record"""
        if self.env.su or all(name.startswith(("message_", "activity_")) for name in names):
            return
        raise UserError(
            self.env._(
                "%s is changed by its buttons and by the scan station only. Use these.",
                self._description,
            )
        )
