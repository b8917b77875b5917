from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.channel_network.core.money import to_fen

from ..core.rebate import claimed
from ..core.review import MILLI
from .sale_order_line import AMOUNT_FIELDS

GUARDED = {"rebate", "rebate_part"}  # written by the order's own methods alone


class SaleOrderLine(models.Model):
    """What a line uses of a rebate.

    A discount line is so many yuan at -1.00 each, tax included: so Odoo invoices a part of it as it
    does of any line, exact to the fen.
    """

    _inherit = "sale.order.line"

    rebate = fields.Selection(
        [("discount", "Discount"), ("goods", "Goods")],
        readonly=True,
        copy=False,
        help="Discount: the price is lowered by a rebate. Goods: nothing is to be paid for them;"
        " what they are worth is taken from the rebate account.",
    )
    rebate_part = fields.Monetary(
        "Rebate on the Line",
        readonly=True,
        copy=False,
        default=0,
        help="What of the order's discount falls on this line.",
    )

    # -- amounts, in fen ---------------------------------------------------------------------

    def _rebate_fen(self):
        """What the line uses of the rebate: what is not to be paid because of it."""
        self.ensure_one()
        return _rebate_fen(self, self.rebate, self.product_uom_qty, self.order_id.partner_id)

    def _quantity_fen(self):
        return to_fen(round(self.product_uom_qty, 2))

    def _invoiced_fen(self):
        return max(0, to_fen(round(self.qty_invoiced, 2)))

    def _uninvoiced_fen(self):
        """Of goods, what is not invoiced yet, tax included."""
        ordered = round(self.product_uom_qty * MILLI)
        left = max(0, ordered - round(self.qty_invoiced * MILLI))
        return max(0, to_fen(self.price_total)) * left // ordered if ordered > 0 else 0

    def _claimed_fen(self):
        """Of a discount line, what belongs to the goods that are to be invoiced by now."""
        self.ensure_one()
        taxes = self._rebate_taxes()
        goods = self.order_id._goods_lines().filtered(
            lambda line: line.rebate_part and line._rebate_taxes() == taxes
        )
        return min(self._quantity_fen(), claimed(line._claim() for line in goods))

    def _claim(self):
        """(part of the discount, to be invoiced by now, ordered) for the pure core."""
        policy = self.product_id.invoice_policy
        done = self.product_uom_qty if policy == "order" else self.qty_delivered
        return to_fen(self.rebate_part), round(done * MILLI), round(self.product_uom_qty * MILLI)

    def _rebate_taxes(self):
        """Ids of the taxes, price included, that a discount on the line bears."""
        return tuple(sorted(self.tax_ids.sudo()._channel_included_twins().ids))

    def _rebate_marks(self):
        """What a company's policy may exclude the line by; see ``core.rebate.Mark``."""
        product = self.product_id.sudo()
        path = product.categ_id.parent_path or ""
        marks = {("category", int(part)) for part in path.split("/") if part}
        return marks | {("brand", brand) for brand in product.brand_id.ids}

    # -- guards ------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(GUARDED & vals.keys() for vals in vals_list):
            self._refuse_rebate()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and (
            GUARDED & vals.keys() or (AMOUNT_FIELDS & vals.keys() and any(self.mapped("rebate")))
        ):
            self._refuse_rebate()
        return super().write(vals)

    def _refuse_rebate(self):
        raise AccessError(
            self.env._(
                "What an order uses of a rebate changes by the button Use Rebate, or by deleting the"
                " line."
            )
        )

    def copy_data(self, default=None):
        """What is copied uses no rebate: goods have their price again, a discount is none."""
        result = super().copy_data(default)
        for line, values in zip(self, result, strict=True):
            if line.rebate == "goods":
                values["discount"] = 0
            elif line.rebate == "discount":
                values["product_uom_qty"] = 0
        return result

    def _compute_price_unit(self):
        return super(SaleOrderLine, self._without_discount())._compute_price_unit()

    def _compute_tax_ids(self):
        return super(SaleOrderLine, self._without_discount())._compute_tax_ids()

    def _compute_discount(self):
        lines = self.filtered(lambda line: not line.rebate)
        return super(SaleOrderLine, lines)._compute_discount()

    def _without_discount(self):
        return self.filtered(lambda line: line.rebate != "discount")

    def _can_be_invoiced_alone(self):
        return super()._can_be_invoiced_alone() and self.rebate != "discount"

    def _is_invoice_to_come(self):
        """A discount comes with the goods."""
        return self.rebate != "discount" and super()._is_invoice_to_come()


class AccountMoveLine(models.Model):
    """What an invoice line uses of a rebate, as its order line says."""

    _inherit = "account.move.line"

    def _rebate_fen(self):
        """What is not to be paid because of the rebate, as it stands on the document, in fen."""
        self.ensure_one()
        way = self.sale_line_ids[:1].rebate
        return _rebate_fen(self, way, self.quantity, self.move_id.partner_id)


def _rebate_fen(line, way, quantity, partner):
    """Of a line of an order or invoice: what it would come to without rebate, less what it does."""
    if not way:
        return 0
    if way == "discount":
        return -to_fen(line.price_total)
    price = line.tax_ids.compute_all(
        line.price_unit, line.currency_id, quantity, line.product_id, partner
    )
    return to_fen(round(price["total_included"], 2)) - to_fen(line.price_total)
