from odoo import fields, models


class ChannelOrderReassign(models.TransientModel):
    """Asks which fulfiller takes orders over."""

    _name = "channel.order.reassign"
    _description = "Give Orders to Another Fulfiller"

    order_ids = fields.Many2many("channel.order", string="Orders", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self._default_company()
    )
    fulfiller_id = fields.Many2one(
        "channel.fulfiller", required=True, domain="[('company_id', '=', company_id)]"
    )

    def _default_company(self):
        order_ids = self.env.context.get("default_order_ids") or []
        return self.env["channel.order"].browse(order_ids[:1]).company_id or self.env.company

    def action_confirm(self):
        """Give the orders to the fulfiller."""
        self.ensure_one()
        self.order_ids.action_reassign(self.fulfiller_id)
        return {"type": "ir.actions.act_window_close"}
