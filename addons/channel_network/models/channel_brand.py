from odoo import fields, models


class ChannelBrand(models.Model):
    """A brand that products are sold under. A company may own several."""

    _name = "channel.brand"
    _description = "Product Brand"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    product_count = fields.Integer(compute="_compute_product_count", string="Products")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another brand already has this code: choose another code."
    )

    def _compute_product_count(self):
        counts = dict(
            self.env["product.template"]._read_group(
                [("brand_id", "in", self.ids)], ["brand_id"], ["__count"]
            )
        )
        for brand in self:
            brand.product_count = counts.get(brand, 0)

    def action_products(self):
        """The products of this brand."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "product.template",
            "view_mode": "list,form",
            "domain": [("brand_id", "=", self.id)],
            "context": {"default_brand_id": self.id},
        }
