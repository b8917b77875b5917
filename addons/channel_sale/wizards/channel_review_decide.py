from odoo import api, fields, models
from odoo.exceptions import UserError


class ChannelReviewDecide(models.TransientModel):
    """A sales manager decides about one order or hundreds; every order gets a result of its own."""

    _name = "channel.review.decide"
    _description = "Decide about Dealer Orders"

    order_ids = fields.Many2many("sale.order", string="Orders", required=True)
    decision = fields.Selection(
        [
            ("review", "Check again: confirm what passes now"),
            ("approve", "Approve: confirm although rules hold it"),
            ("return", "Return to the dealer"),
        ],
        required=True,
        default="approve",
    )
    reason = fields.Text(
        help="Approve: why, although a rule holds the order. Return: what the dealer should"
        " change; the dealer reads it."
    )
    line_ids = fields.One2many(
        "channel.review.decide.line", "wizard_id", compute="_compute_lines", store=True
    )
    done = fields.Boolean(readonly=True)
    summary = fields.Char(readonly=True)

    @api.depends("order_ids")
    def _compute_lines(self):
        for wizard in self:
            wizard.line_ids = [(5,)] + [
                (0, 0, {"order_id": order._origin.id or order.id}) for order in wizard.order_ids
            ]

    def action_apply(self):
        """Decide about every order, each for itself, and show what became of it."""
        self.ensure_one()
        orders = self.order_ids
        orders._check_reviewer()
        orders._wait_for_dealers()
        decision, reason = self.decision, self.reason
        self.flush_recordset()
        results = (
            self._check_again(orders)
            if decision == "review"
            else {order: self._decide(order, decision, reason) for order in orders.sorted("id")}
        )
        for line in self.line_ids:
            line.result = results.get(line.order_id)
        confirmed = sum(order.state == "sale" for order in orders)
        self.done = True
        self.summary = self.env._(
            "%(confirmed)s of %(all)s orders are confirmed.", confirmed=confirmed, all=len(orders)
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Result"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _decide(self, order, decision, reason):
        """Approve or return one order; what fails is undone and told."""
        try:
            with self.env.cr.savepoint():
                if decision == "approve":
                    order._approve(reason)
                else:
                    order._return(reason)
        except UserError as error:
            return str(error)
        return self._result(order)

    def _check_again(self, orders):
        """Confirm what passes: all at once, or one by one when something stands against that."""
        open_orders = orders.filtered(lambda order: order.state in ("draft", "sent"))
        try:
            with self.env.cr.savepoint():
                open_orders.action_confirm()
        except UserError:
            return {order: self._confirm_one(order) for order in orders.sorted("id")}
        return {order: self._result(order) for order in orders}

    def _confirm_one(self, order):
        try:
            with self.env.cr.savepoint():
                order.action_confirm()
        except UserError as error:
            return str(error)
        return self._result(order)

    def _result(self, order):
        if order.state == "sale":
            return self.env._("Confirmed")
        states = dict(order._fields["review_state"]._description_selection(self.env))
        words = order.sudo().review_text
        return f"{states[order.review_state]}: {words}" if words else states[order.review_state]


class ChannelReviewDecideLine(models.TransientModel):
    """One order of the decision: why it waits, and what became of it."""

    _name = "channel.review.decide.line"
    _description = "Order to Decide"

    wizard_id = fields.Many2one("channel.review.decide", required=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    member_id = fields.Many2one(related="order_id.member_id")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_total = fields.Monetary(related="order_id.amount_total")
    review_text = fields.Text(related="order_id.review_text")
    result = fields.Text(readonly=True)
