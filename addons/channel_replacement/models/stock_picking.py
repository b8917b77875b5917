from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    channel_replacement_id = fields.Many2one(
        "channel.replacement", "Replacement", readonly=True, index="btree_not_null",
        ondelete="restrict",
    )  # fmt: skip
