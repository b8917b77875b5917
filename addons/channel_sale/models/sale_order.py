from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .channel_review_rule import KINDS

# Written by the review and by the deposit alone; a user's write would get round them.
GUARDED = {
    "member_id",
    "review_state",
    "review_round",
    "review_kind",
    "review_rule_id",
    "review_missing",
    "deposit_number",
    "is_restock",
    "restock_facts",
}

SEES_RULES = "channel_network.group_finance_clerk,channel_network.group_sales_rep"


class SaleOrder(models.Model):
    """A dealer order is an order of a member from the brand: it is reviewed before it is
    confirmed, and paid from the member's goods account.
    """

    _inherit = "sale.order"

    member_id = fields.Many2one(
        "channel.member",
        compute="_compute_member_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The member that orders. Empty: no dealer order.",
    )
    review_state = fields.Selection(
        [
            ("none", "Not Reviewed"),
            ("waiting", "Waiting for Review"),
            ("passed", "Passed"),
            ("refused", "Refused"),
            ("returned", "Returned"),
        ],
        "Review",
        required=True,
        readonly=True,
        default="none",
        copy=False,
    )
    review_round = fields.Integer("Reviews", readonly=True, copy=False, default=0, aggregator=None)
    review_kind = fields.Selection(KINDS, "Reason", readonly=True, copy=False)
    review_rule_id = fields.Many2one(
        "channel.review.rule",
        "First Failed Rule",
        readonly=True,
        groups=SEES_RULES,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    review_missing = fields.Monetary("Missing Amount", readonly=True, copy=False)
    review_text = fields.Text("Why It Stopped", compute="_compute_review_text")
    decision_ids = fields.One2many(
        "channel.review.decision", "order_id", "Decisions", groups=SEES_RULES
    )
    deposit_number = fields.Integer(
        readonly=True, copy=False, default=0, aggregator=None,
        help="How often something was set aside or changed for this order.",
    )  # fmt: skip

    _reviewed_check = models.Constraint(
        "CHECK (member_id IS NULL OR state <> 'sale' OR review_state = 'passed')",
        "A dealer order is confirmed by its review: use the Confirm button.",
    )
    _waiting_idx = models.Index("(company_id, id) WHERE review_state = 'waiting'")

    @api.depends("partner_id", "company_id")
    def _compute_member_id(self):
        """Set while the order can still be changed; orders confirmed before stay what they were."""
        members = {
            (member.partner_id.id, member.company_id.id): member.id
            for member in self.env["channel.member"]
            .sudo()
            .search([("partner_id", "in", self.partner_id.commercial_partner_id.ids)])
        }
        for order in self:
            if order.state in ("draft", "sent"):
                key = (order.partner_id.commercial_partner_id.id, order.company_id.id)
                order.member_id = order._is_dealer_order() and members.get(key)
            else:
                order.member_id = order.member_id

    def _is_dealer_order(self):
        """Whether the order may be a dealer order at all: that of a wave never is.

        The addon of the waves may be absent, and neither depends on the other.
        """
        self.ensure_one()
        return "channel_wave_id" not in self._fields or not self.channel_wave_id

    @api.depends("review_state", "review_round")
    @api.depends_context("lang")
    def _compute_review_text(self):
        decisions = self.env["channel.review.decision"].sudo()
        found = decisions.search(
            [
                ("order_id", "in", self.ids),
                ("verdict", "in", ("held", "refused")),
            ],
            order="id",
        )
        for order in self:
            last = found.filtered(
                lambda d, order=order: (
                    d.order_id.id == order._origin.id and d.round == order.review_round
                )
            )
            stopped = order.review_state in ("waiting", "refused", "returned")
            order.review_text = stopped and "\n".join(filter(None, last.mapped("text")))

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_guarded(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_guarded(vals.keys())
        if vals.get("state") in ("draft", "sent", "cancel") and "review_state" not in vals:
            passed = self.filtered(lambda order: order.review_state == "passed")
            if passed:
                result = super(SaleOrder, self - passed).write(vals)
                super(SaleOrder, passed.sudo()).write({**vals, "review_state": "none"})
                return result
        return super().write(vals)

    def _refuse_guarded(self, names):
        if not self.env.su and not GUARDED.isdisjoint(names):
            raise AccessError(
                self.env._("The review and the deposit of an order change by its buttons only.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if self.sudo().decision_ids:
            raise UserError(
                self.env._("An order that was reviewed is kept: cancel it instead of deleting it.")
            )

    def _lock_rows(self):
        """Lock the orders in the order of their ids, before anything is booked for them.

        Who waits here is run again by Odoo, and then sees what the other one did.
        """
        self.env.execute_query(
            SQL(
                "SELECT id FROM sale_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )
