from odoo import fields, models

from ..core.returnable import Policy, Reason


class ChannelReturnPolicy(models.Model):
    """What a brand takes back from its dealers, and from whom (退换货政策).

    A member's own policy counts before that of its grade, that before the company's.
    """

    _name = "channel.return.policy"
    _description = "Policy of Dealer Returns"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    member_id = fields.Many2one("channel.member", check_company=True, index="btree_not_null")
    grade_id = fields.Many2one("channel.member.grade", index="btree_not_null")
    days = fields.Integer(
        "Days after Delivery", default=30, help="0: goods may come back at any time."
    )
    percent = fields.Integer(
        "Quota %",
        default=5,
        help="Of what was delivered to the dealer in the period. 0: without quota.",
    )
    period = fields.Integer("Period (days)", default=90, required=True)
    reason_ids = fields.Many2many(
        "channel.return.reason", string="Reasons", help="None: all reasons."
    )
    excluded_category_ids = fields.Many2many("product.category", string="Not Taken Back")
    excluded_brand_ids = fields.Many2many("channel.brand", string="Brands Not Taken Back")
    automatic = fields.Boolean(
        "Approve What Passes",
        help="A request that stays within days, quota and delivered quantities needs no person.",
    )

    _limits = models.Constraint(
        "CHECK (days >= 0 AND percent BETWEEN 0 AND 100 AND period > 0)",
        "Days are 0 or more, the quota is 0 to 100 %, the period is at least a day.",
    )
    _one_scope = models.Constraint(
        "CHECK (member_id IS NULL OR grade_id IS NULL)",
        "A policy is for one member, for one grade, or for everybody.",
    )

    def _for_member(self, member):
        """The policy that counts for a member; empty: everything delivered may come back."""
        policies = self.sudo().search([("company_id", "=", member.company_id.id)])
        for wanted in (
            policies.filtered(lambda p: p.member_id == member),
            policies.filtered(lambda p: p.grade_id and p.grade_id == member.grade_id),
            policies.filtered(lambda p: not p.member_id and not p.grade_id),
        ):
            if wanted:
                return wanted[:1]
        return policies.browse()

    def _core(self):
        """The policy for the pure core; without one, only the reasons are asked for."""
        found = self.reason_ids or self.env["channel.return.reason"].sudo().search([])
        reasons = {r.id: Reason(r.id, r.counts, r.picture) for r in found} or None
        if not self:
            return Policy(reasons=reasons)
        excluded = {("category", category) for category in self.excluded_category_ids.ids}
        excluded |= {("brand", brand) for brand in self.excluded_brand_ids.ids}
        return Policy(self.days, self.percent, self.period, reasons, frozenset(excluded))
