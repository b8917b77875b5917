from odoo import fields, models


class ChannelMember(models.Model):
    """The member's dealer orders at a press."""

    _inherit = "channel.member"

    orders_today = fields.Integer(
        compute="_compute_orders_today", groups="channel_network.group_sales_rep"
    )

    target_ids = fields.One2many(
        "channel.target",
        "member_id",
        "Targets",
        groups="channel_network.group_sales_rep,channel_network.group_finance_clerk",
    )

    def _compute_orders_today(self):
        counts = dict(
            self.env["sale.order"]._read_group(
                [("member_id", "in", self.ids), *self._today_domain()], ["member_id"], ["__count"]
            )
        )
        for member in self:
            member.orders_today = counts.get(member, 0)

    def _today_domain(self):
        return [("date_order", ">=", "today")]

    def action_dealer_orders(self):
        """The member's dealer orders, those of today first."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("channel_sale.action_dealer_order")
        return action | {
            "domain": [("member_id", "=", self.id)],
            "context": {"search_default_today": 1, "default_partner_id": self.partner_id.id},
        }
