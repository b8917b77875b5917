from odoo import models


class ChannelPool(models.Model):
    """Units that come on offer go to the orders that wait for them, first paid first."""

    _inherit = "channel.pool"

    def _open(self, fulfillers=None, origin=None):
        # before any other lock: whoever gives out units takes the locks in this order
        self.env["channel.order"]._lock_allocation()
        result = super()._open(fulfillers, origin)
        self._serve_waiting()
        return result

    def _add_quota(self, units, fulfillers=None, origin=None):
        self.env["channel.order"]._lock_allocation()
        result = super()._add_quota(units, fulfillers, origin)
        self._serve_waiting()
        return result

    def _cut_quota(self, units):
        self.env["channel.order"]._lock_allocation()
        return super()._cut_quota(units)

    def _close(self):
        self.env["channel.order"]._lock_allocation()
        return super()._close()

    def _serve_waiting(self):
        """Give out units now to as many orders as a person can wait for; a job does the rest."""
        giving = self.filtered(lambda pool: not pool.on_hold)
        orders = self.env["channel.order"]
        more = [
            shop
            for shop, pools in giving.grouped("shop_id").items()
            if orders._allocate_waiting(shop, pools)
        ]
        if more:
            self.env.ref("channel_order.cron_allocate_waiting").sudo()._trigger()
