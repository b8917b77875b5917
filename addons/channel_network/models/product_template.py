from odoo import fields, models


class ProductTemplate(models.Model):
    """The brand that a product is sold under."""

    _inherit = "product.template"

    brand_id = fields.Many2one("channel.brand", index="btree_not_null", ondelete="restrict")
