from odoo import fields, models


class ChannelPoolHold(models.TransientModel):
    """Asks why offers are put on hold."""

    _name = "channel.pool.hold"
    _description = "Hold Offers"

    pool_ids = fields.Many2many("channel.pool", string="Offers", readonly=True)
    reason = fields.Char(required=True, help="Shown with the offer until it is released.")

    def action_confirm(self):
        """Hold with the reason typed."""
        self.ensure_one()
        return self.pool_ids.action_hold(self.reason)
