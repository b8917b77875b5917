from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class ChannelLink(models.Model):
    """One SKU of a shop on the platform and the products it stands for, in a period.

    A change of what a SKU contains is a new version with its own dates, so that an order is
    always exploded as the SKU was on the day it was paid.
    """

    _name = "channel.link"
    _description = "Platform Link"
    _order = "shop_id, title, sku_ref, date_from desc, id desc"
    _rec_name = "title"
    _check_company_auto = True

    shop_id = fields.Many2one(
        "channel.shop", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    title = fields.Char(required=True)
    product_ref = fields.Char("Platform Product", help="The platform's product number.")
    sku_ref = fields.Char(
        "Platform SKU",
        required=True,
        index=True,
        help="The platform's SKU number; for files and manual orders your own SKU code.",
    )
    sku_code = fields.Char("Merchant Code", help="Your code as written on the platform.")
    date_from = fields.Date(help="First day of this version, China time. Empty: always.")
    date_to = fields.Date(help="Last day of this version, China time. Empty: until further notice.")
    component_ids = fields.One2many("channel.link.component", "link_id", "Components", copy=True)
    active = fields.Boolean(default=True)

    _dates = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "The last day of a link version must not be before its first day.",
    )

    @api.constrains("shop_id", "sku_ref", "date_from", "date_to", "active")
    def _check_no_overlap(self):
        for link in self.filtered("active"):
            domain = Domain("shop_id", "=", link.shop_id.id)
            domain &= Domain("sku_ref", "=", link.sku_ref) & Domain("id", "!=", link.id)
            if link.date_to:
                domain &= Domain("date_from", "=", False) | Domain("date_from", "<=", link.date_to)
            if link.date_from:
                domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", link.date_from)
            other = self.sudo().search(domain, limit=1)
            if other:
                raise ValidationError(
                    self.env._(
                        "SKU %(sku)s of this shop has a version for some of these days already "
                        "(%(title)s). End that one first.",
                        sku=link.sku_ref,
                        title=other.title,
                    )
                )

    @api.constrains("component_ids")
    def _check_components(self):
        for link in self:
            if not link.component_ids:
                raise ValidationError(
                    self.env._("Add the products that link %s stands for.", link.title)
                )
            if all(not component.price_share for component in link.component_ids):
                raise ValidationError(
                    self.env._(
                        "Give at least one product of link %s a price share above 0: "
                        "a share of 0 is a gift.",
                        link.title,
                    )
                )

    @api.depends("title", "sku_ref")
    def _compute_display_name(self):
        for link in self:
            link.display_name = f"{link.title} [{link.sku_ref}]" if link.sku_ref else link.title
