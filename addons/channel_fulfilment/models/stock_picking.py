from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    channel_wave_id = fields.Many2one(
        "channel.wave", string="Wave", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    def action_view_channel_wave(self):
        """The wave that this delivery ships."""
        self.ensure_one()
        return self.channel_wave_id._get_records_action()


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_new_picking_values(self):
        values = super()._get_new_picking_values()
        waves = self.sale_line_id.order_id.channel_wave_id
        if len(waves) == 1:
            values["channel_wave_id"] = waves.id
        return values

    def _trigger_scheduler(self):
        """A wave's units were demanded by the lock of their offer already: nothing to order."""
        return super(
            StockMove, self.filtered(lambda move: not move.picking_id.channel_wave_id)
        )._trigger_scheduler()
