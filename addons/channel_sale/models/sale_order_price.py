from odoo import api, fields, models

from odoo.addons.channel_network.core.money import to_fen

from ..core.review import Kind, Order, review
from .sale_order import SEES_RULES


class SaleOrderPrice(models.Model):
    """Tells the sales desk of a price outside its band while the order is written."""

    _inherit = "sale.order"

    price_warning = fields.Text(
        compute="_compute_price_warning",
        compute_sudo=True,
        groups=SEES_RULES,
        help="Prices that the rules about price bands will stop when the order is confirmed.",
    )

    @api.depends(
        "member_id",
        "state",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "order_line.product_uom_id",
        "order_line.price_total",
    )
    @api.depends_context("lang")
    def _compute_price_warning(self):
        rules = self.env["channel.review.rule"]._of_companies(self.company_id)
        for order in self:
            prices = [r for r in rules.get(order.company_id.id, ()) if r.kind is Kind.PRICE]
            asked = prices and order.member_id and order.state in ("draft", "sent")
            order.price_warning = order._price_words(prices) if asked else False

    def _price_words(self, rules):
        """What the rules about prices would say of this order, a line each; also while it is typed."""
        self.ensure_one()
        order = self.with_company(self.company_id)
        lines = order._review_lines()[order.id]
        facts = Order(
            id=order.id,
            member=order.member_id.id,
            amount=to_fen(order.amount_total),
            lines=tuple(lines),
            grade=order.member_id.grade_id.id or 0,
        )
        (verdict,) = review([facts], rules, {}, {})
        products = {line.id: line.product for line in lines}
        words = [
            self.env["channel.review.decision"]
            .new({"kind": "price"})
            ._sentence([found.wanted, found.allowed, products[found.line]])
            for failure in verdict.failures
            for found in failure.findings
        ]
        return "\n".join(dict.fromkeys(words))
