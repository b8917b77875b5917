from odoo import fields, models

from ..models.channel_order import FLAG_SELECTION


class ChannelOrderRemark(models.TransientModel):
    """Asks for the seller's note and flag of orders."""

    _name = "channel.order.remark"
    _description = "Seller's Note and Flag"

    order_ids = fields.Many2many("channel.order", string="Orders", required=True, readonly=True)
    note = fields.Text("Seller Note")
    flag = fields.Selection(FLAG_SELECTION, help="Empty: no flag.")

    def action_confirm(self):
        """Set them, and have the platform told."""
        self.ensure_one()
        self.order_ids._remark(self.note, self.flag)
        return {"type": "ir.actions.act_window_close"}
