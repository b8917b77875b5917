from odoo import fields, models


class StockMove(models.Model):
    """Lock moves: the reserved outgoing moves that hold a pool's units back from everyone else."""

    _inherit = "stock.move"

    channel_quota_id = fields.Many2one(
        "channel.pool.quota",
        "Locked for",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="restrict",
    )
    channel_unit_qty = fields.Integer(
        "Units per Offer Unit",
        copy=False,
        readonly=True,
        help="Units of the product in one unit of the link.",
    )
