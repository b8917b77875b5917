from odoo import api, fields, models

from odoo.addons.channel_network.core.money import from_fen

from ..core.returnable import MILLI
from .channel_dealer_return import SEES_MONEY

COUNTED = {"good", "defect", "wrong", "uncredited"}  # written by the count and the credit alone
OVER = ("received", "done")


class ChannelDealerReturnLine(models.Model):
    """So many of a delivered order line that a dealer sends back, and what was found of them."""

    _name = "channel.dealer.return.line"
    _description = "Line of a Dealer Return"
    _order = "return_id, id"
    _check_company_auto = True

    return_id = fields.Many2one(
        "channel.dealer.return", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="return_id.company_id", store=True)
    currency_id = fields.Many2one(related="return_id.currency_id")
    member_id = fields.Many2one(related="return_id.member_id")
    sale_line_id = fields.Many2one(
        "sale.order.line", "Order Line", required=True, index=True, ondelete="restrict",
        check_company=True,
    )  # fmt: skip
    order_id = fields.Many2one(related="sale_line_id.order_id", string="Order")
    product_id = fields.Many2one(related="sale_line_id.product_id")
    product_uom_id = fields.Many2one(related="sale_line_id.product_uom_id")
    quantity = fields.Float(digits="Product Unit", required=True, default=1)
    reason_id = fields.Many2one("channel.return.reason", ondelete="restrict")
    picture_ids = fields.Many2many("ir.attachment", string="Pictures", bypass_search_access=True)
    good = fields.Float(digits="Product Unit", readonly=True, copy=False)
    defect = fields.Float(digits="Product Unit", readonly=True, copy=False)
    wrong = fields.Float(
        digits="Product Unit", readonly=True, copy=False, help="Something else was in the parcel."
    )
    missing = fields.Float(digits="Product Unit", compute="_compute_missing")
    uncredited = fields.Float(
        "Not Credited", digits="Product Unit", readonly=True, copy=False,
        help="Defects that came back and were not credited.",
    )  # fmt: skip
    worth = fields.Monetary(
        compute="_compute_worth", groups=SEES_MONEY,
        help="What these were invoiced with, less rebate.",
    )  # fmt: skip
    move_ids = fields.One2many("stock.move", "channel_return_line_id", readonly=True, copy=False)

    _quantity_check = models.Constraint(
        "CHECK (quantity > 0 AND good >= 0 AND defect >= 0 AND wrong >= 0"
        " AND good + defect + wrong <= quantity AND uncredited BETWEEN 0 AND defect)",
        "A quantity is above 0, and not more comes back than was asked for.",
    )

    @api.depends("quantity", "good", "defect", "wrong", "return_id.state")
    def _compute_missing(self):
        for line in self:
            here = line.return_id.state in OVER
            line.missing = line.quantity - line.good - line.defect - line.wrong if here else 0

    @api.depends("quantity", "sale_line_id")
    def _compute_worth(self):
        for line in self:
            milli = round(line.quantity * MILLI)
            line.worth = from_fen(line.sale_line_id.sudo()._worth_fen(milli))

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_counted(set().union(*vals_list))
        lines = super().create(vals_list)
        if not self.env.su:
            lines.return_id._refuse_fixed()
        return lines

    def write(self, vals):
        self._refuse_counted(vals.keys())
        if not self.env.su:
            self.return_id._refuse_fixed()
        return super().write(vals)

    def _refuse_counted(self, names):
        if not self.env.su and not COUNTED.isdisjoint(names):
            self.env["channel.dealer.return"]._refuse_guarded({"state"})

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts(self):
        if not self.env.su:
            self.return_id.filtered(lambda r: r.state != "cancelled")._refuse_fixed()
