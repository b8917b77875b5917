from odoo import fields, models
from odoo.exceptions import UserError

CLERK = "channel_network.group_finance_clerk"
KEPT = {"state", "date", "company_id", "journal_id", "line_ids"}


class AccountMove(models.Model):
    """A journal entry of deposits follows the deposit's journal: it is not changed by hand."""

    _inherit = "account.move"

    channel_deposit_count = fields.Integer(
        "Deposit Entries", compute="_compute_channel_deposit_count", groups=CLERK
    )

    def _compute_channel_deposit_count(self):
        counts = dict(
            self.env["channel.deposit.posting"]
            .sudo()
            ._read_group([("move_id", "in", self.ids)], ["move_id"], ["__count"])
        )
        for move in self:
            move.channel_deposit_count = counts.get(move, 0)

    def action_view_deposit_entries(self):
        """Smart button: the deposit entries that this journal entry sums up."""
        return self.env["channel.deposit.account"]._open_rows(
            "channel_deposit.action_deposit_entry", [("posting_ids.move_id", "in", self.ids)]
        )

    def _refuse_deposits(self):
        """:raise UserError: one of the journal entries posts deposits"""
        posted = self.filtered(lambda move: move.state == "posted")
        if not posted:
            return
        posting = self.env["channel.deposit.posting"].sudo()
        if found := posting.search([("move_id", "in", posted.ids)], limit=1):
            raise UserError(
                self.env._(
                    "%(move)s posts member deposits and stays as it is. Reverse the deposit entry"
                    " instead: its own journal entry follows by itself.",
                    move=found.move_id.name,
                )
            )

    def button_draft(self):
        self._refuse_deposits()
        return super().button_draft()

    def button_cancel(self):
        self._refuse_deposits()
        return super().button_cancel()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._refuse_deposits()
        return super()._reverse_moves(default_values_list, cancel)

    def write(self, vals):
        if KEPT & vals.keys():
            self._refuse_deposits()
        return super().write(vals)

    def unlink(self):
        # before Odoo deletes the items, which it refuses in other words
        self._refuse_deposits()
        return super().unlink()
