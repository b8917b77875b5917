import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class ChannelDepositBanked(models.AbstractModel):
    """A document whose money goes through our bank: it meets the bank's line on "receipts to
    claim", as soon as both are posted.
    """

    _name = "channel.deposit.banked"
    _description = "Deposit Money by Bank"
    _inherit = "channel.deposit.approval"

    statement_line_id = fields.Many2one(
        "account.bank.statement.line",
        "Bank Line",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        help="The line of the bank statement by which this money arrived or left.",
    )

    def _reconcile_bank(self):
        """Reconcile bank lines with the postings of their money, as far as both are there.

        The line's open side goes from suspense to "receipts to claim". A line that an accountant
        has settled meanwhile is left alone, and so is one whose period is locked: both stay open
        on "receipts to claim", where the accountant sees them.
        """
        for document in self:
            line, posted = document.statement_line_id, document._posted_money()
            if not posted or posted.reconciled or not line or line.is_reconciled:
                continue
            _money, suspense, _other = line._seek_for_lines()
            try:
                with self.env.cr.savepoint():
                    suspense.with_context(skip_account_move_synchronization=True).write(
                        {"account_id": posted.account_id.id, "partner_id": posted.partner_id.id}
                    )
                    (suspense | posted).reconcile()
            except UserError as error:
                _logger.warning("Bank line %s is not reconciled: %s", line.id, error)

    def _release_bank(self):
        """Open the bank line again, because the document was undone."""
        for document in self:
            line, posted = document.statement_line_id, document._posted_money()
            if posted.reconciled and line.is_reconciled:
                line.action_undo_reconciliation()

    def _money_key(self):
        """Key of the ledger's entry that is the money; False while there is none."""
        raise NotImplementedError

    def _posted_money(self):
        """The journal item of this money on "receipts to claim", if it is posted."""
        self.ensure_one()
        postings = self.env["channel.deposit.posting"].search(
            [("entry_id.key", "=", self._money_key())]
        )
        return postings.counterpart_id


class ChannelDepositPosting(models.Model):
    """What the bank has moved already is reconciled with its line as soon as it is posted."""

    _inherit = "channel.deposit.posting"

    @api.model
    def _post_entries(self, entries):
        moves = super()._post_entries(entries)
        for model in ("channel.deposit.voucher", "channel.deposit.request"):
            documents = self.env[model].sudo()
            sources = [
                entry.source
                for entry in entries.sudo()
                if (entry.source or "").startswith(f"{model},")
            ]
            ids = [int(source.partition(",")[2]) for source in sources]
            documents.search(
                [
                    ("id", "in", ids),
                    ("state", "=", "approved"),
                    ("statement_line_id", "!=", False),
                ]
            )._reconcile_bank()
        return moves
