from odoo import api, models
from odoo.exceptions import UserError


class ChannelDepositWritten(models.AbstractModel):
    """Rows that the deposit ledger's ``_book`` writes by SQL, and nobody else, sudo or not."""

    _name = "channel.deposit.written"
    _description = "Written by the Deposit Ledger"

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        self._refuse_change()

    def write(self, vals):  # pylint: disable=method-required-super
        self._refuse_change()

    def unlink(self):  # pylint: disable=method-required-super,no-raise-unlink
        self._refuse_change()

    def _refuse_change(self):
        raise UserError(
            self.env._(
                "Entries and holds of deposits are never changed or deleted. To correct an entry,"
                " add a reversing entry with a reason."
            )
        )
