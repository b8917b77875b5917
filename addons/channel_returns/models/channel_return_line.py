from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelReturnLine(models.Model):
    """Units of a return parcel, by order line and after-sale, as they were counted.

    A row without an order line holds units that nothing is expected of (wrong), or units of a
    parcel without owner. Written by the returns desk with conditional statements only.
    """

    _name = "channel.return.line"
    _inherit = ["channel.by.buttons"]
    _description = "Units of a Return Parcel"
    _order = "return_id, id"
    _log_access = False

    return_id = fields.Many2one(
        "channel.return", required=True, readonly=True, ondelete="cascade", index=True,
        bypass_search_access=True,
    )  # fmt: skip
    company_id = fields.Many2one(related="return_id.company_id")
    aftersale_id = LeanMany2one("channel.aftersale", "After-sale", readonly=True)
    order_line_id = LeanMany2one("channel.order.line", readonly=True)
    product_id = LeanMany2one(
        "product.product", readonly=True, help="Empty: a thing that is no product of ours."
    )
    expected = fields.Integer(required=True, readonly=True, default=0)
    good = fields.Integer(required=True, readonly=True, default=0)
    defect = fields.Integer(required=True, readonly=True, default=0)
    wrong = fields.Integer(required=True, readonly=True, default=0)
    missing = fields.Integer(required=True, readonly=True, default=0)

    _row_unique = models.UniqueIndex(
        "(return_id, COALESCE(order_line_id, 0), COALESCE(aftersale_id, 0),"
        " COALESCE(product_id, 0))",
        "These units stand on one row of the parcel.",
    )
    _aftersale_idx = models.Index("(aftersale_id) WHERE aftersale_id IS NOT NULL")
    _order_line_idx = models.Index("(order_line_id) WHERE order_line_id IS NOT NULL")
    _product_idx = models.Index("(product_id) WHERE order_line_id IS NULL")
    _not_negative = models.Constraint(
        "CHECK (expected >= 0 AND good >= 0 AND defect >= 0 AND wrong >= 0 AND missing >= 0)",
        "Counted units are never negative.",
    )
    _within_expected = models.Constraint(
        "CHECK (order_line_id IS NULL OR good + defect + missing <= expected)",
        "No more units can be counted than are expected.",
    )
    _wrong_apart = models.Constraint(
        "CHECK (order_line_id IS NULL OR wrong = 0)",
        "A wrong unit stands for none that was expected.",
    )
    _nothing_nameless = models.Constraint(
        "CHECK (product_id IS NOT NULL OR good + defect + missing = 0)",
        "What is no product of ours can only be wrong.",
    )
