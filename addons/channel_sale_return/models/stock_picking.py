from odoo import fields, models
from odoo.exceptions import UserError

from .channel_dealer_return_goods import COUNTED


class StockPicking(models.Model):
    """The receipt of what a dealer sends back: it is counted on the return, and nowhere else."""

    _inherit = "stock.picking"

    channel_dealer_return_id = fields.Many2one(
        "channel.dealer.return", "Dealer Return", readonly=True, copy=False,
        index="btree_not_null", ondelete="restrict",
    )  # fmt: skip

    def _action_done(self):
        """:raise UserError: a dealer's goods, not counted"""
        if self.env.context.get("dealer_return") is not COUNTED:
            for request in self.sudo().channel_dealer_return_id:
                raise UserError(
                    self.env._(
                        "These goods belong to the dealer return %s: open it and press Count, so that"
                        " the dealer gets what they are worth.",
                        request.name,
                    )
                )
        return super()._action_done()

    def action_open_dealer_return(self):
        """The dealer return that the goods belong to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.channel_dealer_return_id.name,
            "res_model": "channel.dealer.return",
            "view_mode": "form",
            "res_id": self.channel_dealer_return_id.id,
        }
