from odoo import models


class ChannelAftersale(models.Model):
    """Money that small payments gave is not granted a second time."""

    _inherit = "channel.aftersale"

    def _answer(self, gate, accept, version, reason="", amount=None):
        if accept:
            # two who give money of one order at once, by an answer and by a payment, meet here
            self.sudo().order_id.exists()._claim_small()
        return super()._answer(gate, accept, version, reason, amount)

    def _given_otherwise(self):
        order = self.order_id
        stands = order._small_stands(order).get(order.id)
        return super()._given_otherwise() + (stands.price if stands else 0)

    def action_new_small_payment(self):
        """A form for a small payment to the buyer, about this after-sale."""
        self.ensure_one()
        return self.env["channel.small.payment"]._new_action(
            {
                "default_order_id": self.order_id.id,
                "default_aftersale_id": self.id,
            }
        )
