from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.receipt import Candidate, Receipt, Sign, suggest
from .channel_deposit_voucher import LIVE, NEAR

SHOWN = 3  # suggestions a line
UNCLAIMED = [
    ("amount", ">", 0),
    ("is_reconciled", "=", False),
    ("deposit_voucher_ids", "not any", [("state", "in", LIVE)]),
]


class AccountBankStatementLine(models.Model):
    """Unidentified receipts: bank lines that may be claimed for a deposit account."""

    _inherit = "account.bank.statement.line"

    deposit_voucher_ids = fields.One2many(
        "channel.deposit.voucher", "statement_line_id", "Deposit Vouchers"
    )
    deposit_account_ids = fields.Many2many(
        "channel.deposit.account",
        compute="_compute_deposit_suggestions",
        string="Probably for",
        help="By the payer's bank account and name, and by what this payer's money was claimed for"
        " before. The likeliest first.",
    )
    deposit_suggestion = fields.Char("Because", compute="_compute_deposit_suggestions")
    deposit_slip_id = fields.Many2one(
        "channel.deposit.voucher",
        "Approved Slip",
        compute="_compute_deposit_suggestions",
        help="An approved bank slip of the same account and amount that waits for its bank line.",
    )

    def _compute_deposit_suggestions(self):
        signs = self._sign_words()
        candidates = self._deposit_candidates()
        slips = self._deposit_slips()
        for line in self:
            receipt = Receipt(
                line.partner_name or line.partner_id.name or "", line.account_number or ""
            )
            found = suggest(receipt, candidates[line.company_id.id])[:SHOWN]
            line.deposit_account_ids = [account for account, _sign in found]
            line.deposit_suggestion = signs[found[0][1]] if found else False
            line.deposit_slip_id = slips.get(line.id, False)

    def _sign_words(self):
        return {
            Sign.NUMBER: self.env._("Bank account of the member"),
            Sign.PAID_BEFORE: self.env._("This payer paid for it before"),
            Sign.NAME: self.env._("Name of the member"),
            Sign.NAME_PART: self.env._("Similar name"),
        }

    def _deposit_candidates(self):
        """What is known of who pays into the open goods accounts, by company."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.company_id, a.id, p.name,
                       ARRAY(SELECT b.sanitized_acc_number FROM res_partner_bank b
                              WHERE b.partner_id = p.id AND b.active),
                       ARRAY(SELECT DISTINCT v.payer_name FROM channel_deposit_voucher v
                              WHERE v.account_id = a.id AND v.state = 'approved'
                                AND v.payer_name IS NOT NULL)
                  FROM channel_deposit_account a
                  JOIN channel_member m ON m.id = a.member_id
                  JOIN res_partner p ON p.id = m.partner_id
                 WHERE a.state = 'open' AND a.purpose = 'goods' AND a.creditor_id IS NULL
                   AND a.company_id = ANY(%s)
                """,
                self.company_id.ids,
            )
        )
        found = defaultdict(list)
        for company, account, name, numbers, payers in rows:
            found[company].append(Candidate(account, (name,), tuple(numbers), tuple(payers)))
        return found

    def _deposit_slips(self):
        """Of each line: the approved bank slip that is probably the same money."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (l.id) l.id, v.id
                  FROM account_bank_statement_line l
                  JOIN account_move m ON m.id = l.move_id
                  JOIN channel_deposit_voucher v
                    ON v.journal_id = l.journal_id AND v.amount = l.amount
                   AND v.kind = 'bank_slip' AND v.state = 'approved'
                   AND v.statement_line_id IS NULL
                   AND v.date BETWEEN m.date - %(near)s AND m.date + %(near)s
                 WHERE l.id = ANY(%(lines)s)
                 ORDER BY l.id, abs(v.date - m.date), v.id
                """,
                near=NEAR.days,
                lines=self.ids,
            )
        )
        return dict(rows)

    def action_claim_deposit(self):
        """Enter a voucher that claims this line, for the likeliest account."""
        self.ensure_one()
        voucher = self.env["channel.deposit.voucher"]
        voucher._check_role()
        values = voucher._from_line(self)
        if self.deposit_account_ids:
            values["account_id"] = self.deposit_account_ids[0].id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Claim a Receipt"),
            "res_model": voucher._name,
            "view_mode": "form",
            "target": "current",
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    def action_match_deposit(self):
        """Note that this line is the money of the approved slip that is shown."""
        self.ensure_one()
        if not self.deposit_slip_id:
            raise UserError(
                self.env._("No approved slip of this account and amount waits for a bank line.")
            )
        self.deposit_slip_id._match_line(self)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
