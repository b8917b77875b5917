from odoo import fields, models


class StockMove(models.Model):
    """Goods that a dealer sends back, and those that replace them."""

    _inherit = "stock.move"

    channel_return_line_id = fields.Many2one(
        "channel.dealer.return.line", readonly=True, copy=False, index="btree_not_null",
        ondelete="restrict",
    )  # fmt: skip

    def _set_found(self, good, defect):
        """Good units come into stock by this move, defects by another one beside it."""
        self.ensure_one()
        if defect:
            values = {
                "picking_id": self.picking_id.id,
                "product_uom_qty": defect,
                "location_dest_id": self.company_id._channel_defect_location().id,
                "channel_return_line_id": self.channel_return_line_id.id,
                "origin_returned_move_id": self.origin_returned_move_id.id,
                "move_orig_ids": self.move_orig_ids.ids,
            }
            beside = self.copy(values)
        self._take(good)
        if defect:
            beside._action_confirm(merge=False)
            beside._take(defect)

    def _take(self, quantity):
        if quantity:
            self.product_uom_qty = quantity
            self._action_assign()  # lots are those of the delivery
            self.write({"quantity": quantity, "picked": True})

    def _prepare_merge_moves_distinct_fields(self):
        return [*super()._prepare_merge_moves_distinct_fields(), "channel_return_line_id"]

    def _action_done(self, cancel_backorder=False):
        """An exchange is done when all that replaces it is delivered."""
        done = super()._action_done(cancel_backorder=cancel_backorder)
        sent = done.filtered(lambda move: move.location_dest_id._is_outgoing())
        if exchanges := sent.sudo().channel_return_line_id.return_id:
            exchanges._close_exchanges()
        return done


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_custom_move_fields(self):
        return [*super()._get_custom_move_fields(), "channel_return_line_id"]
