from odoo import fields, models

CLERK = "channel_network.group_finance_clerk"
LINE_KEPT = {
    "account_id", "partner_id", "debit", "credit", "balance", "amount_currency", "currency_id",
    "move_id", "date",
}  # fmt: skip


class AccountMoveLine(models.Model):
    """A journal item of deposits keeps its account, partner, date and amount."""

    _inherit = "account.move.line"

    channel_deposit_posting_ids = fields.One2many(
        "channel.deposit.posting", "move_line_id", "Deposit Entries", readonly=True, groups=CLERK
    )

    def write(self, vals):
        if LINE_KEPT & vals.keys():
            self.move_id._refuse_deposits()
        return super().write(vals)
