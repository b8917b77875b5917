from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

FINANCE = "channel_network.group_finance_clerk"
# what the buttons write, and nobody by hand
KEPT = frozenset(
    {"name", "company_id", "partner_id", "terms_id", "previous_id", "date_start", "date_end",
     "state", "amount_share", "amount_fee", "amount_brought", "amount_freed", "amount_kept",
     "kept_until", "amount_payable", "amount_carried", "sent_at", "confirmed_at", "confirmed_by",
     "move_id", "fee_ids", "dispute_ids", "payout_ids"}
)  # fmt: skip
# what a party has agreed to stays as it was
GUARD = """
CREATE OR REPLACE FUNCTION settlement_statement_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'a confirmed statement is kept as it was' USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER settlement_statement_guard BEFORE UPDATE ON settlement_statement
    FOR EACH ROW WHEN (OLD.state IN ('confirmed', 'paid') AND
        (NEW.company_id, NEW.partner_id, NEW.previous_id, NEW.date_start, NEW.date_end,
         NEW.amount_share, NEW.amount_fee, NEW.amount_brought, NEW.amount_freed, NEW.amount_kept,
         NEW.kept_until, NEW.amount_payable, NEW.amount_carried) IS DISTINCT FROM
        (OLD.company_id, OLD.partner_id, OLD.previous_id, OLD.date_start, OLD.date_end,
         OLD.amount_share, OLD.amount_fee, OLD.amount_brought, OLD.amount_freed, OLD.amount_kept,
         OLD.kept_until, OLD.amount_payable, OLD.amount_carried))
    EXECUTE FUNCTION settlement_statement_guard();
CREATE OR REPLACE TRIGGER settlement_statement_kept BEFORE DELETE ON settlement_statement
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION settlement_statement_guard();
"""


class SettlementStatement(models.Model):
    """What a party earned in a period, what is kept, carried on and paid. Amounts in yuan.

    Statements of a party follow each other; only the newest is counted anew. It is sent, disputed
    line by line and answered, confirmed (and posted), and paid.
    """

    _name = "settlement.statement"
    _description = "Settlement Statement"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_end desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", required=True, readonly=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Party", required=True, readonly=True, ondelete="restrict"
    )
    terms_id = fields.Many2one(
        "settlement.terms", required=True, readonly=True, ondelete="restrict", index=True
    )
    previous_id = fields.Many2one(
        "settlement.statement", "Statement Before", readonly=True, ondelete="restrict"
    )
    date_start = fields.Date("From", required=True, readonly=True)
    date_end = fields.Date("Until", required=True, readonly=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("disputed", "Disputed"),
            ("confirmed", "Confirmed"),
            ("paid", "Settled"),
        ],
        required=True, default="draft", readonly=True, copy=False, tracking=True,
    )  # fmt: skip
    amount_share = fields.Monetary("Shares", required=True, readonly=True)
    amount_fee = fields.Monetary("Fees and Corrections", required=True, readonly=True)
    amount = fields.Monetary(
        "Earned", compute="_compute_amount", help="Shares, fees and corrections: what is posted."
    )
    amount_brought = fields.Monetary(
        "Brought On", required=True, readonly=True,
        help="Below 0: what the statement before left to be taken back.",
    )  # fmt: skip
    amount_freed = fields.Monetary(
        "Reserve Released", required=True, readonly=True,
        help="Of what earlier statements kept: its time is over, or it covers what is missing.",
    )  # fmt: skip
    amount_kept = fields.Monetary("Kept in Reserve", required=True, readonly=True)
    kept_until = fields.Date(readonly=True)
    amount_payable = fields.Monetary("To Pay", required=True, readonly=True)
    amount_carried = fields.Monetary(
        "Carried On", required=True, readonly=True, help="Comes off the next statement."
    )
    is_newest = fields.Boolean(compute="_compute_is_newest")
    sent_at = fields.Datetime(readonly=True, copy=False)
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    confirmed_by = fields.Many2one("res.users", readonly=True, copy=False)
    move_id = fields.Many2one(
        "account.move", "Journal Entry", readonly=True, copy=False, index="btree_not_null",
        ondelete="restrict",
    )  # fmt: skip
    fee_ids = fields.One2many("settlement.fee", "statement_id", readonly=True)
    dispute_ids = fields.One2many("settlement.dispute", "statement_id", readonly=True)
    payout_ids = fields.One2many("settlement.payout", "statement_id", "Payouts", readonly=True)
    invoice_ids = fields.One2many("settlement.invoice", "statement_id", "Invoices")
    amount_invoice_missing = fields.Monetary(
        "Invoice Missing", compute="_compute_invoice_missing",
        help="Of what is to be paid, the part that no invoice of the party covers.",
    )  # fmt: skip

    _once = models.UniqueIndex(
        "(company_id, partner_id, date_end)", "This party has a statement until that day."
    )
    _chain = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL", "There is a statement after that already."
    )
    _partner_idx = models.Index("(partner_id, date_end DESC)")
    _list_idx = models.Index("(state, date_end DESC, id DESC)")
    _adds_up = models.Constraint(
        "CHECK (amount_brought + amount_share + amount_fee + amount_freed - amount_kept"
        " = amount_payable + amount_carried)",
        "What comes in is kept, paid or carried on, to the fen.",
    )
    _signs = models.Constraint(
        "CHECK (amount_payable >= 0 AND amount_carried <= 0 AND amount_brought <= 0"
        " AND amount_freed >= 0 AND amount_kept >= 0)",
        "What is paid is not below 0, what is carried on not above.",
    )
    _days = models.Constraint("CHECK (date_start <= date_end)", "A period ends after it begins.")

    def init(self):
        self.env.cr.execute(GUARD)

    # -- CRUD and computes -----------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_newest_draft(self):
        for statement in self:
            if statement.state != "draft":
                raise UserError(
                    self.env._("Only drafts are deleted. Withdraw %s first.", statement.name)
                )
            if statement.sudo().dispute_ids:
                raise UserError(
                    self.env._("%s was disputed: it stays, with the answers.", statement.name)
                )
            if not statement.is_newest and statement._after() not in self:
                raise UserError(
                    self.env._(
                        "%s is not the newest of its party: delete that first.", statement.name
                    )
                )

    def write(self, vals):
        if not self.env.su and KEPT & vals.keys():
            raise UserError(self.env._("Use the buttons: amounts and states are not entered."))
        return super().write(vals)

    def unlink(self):
        """Delete drafts, the newest first; their shares and fees wait for the next run again."""
        self._unlink_newest_draft()
        for statement in self.sorted("date_end", reverse=True):
            statement._let_go()
            super(SettlementStatement, statement).unlink()
        return True

    @api.depends("amount_share", "amount_fee")
    def _compute_amount(self):
        for statement in self:
            statement.amount = statement.amount_share + statement.amount_fee

    @api.depends("company_id", "partner_id", "date_end")
    def _compute_is_newest(self):
        older = set(self.sudo().search([("previous_id", "in", self.ids)]).previous_id.ids)
        for statement in self:
            statement.is_newest = statement.id not in older

    @api.depends("invoice_ids.amount", "amount_payable", "terms_id.paper")
    def _compute_invoice_missing(self):
        for statement in self:
            missing = 0
            if statement.terms_id.sudo().paper == "invoice":
                covered = sum(statement.sudo().invoice_ids.mapped("amount"))
                missing = max(statement.amount_payable - covered, 0)
            statement.amount_invoice_missing = missing

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for statement in self:
            statement.access_url = f"/my/settlements/{statement.id}"
        return result

    def _after(self):
        return self.sudo().search([("previous_id", "=", self.id)])

    # -- what people do --------------------------------------------------------------------------

    def action_refresh(self):
        """Take into drafts what has become due for their period since they were made."""
        self._ask("draft", newest=True)
        self.sudo()._take_in()

    def action_send(self):
        """Show statements to their parties and tell them; disputes must be answered before."""
        self._ask("draft", "disputed")
        for statement in self.sudo():
            if statement.dispute_ids.filtered(lambda dispute: not dispute.answered_at):
                raise UserError(
                    self.env._(
                        "%s has disputes without an answer: answer them first.", statement.name
                    )
                )
            if statement.state == "disputed" and statement.is_newest:
                statement._recount()
        self.sudo().write({"state": "sent", "sent_at": fields.Datetime.now()})
        template = self.env.ref("channel_statement.mail_statement", raise_if_not_found=False)
        for statement in self.sudo() if template else ():
            statement.with_context(lang=statement.partner_id.lang).message_post_with_source(
                template, subtype_xmlid="mail.mt_comment",
                partner_ids=statement.partner_id.filtered("email").ids,
            )  # fmt: skip

    def action_withdraw(self):
        """Take sent statements back: the party sees them no more, and they can be counted anew."""
        self._ask("sent", newest=True)
        self.sudo().write({"state": "draft", "sent_at": False})

    def action_confirm(self):
        """The party agrees, said by itself in the portal or written down by a finance clerk.

        What it earned is posted, and what is to pay waits for its payout.
        """
        self._ask("sent")
        statements = self.sudo()
        statements._post_earned()
        statements.write(
            {
                "confirmed_at": fields.Datetime.now(),
                "confirmed_by": self.env.uid,
                "state": "confirmed",
            }
        )
        statements._make_payouts()

    def action_reopen(self):
        """Undo a confirmation before anything is paid: the entry is reversed."""
        self._ask("confirmed", "paid", newest=True)
        statements = self.sudo()
        for statement in statements:
            if statement.payout_ids.filtered(lambda payout: payout.state in ("in_file", "paid")):
                raise UserError(
                    self.env._(
                        "%s is paid, or stands in a bank file: correct it by a fee on the next"
                        " statement.",
                        statement.name,
                    )
                )
        statements._reverse_earned()
        statements.payout_ids.filtered(lambda payout: payout.state == "waiting").unlink()
        statements.write({"state": "sent", "confirmed_at": False, "confirmed_by": False})

    def action_shares(self):
        """The shares, order by order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Shares of %s", self.name),
            "res_model": "settlement.statement.line",
            "views": [(False, "list")],
            "domain": [("statement_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_portal(self):
        """See it as the party does."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.access_url, "target": "new"}

    def _ask(self, *states, newest=False):
        """Whether the user may act, and the statements are where they should be.

        :raise AccessError: neither a finance clerk nor the party itself
        :raise UserError: in words, what to do instead
        """
        if not self.env.su and not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: statements are in their hands."))
        self.check_access("write")
        names = dict(self._fields["state"]._description_selection(self.env))
        for statement in self.sudo():
            statement.lock_for_update(allow_referencing=True)
            if statement.state not in states:
                raise UserError(
                    self.env._(
                        "%(name)s is “%(state)s” by now: reload the page.",
                        name=statement.name, state=names[statement.state],
                    )
                )  # fmt: skip
            if newest and not statement.is_newest:
                raise UserError(
                    self.env._(
                        "There is a newer statement than %s: it stays as it is. A fee or correction"
                        " on the next one sets it right.",
                        statement.name,
                    )
                )
