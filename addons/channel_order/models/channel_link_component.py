from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ChannelLinkComponent(models.Model):
    """A product of a platform link, how many of it, and its share of the link's price."""

    _name = "channel.link.component"
    _description = "Link Component"
    _order = "link_id, sequence, id"
    _check_company_auto = True

    link_id = fields.Many2one("channel.link", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="link_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="restrict", check_company=True,
        domain=[("type", "=", "consu"), ("tracking", "=", "none")],
    )  # fmt: skip
    quantity = fields.Integer(required=True, default=1, help="Units of the product in one SKU.")
    price_share = fields.Integer(
        required=True,
        default=1,
        help="The product's weight in the price of the SKU, for example its own price. "
        "0: a gift, it carries no amount.",
    )

    _positive = models.Constraint(
        "CHECK(quantity BETWEEN 1 AND 9999)",
        "The quantity of a component is between 1 and 9999.",
    )
    _share = models.Constraint("CHECK(price_share >= 0)", "A price share must not be negative.")
    _product_uniq = models.Constraint(
        "UNIQUE(link_id, product_id, price_share)",
        "This product is in the link already: change its quantity instead.",
    )

    @api.constrains("product_id")
    def _check_product(self):
        for component in self:
            product = component.product_id
            if product.type != "consu":
                raise ValidationError(
                    self.env._("%s is no goods: a link can only ship goods.", product.display_name)
                )
            if product.tracking != "none":
                raise ValidationError(
                    self.env._(
                        "%s is tracked by lot or serial number. Links cannot sell tracked "
                        "products yet: choose a product without tracking.",
                        product.display_name,
                    )
                )
