from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

LATE_DAYS = 30  # a refund is paid at most so long after its approval
EARLY_DAYS = 3


class ChannelDepositRequest(models.Model):
    """A refund is paid by the bank: to which account of the member, and by which bank line."""

    _inherit = "channel.deposit.request"

    payee_bank_id = fields.Many2one(
        "res.partner.bank",
        "Pay To",
        compute="_compute_payee_bank_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        copy=False,
        index="btree_not_null",
        groups="channel_network.group_finance_clerk",
        help="The member's bank account that the refund goes to. It is one of the bank accounts on"
        " the member's contact.",
    )
    member_partner_id = fields.Many2one(related="member_id.partner_id", string="Member's Contact")
    paying_line_id = fields.Many2one(
        "account.bank.statement.line",
        "Probable Bank Line",
        compute="_compute_paying_line_id",
        groups="channel_network.group_finance_clerk",
        help="An outgoing bank line of this amount that nobody has settled yet.",
    )

    _payee_check = models.Constraint(
        "CHECK (kind = 'refund' OR payee_bank_id IS NULL)", "Only a refund is paid by the bank."
    )
    _line_uniq = models.UniqueIndex(
        "(statement_line_id) WHERE state = 'approved' AND statement_line_id IS NOT NULL",
        "This bank line pays another refund already.",
    )

    @api.depends("kind", "account_id")
    def _compute_payee_bank_id(self):
        """The member's bank account, when it has exactly one."""
        for request in self:
            partner = request.sudo().account_id.member_id.partner_id
            found = partner.bank_ids if request.kind == "refund" else partner.bank_ids.browse()
            request.payee_bank_id = found if len(found) == 1 else False

    def _compute_paying_line_id(self):
        """By amount and day; a line to the payee's bank account first, then the nearest day."""
        waiting = self.filtered(lambda request: request.kind == "refund")
        waiting = waiting.filtered(lambda request: not request.statement_line_id)
        for model in ("account.bank.statement.line", "account.move", "res.partner.bank"):
            self.env[model].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (r.id) r.id, l.id
                  FROM channel_deposit_request r
                  JOIN account_bank_statement_line l
                    ON l.amount = -r.amount AND l.company_id = r.company_id
                   AND NOT l.is_reconciled
                  JOIN account_move m ON m.id = l.move_id AND m.state = 'posted'
                   AND m.date BETWEEN r.decided_at::date - %(early)s
                                  AND r.decided_at::date + %(late)s
                  LEFT JOIN res_partner_bank b ON b.id = r.payee_bank_id
                 WHERE r.id = ANY(%(requests)s) AND r.state = 'approved'
                   AND NOT EXISTS (SELECT FROM channel_deposit_request o
                                    WHERE o.statement_line_id = l.id AND o.state = 'approved')
                 ORDER BY r.id,
                          regexp_replace(COALESCE(l.account_number, ''), '\\W', '', 'g')
                          = COALESCE(b.sanitized_acc_number, '-') DESC,
                          abs(m.date - r.decided_at::date), l.id
                """,
                early=EARLY_DAYS,
                late=LATE_DAYS,
                requests=waiting.ids,
            )
        )
        lines = dict(rows)
        for request in self:
            request.paying_line_id = lines.get(request.id, False)

    @api.constrains("payee_bank_id", "account_id")
    def _check_payee(self):
        for request in self.sudo().filtered("payee_bank_id"):
            if request.payee_bank_id.partner_id != request.account_id.member_id.partner_id:
                raise UserError(
                    self.env._(
                        "A refund goes to the member itself: choose one of the bank accounts of"
                        " %s.",
                        request.account_id.member_id.display_name,
                    )
                )

    def _check_complete(self):
        for request in self:
            if request.kind == "refund" and not request.sudo().payee_bank_id:
                raise UserError(
                    self.env._(
                        "Where does the money go? Choose the member's bank account in Pay To; it is"
                        " entered on the contact of %s.",
                        request.member_id.display_name,
                    )
                )
        return super()._check_complete()

    def _money_key(self):
        return f"refund,{self.id}"

    def action_match_bank(self):
        """Note for each refund that its probable bank line has paid it; books nothing."""
        self._check_role()
        for request in self:
            request._match_line(request.paying_line_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _match_line(self, line):
        """Note that an approved refund was paid by a bank line, and reconcile the two.

        :raise UserError: in words, why this line cannot be its payment
        """
        self.ensure_one()
        self._check_role()
        if self.kind != "refund" or self.state != "approved" or self.statement_line_id:
            raise UserError(
                self.env._("%s is no approved refund that waits for its bank line.", self.name)
            )
        if not line:
            raise UserError(
                self.env._(
                    "%(name)s: no open bank line of -%(amount)s was found near its day. Import the"
                    " bank statement first, or pay it at the bank.",
                    name=self.name,
                    amount=self.amount,
                )
            )
        if line.sudo().amount != -self.amount or line.sudo().company_id != self.company_id:
            raise UserError(
                self.env._(
                    "%s and this bank line differ in amount or company: they are two payments.",
                    self.name,
                )
            )
        request = self.sudo()
        request.statement_line_id = line
        request.flush_recordset()  # two who match the same line meet here
        request._reconcile_bank()
