from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network import china
from odoo.addons.channel_network.core.money import to_fen

LONGEST = 1000  # characters of a reason or an answer


class SettlementDispute(models.Model):
    """A party does not agree with a share, or with a statement; and what we answered."""

    _name = "settlement.dispute"
    _description = "Dispute"
    _order = "id"
    _rec_name = "reason"

    statement_id = fields.Many2one(
        "settlement.statement", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    line_id = fields.Many2one(
        "settlement.statement.line", "Share", readonly=True, index="btree_not_null",
        ondelete="restrict", help="Empty: it is about the statement as a whole.",
    )  # fmt: skip
    order_id = fields.Many2one(related="line_id.order_id")
    amount_share = fields.Monetary("Amount of the Share", related="line_id.amount")
    reason = fields.Text(required=True, readonly=True)
    raised_by = fields.Many2one("res.users", readonly=True, default=lambda self: self.env.uid)
    answer = fields.Text(readonly=True)
    answered_at = fields.Datetime(readonly=True)
    answered_by = fields.Many2one("res.users", readonly=True)
    fee_ids = fields.One2many("settlement.fee", "dispute_id", "Correction", readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("corrected", "Corrected"), ("refused", "Not Followed")],
        compute="_compute_state",
    )

    _answer_check = models.Constraint(
        "CHECK ((answered_at IS NULL) = (coalesce(answer, '') = ''))", "An answer has words."
    )
    _line_uniq = models.UniqueIndex(
        "(line_id) WHERE line_id IS NOT NULL AND answered_at IS NULL",
        "This share is disputed already.",
    )

    @api.depends("answered_at", "fee_ids")
    def _compute_state(self):
        for dispute in self:
            answered = "corrected" if dispute.fee_ids else "refused"
            dispute.state = answered if dispute.answered_at else "open"

    @api.model
    def _raise(self, statement, reason, line=None):
        """Write a dispute of a sent statement down; finance gets a to-do.

        The caller answers for the rights.

        :param line: a ``settlement.statement.line`` of the statement
        :raise UserError: without a reason, or the statement is not in the party's hands
        """
        reason = (reason or "").strip()[:LONGEST]
        if not reason:
            raise UserError(self.env._("Say what is wrong, and what you expected."))
        statement.lock_for_update(allow_referencing=True)
        if statement.state not in ("sent", "disputed"):
            raise UserError(self.env._("This statement is not open for disputes any more."))
        if line and line.statement_id != statement:
            raise UserError(self.env._("This share is on another statement."))
        dispute = self.create(
            {"statement_id": statement.id, "line_id": line.id if line else False, "reason": reason}
        )
        if statement.state == "sent":
            statement.state = "disputed"
            statement.activity_schedule(
                "mail.mail_activity_data_todo", user_id=statement._clerk().id,
                summary=self.env._("Answer the dispute"),
            )  # fmt: skip
        return dispute

    def action_answer(self):
        """Open the panel that answers."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer"),
            "res_model": "settlement.dispute.answer",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_dispute_id": self.id},
        }

    def _answer(self, words, amount=0):
        """Answer once; with an amount other than 0 the party gets a correction.

        A correction comes onto this statement when it is the newest of its party, else onto the
        next.

        :param amount: yuan, above 0 for the party
        """
        self.ensure_one()
        words = (words or "").strip()[:LONGEST]
        if not words:
            raise UserError(self.env._("Write an answer: the party will read it."))
        self.lock_for_update(allow_referencing=True)
        if self.answered_at:
            raise UserError(self.env._("This dispute was answered already."))
        self.write(
            {
                "answer": words,
                "answered_at": fields.Datetime.now(),
                "answered_by": self.env.uid,
            }
        )
        statement = self.statement_id
        if to_fen(amount):
            self.env["settlement.fee"].create(
                {
                    "name": self.env._("Correction after a dispute of %s", statement.name),
                    "company_id": statement.company_id.id,
                    "partner_id": statement.partner_id.id,
                    "kind": "correction",
                    "amount": amount,
                    "day": statement.date_end if statement.is_newest else china.today(self.env),
                    "dispute_id": self.id,
                }
            )
        if not statement.dispute_ids.filtered(lambda dispute: not dispute.answered_at):
            statement.activity_feedback(["mail.mail_activity_data_todo"])
