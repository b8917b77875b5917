from odoo import api, fields, models

from odoo.addons.channel_network.core.money import from_fen, to_fen
from odoo.addons.channel_network.fields import LeanMany2one

from ..core.split import Line, Order, split

AMOUNTS = (
    "amount_list", "amount_paid", "discount_shop", "discount_platform", "discount_talent",
    "discount_payment",
)  # fmt: skip


class SettlementTry(models.TransientModel):
    """Splits an order, or an amount, by a scheme at once, and explains every number in words.

    Nothing is written: a draft can be tried as well.
    """

    _name = "settlement.try"
    _description = "Try a Settlement Scheme"

    scheme_id = fields.Many2one("settlement.scheme", required=True, readonly=True)
    company_id = fields.Many2one(related="scheme_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    order_id = LeanMany2one(
        "channel.order", domain="[('company_id', '=', company_id)]",
        help="Take the amounts of an order.",
    )  # fmt: skip
    quantity = fields.Integer("Units", default=1)
    amount_list = fields.Monetary("List Amount", default=199)
    amount_paid = fields.Monetary("Buyer Paid for Goods", default=199)
    amount_freight = fields.Monetary("Freight")
    discount_shop = fields.Monetary("Shop Discount")
    discount_platform = fields.Monetary("Platform Discount")
    discount_talent = fields.Monetary("Talent Discount")
    discount_payment = fields.Monetary("Payment Discount")
    result = fields.Html(compute="_compute_result", sanitize=False)

    @api.onchange("order_id")
    def _onchange_order_id(self):
        lines = self.order_id.line_ids.filtered(lambda line: line.state == "live")
        if not lines:
            return
        self.quantity = sum(lines.mapped("quantity"))
        for name in AMOUNTS:
            self[name] = float(from_fen(sum(to_fen(line[name]) for line in lines)))
        self.amount_freight = self.order_id.amount_freight

    @api.depends("scheme_id", "order_id", "quantity", "amount_freight", *AMOUNTS)
    @api.depends_context("lang")
    def _compute_result(self):
        for panel in self:
            panel.result = panel._render()

    def _render(self):
        troubles = self.scheme_id._problems()
        try:
            found = None if troubles else split(self._order_tried(), self.scheme_id._scheme())
        except ValueError:
            troubles = [self.env._("Units and amounts are zero or more, amounts in whole fen.")]
            found = None
        words = self.env["settlement.words"]
        rules = {rule.id: rule for rule in self.scheme_id.rule_ids}

        return self.env["ir.qweb"]._render(
            "channel_settlement.try_result",
            {
                "troubles": troubles,
                "found": found,
                "parties": [
                    (
                        rules[party.rule]._label(),
                        words._yuan(party.fen),
                        [
                            (words._of_reason(reason), words._yuan(reason.fen))
                            for reason in party.reasons
                        ],
                    )
                    for party in (found.parties if found else ())
                ],
                "total": words._yuan(found.total) if found else "",
            },
        )

    def _order_tried(self):
        """The order that is split (``core.split.Order``): the chosen one's lines, or one line.

        :raise ValueError: an amount that is no whole number of fen
        """
        lines = self.order_id.line_ids.filtered(lambda line: line.state == "live")
        if lines and self._is_untouched(lines):
            return Order(
                tuple(self._line(line, line.id) for line in lines), to_fen(self.amount_freight)
            )
        return Order((self._line(self, 1),), to_fen(self.amount_freight))

    def _is_untouched(self, lines):
        """Whether the amounts are those of the order still."""
        return self.quantity == sum(lines.mapped("quantity")) and all(
            to_fen(self[name]) == sum(to_fen(line[name]) for line in lines) for name in AMOUNTS
        )

    @staticmethod
    def _line(source, id):
        return Line(id, source.quantity, *(to_fen(source[name]) for name in AMOUNTS))
