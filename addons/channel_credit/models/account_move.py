from odoo import models
from odoo.exceptions import UserError

from odoo.addons.channel_network.core.money import from_fen, to_fen


class AccountMove(models.Model):
    """Credit notes of waves."""

    _inherit = "account.move"

    def _check_credits(self, fen):
        """:raise UserError: the credit note is not the sum of its credits, to the fen"""
        self.ensure_one()
        if to_fen(self.amount_total) != fen:
            raise UserError(
                self.env._(
                    "The credit note of wave %(wave)s comes to %(total)s but %(fen)s was refunded."
                    " Nothing was posted: check the taxes of its products and the company's tax"
                    " rounding.",
                    wave=self.channel_wave_id.name,
                    total=self.amount_total,
                    fen=from_fen(fen),
                )
            )

    def _reconcile_with_waves(self):
        """Credit notes against what is still open of their waves' invoices; the rest stays open on
        the shop's clearing partner."""
        plan = []
        for note in self:
            lines = (note | note.channel_wave_id.sudo().invoice_ids).line_ids
            open_lines = lines.filtered(
                lambda line: (
                    line.account_type == "asset_receivable"
                    and line.parent_state == "posted"
                    and not line.reconciled
                )
            )
            if len(open_lines.move_id) > 1:
                plan.append(open_lines)
        # of one wave one after the other: what the first takes is not open for the next
        for open_lines in plan:
            open_lines.filtered(lambda line: not line.reconciled).reconcile()

    def button_draft(self):
        """A credit note taken back gives its credits free: the next run writes them anew."""
        self._free_credits()
        return super().button_draft()

    def button_cancel(self):
        self._free_credits()
        return super().button_cancel()

    def _free_credits(self):
        postings = self.env["channel.order.credit.posting"].sudo()
        postings.search([("move_id", "in", self.ids)]).unlink()
