from odoo import fields, models

from odoo.addons.channel_network.core.money import to_fen

from ..core.rebate import Policy


class ResCompany(models.Model):
    """How dealer orders may use a rebate."""

    _inherit = "res.company"

    channel_rebate_percent = fields.Float(
        "Rebate per order (%)", digits=(5, 2), required=True, default=30,
        help="The most that an order may use, of what its goods come to with tax. 0: none.",
    )  # fmt: skip
    channel_rebate_way = fields.Selection(
        [
            ("both", "As a discount or as goods"),
            ("discount", "As a discount"),
            ("goods", "As goods"),
        ],
        "Rebates are used",
        required=True,
        default="both",
        help="Discount: lines on order and invoice lower the price. Goods: the dealer chooses goods"
        " and pays nothing for them.",
    )
    channel_rebate_excluded_ids = fields.Many2many(
        "product.category", "res_company_rebate_excluded_rel", string="No rebate on",
        help="Goods of these categories, and of those below them, neither count nor get a rebate.",
    )  # fmt: skip
    channel_rebate_excluded_brand_ids = fields.Many2many(
        "channel.brand", "res_company_rebate_excluded_brand_rel", string="No rebate on brands",
        help="Goods of these brands neither count nor get a rebate.",
    )  # fmt: skip
    channel_rebate_product_id = fields.Many2one(
        "product.product", "Product of rebate lines", check_company=True, ondelete="restrict",
        help="Made when the first rebate is used.",
    )  # fmt: skip

    _rebate_percent_check = models.Constraint(
        "CHECK (channel_rebate_percent >= 0 AND channel_rebate_percent <= 100)",
        "The rebate per order is between 0 and 100 %.",
    )

    def _rebate_policy(self):
        """The policy as the pure core wants it."""
        company = self.sudo()
        company.ensure_one()
        categories = {("category", each) for each in company.channel_rebate_excluded_ids.ids}
        brands = {("brand", each) for each in company.channel_rebate_excluded_brand_ids.ids}
        return Policy(
            to_fen(round(company.channel_rebate_percent, 2)),
            frozenset(categories | brands),
            discount=company.channel_rebate_way != "goods",
            goods=company.channel_rebate_way != "discount",
        )

    def _rebate_line_values(self):
        """A discount line of an order: so many yuan at -1.00."""
        company = self.sudo().with_company(self)
        if not company.channel_rebate_product_id:
            company.channel_rebate_product_id = company._make_rebate_product()
        return {
            "product_id": company.channel_rebate_product_id.id,
            "price_unit": -1,
            "rebate": "discount",
            "sequence": 9999,
        }

    def _make_rebate_product(self):
        words = self.with_context(lang="en_US")
        product = words.env["product.product"].create(
            {
                "name": words.env._("Rebate"),
                "type": "service",
                "invoice_policy": "delivery",
                "uom_id": self.env.ref("channel_sale.uom_yuan").id,
                "list_price": 0,
                "taxes_id": False,
                "supplier_taxes_id": False,
                "sale_ok": False,
                "purchase_ok": False,
                "company_id": self.id,
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            here = product.with_context(lang=lang)
            here.name = here.env._("Rebate")
        return product.with_env(self.env)
