from odoo import api, fields, models


class ChannelPoolQuota(models.Model):
    """What one fulfiller holds of a pool: units of the offer, backed by reserved stock.

    ``quantity`` units are locked in stock, ``allocated`` of them are promised to orders and
    ``waved`` of those have left the lock for a wave's own delivery. The lock moves therefore hold
    ``quantity - waved`` units times the component's quantity. The three counters are written by
    conditional SQL only; the table stays narrow because every order touches it.
    """

    _name = "channel.pool.quota"
    _description = "Pool Quota"
    _order = "pool_id, fulfiller_id, id"
    _rec_name = "pool_id"
    _log_access = False

    pool_id = fields.Many2one("channel.pool", required=True, ondelete="cascade", index=True)
    fulfiller_id = fields.Many2one(
        "channel.fulfiller", required=True, ondelete="restrict", index=True
    )
    quantity = fields.Integer("Locked", required=True, default=0, readonly=True)
    allocated = fields.Integer(required=True, default=0, readonly=True)
    waved = fields.Integer(required=True, default=0, readonly=True)
    left = fields.Integer(compute="_compute_left")
    company_id = fields.Many2one(related="pool_id.company_id")
    lock_move_ids = fields.One2many("stock.move", "channel_quota_id", "Lock Moves")

    _pool_fulfiller_uniq = models.Constraint(
        "UNIQUE(pool_id, fulfiller_id)", "A fulfiller has one quota of a pool."
    )
    _counters_check = models.Constraint(
        "CHECK(0 <= waved AND waved <= allocated AND allocated <= quantity)",
        "A quota cannot promise more units than it has locked.",
    )

    @api.depends("quantity", "allocated")
    def _compute_left(self):
        for quota in self:
            quota.left = quota.quantity - quota.allocated
