from odoo import api, fields, models

from ..fields import BigInteger


class SaleOrder(models.Model):
    _inherit = "sale.order"

    channel_wave_id = fields.Many2one(
        "channel.wave",
        string="Wave",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def action_view_channel_wave(self):
        """The wave that this sale order stands for."""
        self.ensure_one()
        return self.channel_wave_id._get_records_action()

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        if self.channel_wave_id:
            values["channel_wave_id"] = self.channel_wave_id.id
            # given at creation: each later write makes Odoo compute all lines again
            values |= self.env.context.get("channel_invoice_values", {})
        return values


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    channel_unit_fen = BigInteger(
        string="Owed per unit (fen)",
        readonly=True,
        copy=False,
        help="Lines of a wave: what is owed for one unit. With the product it names the line.",
    )

    @api.depends("order_id.channel_wave_id")
    def _compute_qty_to_invoice(self):
        """A wave is invoiced by what left the building, whatever the product's policy."""
        result = super()._compute_qty_to_invoice()
        for line in self:
            if line.state == "sale" and not line.display_type and line.order_id.channel_wave_id:
                line.qty_to_invoice = line.qty_delivered - line.qty_invoiced
        return result

    def _update_line_quantity(self, values):
        """Closing a wave sets quantities to what was delivered: no note for each of them."""
        if self.env.context.get("channel_wave_close"):
            return None
        return super()._update_line_quantity(values)
