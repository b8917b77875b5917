from odoo import fields, models
from odoo.exceptions import UserError


class ChannelSmallPaymentPaid(models.TransientModel):
    """Asks for the platform's number of a payment that was made in its back office."""

    _name = "channel.small.payment.paid"
    _description = "Record a Small Payment"

    payment_id = fields.Many2one("channel.small.payment", required=True, readonly=True)
    currency_id = fields.Many2one(related="payment_id.currency_id")
    order_id = fields.Many2one(related="payment_id.order_id")
    amount = fields.Monetary(related="payment_id.amount")
    amount_over = fields.Monetary(related="payment_id.amount_over")
    number = fields.Char("Platform Number", required=True)
    paid_at = fields.Datetime("Paid On", required=True, default=fields.Datetime.now)
    nevertheless = fields.Boolean("It has been paid nevertheless")

    def action_confirm(self):
        """Record it.

        :raise UserError: a refund came meanwhile and nobody said that it was paid all the same
        """
        self.ensure_one()
        if self.amount_over and not self.nevertheless:
            raise UserError(
                self.env._(
                    "The buyer was refunded meanwhile: with this payment he would get more than he"
                    " paid. Cancel it; or, if it has been paid, tick that."
                )
            )
        self.payment_id._expect_role(
            "channel_network.group_livestream_operator",
            "channel_network.group_sales_manager",
            "channel_network.group_finance_clerk",
        )
        self.payment_id._record_paid(self.number, self.paid_at)
        return {"type": "ir.actions.act_window_close"}
