from odoo import models


class ChannelOrderLine(models.Model):
    _inherit = "channel.order.line"

    # takes the place of the plain index: the cockpit sums an item's money from the index alone
    _pool_idx = models.Index("(pool_id) INCLUDE (amount_paid, state) WHERE pool_id IS NOT NULL")
