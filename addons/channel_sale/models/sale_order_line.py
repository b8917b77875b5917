from odoo import api, models
from odoo.tools import float_compare

from .sale_order_deposit import REFIT_LATER

AMOUNT_FIELDS = {
    "product_id",
    "product_uom_id",
    "product_uom_qty",
    "price_unit",
    "discount",
    "tax_ids",
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        """Lines that are changed together are refitted once, when all of them are changed."""
        if "order_line" not in vals:
            return super().write(vals)
        result = super(SaleOrder, self.with_context(deposit_refit=REFIT_LATER)).write(vals)
        self._refit_deposit()
        return result


class SaleOrderLine(models.Model):
    """Changes of a confirmed dealer order change what is set aside for it."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._refit_deposit()
        return lines

    def write(self, vals):
        """The moves that change with a line must not ask for its money before it is changed."""
        if AMOUNT_FIELDS.isdisjoint(vals):
            return super().write(vals)
        result = super(SaleOrderLine, self.with_context(deposit_refit=REFIT_LATER)).write(vals)
        self.order_id._refit_deposit()
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders._refit_deposit()
        return result

    def _is_invoice_to_come(self):
        """Whether something of the line is still to be delivered or to be on a posted invoice."""
        self.ensure_one()
        if self.display_type or self.is_downpayment or self.state != "sale":
            return False
        if self.product_id.invoice_policy == "order":
            due = self.product_uom_qty
        elif self.move_ids:
            if any(move.state not in ("done", "cancel") for move in self.move_ids):
                return True
            due = self.qty_delivered
        else:
            due = max(self.qty_delivered, self.product_uom_qty)
        rounding = self.product_uom_id.rounding or 0.01
        return float_compare(due, self.qty_invoiced_posted, precision_rounding=rounding) > 0
