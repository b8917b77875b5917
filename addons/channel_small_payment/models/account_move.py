from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """A journal entry of small payments stays: what was wrong is taken back at the payment."""

    _inherit = "account.move"

    def _refuse_small_payments(self):
        """:raise UserError: one of the journal entries posts small payments"""
        postings = self.env["channel.small.payment.posting"].sudo()
        if found := postings.search([("move_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "%(move)s posts small payments and stays as it is. Take back the payment that"
                    " was not made: a reversing entry follows by itself.",
                    move=found.move_id.name,
                )
            )

    def button_draft(self):
        self._refuse_small_payments()
        return super().button_draft()

    def button_cancel(self):
        self._refuse_small_payments()
        return super().button_cancel()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._refuse_small_payments()
        return super()._reverse_moves(default_values_list, cancel)
