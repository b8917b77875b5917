from odoo import fields, models

ROLES = "channel_network.group_finance_clerk,channel_network.group_sales_manager"


class ChannelOrder(models.Model):
    """Who earned what part of an order."""

    _inherit = "channel.order"

    share_count = fields.Integer("Shares", compute="_compute_share_count", groups=ROLES)

    def _compute_share_count(self):
        counts = dict(
            self.env["settlement.share"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.share_count = counts.get(order, 0)

    def action_open_shares(self):
        """Open the shares of the order, by party."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_settlement.action_settlement_share"
        )
        return action | {
            "domain": [("order_id", "=", self.id)],
            "context": {"search_default_group_role": 1},
        }
