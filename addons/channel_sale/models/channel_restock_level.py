from odoo import fields, models

from ..core.restock import Level
from ..core.review import MILLI


class ChannelRestockLevel(models.Model):
    """What a member should have of a product. Without one its ordering rhythm decides."""

    _name = "channel.restock.level"
    _description = "Restock Level"
    _order = "member_id, product_id"
    _rec_name = "product_id"
    _check_company_auto = True

    member_id = fields.Many2one(
        "channel.member", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="member_id.company_id", store=True, index=True)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("sale_ok", "=", True)],
        check_company=True,
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    least = fields.Float(
        "Remind Below", digits="Product Unit", required=True, default=1,
        help="The member is reminded when it is taken to have less than this.",
    )  # fmt: skip
    most = fields.Float(
        "Fill Up to", digits="Product Unit", required=True, default=1,
        help="The order suggested brings it up to this.",
    )  # fmt: skip

    _product_unique = models.Constraint(
        "UNIQUE (member_id, product_id)",
        "The member already has a level for this product: change that one.",
    )
    _levels_check = models.Constraint(
        "CHECK (least >= 0 AND most > 0 AND most >= least)",
        "Fill up to more than 0, and not to less than where the reminder begins.",
    )

    def _to_core(self):
        """The level in thousandths of the product's unit."""
        return Level(least=round(self.least * MILLI), most=round(self.most * MILLI))
