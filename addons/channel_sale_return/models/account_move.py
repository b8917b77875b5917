from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    channel_dealer_return_id = fields.Many2one(
        "channel.dealer.return", "Dealer Return", readonly=True, copy=False,
        index="btree_not_null", ondelete="restrict",
    )  # fmt: skip
