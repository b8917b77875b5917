from odoo import fields, models


class ChannelShop(models.Model):
    """Stock on the platform monitor: how many SKUs differ or were refused."""

    _inherit = "channel.shop"

    stock_differs_count = fields.Integer("Stock Differs", compute="_compute_stock_counts")
    stock_stopped_count = fields.Integer("Stock Stopped", compute="_compute_stock_counts")

    def _compute_stock_counts(self):
        counts = {
            (shop.id, state): count
            for shop, state, count in self.env["channel.platform.stock"]
            .sudo()
            ._read_group(
                [("shop_id", "in", self.ids), ("state", "in", ("differs", "stopped"))],
                ["shop_id", "state"],
                ["__count"],
            )
        }
        for shop in self:
            shop.stock_differs_count = counts.get((shop.id, "differs"), 0)
            shop.stock_stopped_count = counts.get((shop.id, "stopped"), 0)

    def _blocked_step(self):
        step = super()._blocked_step()
        if step:
            return step
        if self.stock_stopped_count:
            return self.env._("Open the stopped stock and read the platform's words.")
        if self.stock_differs_count:
            return self.env._("Open the stock that differs: tell our number, or accept it.")
        return False

    def action_open_stock(self):
        """What the shop's platform was told; those in a state when the context asks for it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_platform_stock.action_platform_stock"
        )
        state = self.env.context.get("stock_state")
        return action | {
            "domain": [("shop_id", "=", self.id)],
            "context": {f"search_default_{state}": 1} if state else {},
        }
