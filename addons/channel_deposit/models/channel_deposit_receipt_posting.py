import logging

from odoo import api, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class ChannelDepositVoucher(models.Model):
    """Brings the bank's line and the posting of its money together, on "receipts to claim"."""

    _inherit = "channel.deposit.voucher"

    def _reconcile_receipt(self):
        """Reconcile bank lines with the postings of their money, as far as both are there.

        The line's open side goes from suspense to "receipts to claim". A line that an accountant
        has settled meanwhile is left alone, and so is one whose period is locked: both stay open
        on "receipts to claim", where the accountant sees them.
        """
        for voucher in self:
            line, posted = voucher.statement_line_id, voucher._posted_receipt()
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

    def _release_receipt(self):
        """Open the bank line again, because the claim was undone."""
        for voucher in self:
            line, posted = voucher.statement_line_id, voucher._posted_receipt()
            if posted.reconciled and line.is_reconciled:
                line.action_undo_reconciliation()

    def _posted_receipt(self):
        """The journal item of this money on "receipts to claim", if it is posted."""
        self.ensure_one()
        postings = self.env["channel.deposit.posting"].search([("entry_id.key", "=", self.key)])
        return postings.counterpart_id


class ChannelDepositPosting(models.Model):
    """What was claimed of the bank is reconciled with it, as soon as it is posted."""

    _inherit = "channel.deposit.posting"

    @api.model
    def _post_entries(self, entries):
        moves = super()._post_entries(entries)
        keys = entries.sudo().filtered(lambda entry: entry.kind == "top_up").mapped("key")
        vouchers = self.env["channel.deposit.voucher"].sudo()
        vouchers.search(
            [("key", "in", keys), ("state", "=", "approved"), ("statement_line_id", "!=", False)]
        )._reconcile_receipt()
        return moves
