from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Reviews that leave an order to the dealer: not asked for yet, or given back.
WITH_DEALER = ("none", "refused", "returned")
# Whoever made it, the sales manager asks the dealer to change it.
RETURNED = [("state", "in", ("draft", "sent")), ("review_state", "=", "returned")]


class SaleOrder(models.Model):
    """An order that a dealer makes in the portal.

    Until it is sent it is a draft of the member's; one of the drafts is the cart. The methods of
    the portal work as the system: whoever calls them has found the order, or the member, by the
    rights of its user.
    """

    _inherit = "sale.order"

    is_portal = fields.Boolean(
        "Ordered in the Portal", readonly=True, help="The dealer made this order in the portal."
    )
    is_cart = fields.Boolean(
        "The Dealer's Cart", readonly=True, copy=False, help="The dealer puts products into it now."
    )

    _cart_check = models.Constraint(
        "CHECK (NOT is_cart OR (is_portal AND state = 'draft' AND member_id IS NOT NULL))",
        "A cart is a dealer's draft in the portal.",
    )
    _one_cart = models.UniqueIndex("(member_id) WHERE is_cart", "The dealer has a cart already.")

    def write(self, vals):
        """What leaves the draft is no cart any more, whoever confirms or cancels it."""
        if vals.get("state", "draft") != "draft" and "is_cart" not in vals:
            vals = {**vals, "is_cart": False}
        return super().write(vals)

    @api.depends("is_portal")
    def _compute_type_name(self):
        """A dealer who has ordered reads of an order, not of a quotation."""
        result = super()._compute_type_name()
        for order in self:
            if order.is_portal and order.state == "draft":
                order.type_name = self.env._("Order")
        return result

    # Whoever reads decides which words they are.
    @api.depends_context("uid")
    def _compute_review_text(self):
        return super()._compute_review_text()

    @api.model
    def _with_dealer_domain(self, member):
        """Orders that the member may change: its drafts, and what came back from the review."""
        own = Domain(
            [
                ("is_portal", "=", True),
                ("state", "=", "draft"),
                ("review_state", "in", WITH_DEALER),
            ]
        )
        return Domain("member_id", "=", member.id) & (own | Domain(RETURNED))

    def _is_with_dealer(self):
        """Whether the dealer may change the order now."""
        self.ensure_one()
        if self.is_portal and self.state == "draft":
            return self.review_state in WITH_DEALER
        return bool(self.member_id and self.filtered_domain(RETURNED))

    def _is_waiting(self):
        """Whether the order waits for a sales manager; the dealer may take it back or cancel it."""
        self.ensure_one()
        return self.is_portal and self.state == "draft" and self.review_state == "waiting"

    def _returned_note(self):
        """The decision that gave the order back to the dealer, with its remark, or nothing."""
        notes = self.decision_ids.filtered(lambda note: note.verdict == "returned")
        return notes[:1] if self.review_state == "returned" else notes.browse()

    def _check_with_dealer(self):
        """Lock the order and make sure that it is still the dealer's.

        :raises UserError: it was sent, confirmed or cancelled meanwhile
        """
        self._lock_rows()
        if not self._is_with_dealer():
            raise UserError(
                self.env._("%s was sent already: open it under Your Orders.", self.name)
            )

    def _check_waiting(self):
        """Lock the order and make sure that nobody has decided about it.

        :raises UserError: it does not wait any more
        """
        self._lock_rows()
        if not self._is_waiting():
            raise UserError(
                self.env._("%s does not wait any more: see what became of it.", self.name)
            )
