from odoo import api, fields, models
from odoo.exceptions import UserError


class ChannelPoolChange(models.TransientModel):
    """Change the live price of an offer or its units, also while it is open."""

    _name = "channel.pool.change"
    _description = "Change Offer"

    pool_id = fields.Many2one("channel.pool", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(related="pool_id.state")
    currency_id = fields.Many2one(related="pool_id.currency_id")
    left = fields.Integer(related="pool_id.left")
    price = fields.Monetary(
        "Live Price",
        compute="_compute_price",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    add_units = fields.Integer(
        help="More units to lock out of stock for this offer. Below 0: units to give back."
    )

    @api.depends("pool_id")
    def _compute_price(self):
        for change in self:
            change.price = change.pool_id.price

    def action_apply(self):
        """Apply both changes, or neither when the stock, or what is left, is short."""
        self.ensure_one()
        pool = self.pool_id
        pool.check_access("write")
        if pool.state == "closed":
            raise UserError(self.env._("This offer is closed. Plan a new one."))
        if pool.state == "open" and self.add_units:
            self.env["channel.order"]._lock_allocation(fresh=True)
        if self.currency_id.compare_amounts(self.price, pool.price):
            pool.price = self.price
        if pool.state == "open" and self.add_units > 0:
            pool.sudo()._add_quota(self.add_units)
        elif pool.state == "open" and self.add_units:
            pool.sudo()._cut_quota(-self.add_units)
        elif self.add_units:
            pool.quota += self.add_units
        return {"type": "ir.actions.act_window_close"}
