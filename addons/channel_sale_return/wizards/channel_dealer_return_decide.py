from odoo import fields, models


class ChannelDealerReturnDecide(models.TransientModel):
    """A sales manager lets a dealer's goods come back, or says why not."""

    _name = "channel.dealer.return.decide"
    _description = "Decide about a Dealer Return"

    return_id = fields.Many2one(
        "channel.dealer.return", required=True, readonly=True, ondelete="cascade"
    )
    stops = fields.Text(related="return_id.stops")
    reason = fields.Text(help="The dealer reads it.")

    def action_approve(self):
        """Approve, with the reason where one is needed."""
        self.ensure_one()
        return self.return_id.action_approve(self.reason)

    def action_refuse(self):
        """Refuse, with the reason."""
        self.ensure_one()
        return self.return_id.action_refuse(self.reason)
