from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelReplacementLine(models.Model):
    """Units of a product that the buyer gets anew, for an order line.

    The product is that of the order line until the warehouse chooses another one, for an exchange
    into another size.
    """

    _name = "channel.replacement.line"
    _description = "Units of a Replacement"
    _order = "replacement_id, id"
    _check_company_auto = True

    replacement_id = fields.Many2one(
        "channel.replacement", required=True, readonly=True, ondelete="cascade", index=True,
        bypass_search_access=True,
    )  # fmt: skip
    company_id = fields.Many2one(related="replacement_id.company_id")
    state = fields.Selection(related="replacement_id.state")
    order_line_id = LeanMany2one("channel.order.line", required=True, readonly=True)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        domain="[('is_storable', '=', True)]",
        help="Choose another product when the buyer asked for another size or colour.",
    )
    units = fields.Integer(required=True, readonly=True)

    _units_positive = models.Constraint(
        "CHECK (units > 0)", "A replacement sends at least one unit."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Replacements are made by exchanges and resends alone."))
        return super().create(vals_list)

    def write(self, vals):
        """Another product is picked anew.

        :raise UserError: it has been sent or cancelled, or something else than the product changes
        """
        if not self.env.su and set(vals) - {"product_id"}:
            raise UserError(self.env._("Only the product of a replacement can be changed."))
        if "product_id" in vals:
            self.replacement_id._expect_to_send()
            self.replacement_id._give_back()
        return super().write(vals)
