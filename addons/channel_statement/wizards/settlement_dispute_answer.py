from odoo import fields, models
from odoo.exceptions import AccessError

from ..models.settlement_statement import FINANCE


class SettlementDisputeAnswer(models.TransientModel):
    """Answers a dispute, with a correction where the party is right."""

    _name = "settlement.dispute.answer"
    _description = "Answer a Dispute"

    dispute_id = fields.Many2one("settlement.dispute", required=True, readonly=True)
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    reason = fields.Text(related="dispute_id.reason")
    amount_share = fields.Monetary(related="dispute_id.amount_share")
    amount = fields.Monetary(
        "Correction",
        help="Above 0: the party gets it. Below 0: it comes off. 0: the share stays as it is.",
    )
    answer = fields.Text(required=True)

    def action_answer(self):
        """Keep the answer.

        :raise AccessError: the user is no finance clerk
        """
        self.ensure_one()
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: statements are in their hands."))
        self.dispute_id.check_access("read")
        self.dispute_id.sudo()._answer(self.answer, self.amount)
        return {"type": "ir.actions.act_window_close"}
