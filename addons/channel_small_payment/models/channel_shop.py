from odoo import models


class ChannelShop(models.Model):
    _inherit = "channel.shop"

    def _owe_small_payment(self, payment):
        """Hook: owe the platform the order to pay, by a row of the outbox keyed by the payment.

        No platform is known to have a call for it, so a person pays in its back office. An adapter
        that can do it owes the call here and later tells ``payment._record_paid``.

        :param payment: channel.small.payment that may be paid now
        :return: whether the platform is asked; False: a person pays
        """
        self.ensure_one()
        return False
