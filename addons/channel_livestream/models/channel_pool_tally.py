from odoo import api, fields, models

from odoo.addons.channel_network.fields import LeanMany2one

from ..tally_sql import Tally

SUMS = Tally(
    table="channel_pool_tally",
    source="channel_order_line",
    keys=("pool_id",),
    sums=(("paid", "COALESCE(amount_paid, 0)"),),
    where="pool_id IS NOT NULL AND state <> 'refunded'",
)


class ChannelPoolTally(models.Model):
    """What buyers paid for an offer and did not get back, summed over the rows of the offer.

    Kept by triggers on channel.order.line.
    """

    _name = "channel.pool.tally"
    _description = "Paid for an offer"
    _log_access = False
    _order = "pool_id, id"
    _rec_name = "pool_id"

    pool_id = LeanMany2one("channel.pool", required=True, readonly=True)
    paid = fields.Float(digits=(16, 2), required=True, readonly=True, help="To be summed.")

    _pool_idx = models.Index("(pool_id)")

    def init(self):
        self.pool.post_init(SUMS.install, self.env.cr)

    @api.autovacuum
    def _add_up(self):
        """Make one row of many."""
        SUMS.add_up(self.env.cr)
