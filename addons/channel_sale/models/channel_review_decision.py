from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.append_only import make_append_only

from .channel_review_rule import KINDS


class ChannelReviewDecision(models.Model):
    """One thing that was decided about a dealer order, by a rule or by a person. Append-only.

    What a rule found stands in ``facts``, so that everybody reads it in their own language.
    """

    _name = "channel.review.decision"
    _description = "Review Decision"
    _order = "id desc"
    _rec_name = "order_id"
    _log_access = False

    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    member_id = fields.Many2one(
        "channel.member", required=True, readonly=True, index=True, ondelete="restrict"
    )
    round = fields.Integer(
        required=True, readonly=True, help="1 for the first review of the order, and so on."
    )
    rule_id = fields.Many2one(
        "channel.review.rule", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    kind = fields.Selection(KINDS, "Reason", readonly=True)
    verdict = fields.Selection(
        [
            ("passed", "Passed"),
            ("remark", "Remark"),
            ("held", "Waits"),
            ("refused", "Refused"),
            ("approved", "Approved"),
            ("returned", "Returned"),
            ("split", "Split"),
        ],
        required=True,
        readonly=True,
    )
    facts = fields.Json(readonly=True)
    text = fields.Text("In Words", compute="_compute_text", compute_sudo=True)
    missing = fields.Monetary("Missing Amount", readonly=True, default=0)
    amount = fields.Monetary("Order Amount", required=True, readonly=True)
    reason = fields.Text("Remark", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "By",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    at = fields.Datetime("Time", required=True, readonly=True, default=fields.Datetime.now)

    _missing_check = models.Constraint("CHECK (missing >= 0)", "What is missing is 0 or more.")
    _reason_check = models.Constraint(
        "CHECK (verdict NOT IN ('approved', 'returned') OR coalesce(reason, '') <> '')",
        "Say why.",
    )

    def init(self):
        make_append_only(self.env.cr, self._table)

    @api.depends("facts", "kind")
    @api.depends_context("lang")
    def _compute_text(self):
        for decision in self:
            decision.text = decision._words()

    def write(self, vals):  # pylint: disable=method-required-super
        self._refuse_change()

    def unlink(self):  # pylint: disable=method-required-super,no-raise-unlink
        self._refuse_change()

    def _refuse_change(self):
        raise UserError(self.env._("Decisions about dealer orders are kept as they were made."))

    @api.model
    def _note(self, order, verdict, **values):
        """The values of a decision about an order, to be created together with others."""
        return {
            "order_id": order.id,
            "company_id": order.company_id.id,
            "member_id": order.member_id.id,
            "round": order.review_round,
            "amount": order.amount_total,
            "verdict": verdict,
            **values,
        }
