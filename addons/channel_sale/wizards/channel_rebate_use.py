from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.core.money import from_fen, to_fen


class ChannelRebateUse(models.TransientModel):
    """How much of the member's rebate a dealer order uses, and how."""

    _name = "channel.rebate.use"
    _description = "Use Rebate"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="order_id.currency_id")
    available = fields.Monetary(
        compute="_compute_offer", help="On the rebate account, and not set aside for other orders."
    )
    cap = fields.Monetary(
        "Most for This Order", compute="_compute_offer",
        help="The company's percentage of what the goods come to on which a rebate may be used.",
    )  # fmt: skip
    used = fields.Monetary("Used as Goods", compute="_compute_offer")
    excluded = fields.Char(
        "No Rebate on", compute="_compute_offer",
        help="Goods of the order whose category or brand the company excludes.",
    )  # fmt: skip
    way = fields.Selection(
        [("discount", "Lower the price"), ("goods", "Give goods")],
        required=True,
        compute="_compute_way",
        store=True,
        readonly=False,
    )
    amount = fields.Monetary(
        "Discount",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="In all, tax included. 0 takes the discount off the order.",
    )
    both_ways = fields.Boolean(compute="_compute_offer")
    product_id = fields.Many2one(
        "product.product",
        domain="[('sale_ok', '=', True), ('type', '=', 'consu'),"
        " ('company_id', 'in', (False, company_id))]",
    )
    company_id = fields.Many2one(related="order_id.company_id")
    quantity = fields.Float(digits="Product Unit", default=1)

    @api.depends("order_id")
    def _compute_offer(self):
        for wizard in self:
            allowed = wizard._offer()
            wizard.available = from_fen(allowed.available)
            wizard.cap = from_fen(allowed.cap)
            wizard.used = from_fen(allowed.goods)
            wizard.excluded = ", ".join(wizard.order_id._rebate_excluded().mapped("display_name"))
            wizard.both_ways = allowed.discount_allowed and allowed.goods_allowed

    @api.depends("order_id")
    def _compute_way(self):
        for wizard in self:
            allowed = wizard._offer()
            wizard.way = "discount" if allowed.discount_allowed else "goods"

    @api.depends("order_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = from_fen(wizard._offer().discount_most)

    def _offer(self):
        self.order_id.check_access("read")  # the offer itself is read as the system
        return self.order_id._rebate_offer()

    def action_apply(self):
        """Use the rebate.

        :raises UserError: in words, when it is more than may be used
        """
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        if self.way == "discount":
            order._use_rebate(to_fen(round(self.amount, 2)))
        elif not self.product_id:
            raise UserError(self.env._("Choose the goods."))
        else:
            order._use_rebate_goods(self.product_id, self.quantity)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
