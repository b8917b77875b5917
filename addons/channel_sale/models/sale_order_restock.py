import logging

from odoo import Command, api, fields, models

from ..core.review import MILLI

_logger = logging.getLogger(__name__)
ACTIVITY = "channel_sale.mail_activity_restock"


class SaleOrderRestock(models.Model):
    """A draft order that is ready when a member runs short: one a member, kept up to date."""

    _inherit = "sale.order"

    restock_facts = fields.Json(
        readonly=True, copy=False, help="What the reminder suggests and why, by product."
    )
    is_restock = fields.Boolean(
        "Restock Suggestion", readonly=True, copy=False, help="Made by the restock reminder."
    )
    restock_text = fields.Text("Why to Restock", compute="_compute_restock_text")

    _restock_once = models.UniqueIndex(
        "(member_id) WHERE is_restock AND state IN ('draft', 'sent')",
        "This member already has a restock suggestion: open that one.",
    )

    @api.depends("restock_facts")
    @api.depends_context("lang")
    def _compute_restock_text(self):
        for order in self:
            facts = order.restock_facts or []
            order.restock_text = "\n".join(self._restock_words(*fact) for fact in facts)

    def _restock_words(self, product_id, _quantity, left, days):
        product = self.env["product.product"].sudo().browse(product_id).exists()
        values = {"product": product.display_name, "left": f"{left / MILLI:.0f}", "days": days}
        if days is None:
            return self.env._("%(product)s: about %(left)s left", **values)
        return self.env._("%(product)s: about %(left)s left, enough for %(days)s days", **values)

    @api.model
    def _cron_restock(self):
        """Daily: bring the suggestions of all members up to date; one that fails stops no other."""
        members = self.env["channel.member"].search([("state", "=", "active")])
        advice = members._restock_advice()
        drafts = {order.member_id: order for order in self._restock_drafts()}
        for member in members | self.env["channel.member"].union(*drafts):
            if member.id not in advice and member not in drafts:
                continue
            try:
                with self.env.cr.savepoint():
                    self._restock(member, advice.get(member.id, {}), drafts.get(member))
            except Exception:
                _logger.exception("restock reminder of member %s", member.id)

    @api.model
    def _restock_drafts(self):
        return self.search([("is_restock", "=", True), ("state", "in", ("draft", "sent"))])

    @api.model
    def _restock(self, member, advice, draft=None):
        """Make, change or take away one member's suggestion. What a person changed stays.

        :param advice: {product id: (thousandths, core.restock.Shelf)}
        """
        facts = [
            [product, quantity, shelf.left, shelf.days]
            for product, (quantity, shelf) in sorted(advice.items())
        ]
        if draft and not draft._is_as_suggested():
            return
        if draft and not facts:
            draft.activity_unlink([ACTIVITY])
            draft.unlink()
        elif draft:
            same = draft._suggested() == {fact[0]: fact[1] for fact in facts}
            draft.write({"restock_facts": facts} if same else self._restock_values(facts, True))
            draft._tell_restock()
        elif facts:
            orders = self.with_company(member.company_id).with_context(tracking_disable=True)
            orders.create(
                {
                    "partner_id": member.partner_id.id,
                    "company_id": member.company_id.id,
                    "user_id": member.user_id.id,
                    "is_restock": True,
                    **self._restock_values(facts),
                }
            )._tell_restock(first=True)

    @api.model
    def _restock_values(self, facts, clear=False):
        lines = [
            Command.create({"product_id": product, "product_uom_qty": quantity / MILLI})
            for product, quantity, *_rest in facts
        ]
        return {"restock_facts": facts, "order_line": [Command.clear()] * clear + lines}

    def _is_as_suggested(self):
        """Whether the order still is what was suggested, and nobody has decided about it."""
        self.ensure_one()
        lines = {
            line.product_id.id: round(line.product_uom_qty * MILLI) for line in self.order_line
        }
        untouched = self.state == "draft" and self.review_state == "none"
        return untouched and lines == self._suggested()

    def _suggested(self):
        """{product id: thousandths} that the last reminder put on the order."""
        return {product: quantity for product, quantity, *_rest in self.restock_facts or []}

    def _tell_restock(self, first=False):
        """One activity for the member's representative; done once, it does not come again."""
        self.ensure_one()
        rep = self.member_id.user_id
        order = self.with_context(lang=rep.lang or self.env.lang)
        words = (order.restock_text or "").split("\n")
        note = self.env["ir.qweb"]._render("channel_sale.restock_note", {"words": words})
        if self.activity_reschedule([ACTIVITY], new_user_id=rep.id):
            self.activity_search([ACTIVITY]).note = note
        elif rep and first:
            summary = order.env.ref(ACTIVITY).summary
            self.activity_schedule(ACTIVITY, user_id=rep.id, note=note, summary=summary)
