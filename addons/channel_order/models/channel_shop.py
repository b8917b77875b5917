from odoo import api, fields, models


class ChannelShop(models.Model):
    """A shop of the brand, or of a member, on a platform. Its orders are channel orders."""

    _name = "channel.shop"
    _description = "Shop"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    code = fields.Char(required=True, help="A short code of your own, used in references.")
    platform = fields.Selection(
        [
            ("douyin", "Douyin"),
            ("kuaishou", "Kuaishou"),
            ("taobao", "Taobao"),
            ("wechat", "WeChat Channels"),
            ("file", "File"),
            ("manual", "Manual"),
        ],
        required=True,
        default="manual",
    )
    platform_shop_ref = fields.Char(
        "Platform Shop Number", help="The number the platform gave the shop, as text."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    member_id = fields.Many2one(
        "channel.member",
        check_company=True,
        index="btree_not_null",
        help="The dealer or retailer who owns the shop. Empty: the brand's own shop.",
    )
    clearing_partner_id = fields.Many2one(
        "res.partner",
        check_company=True,
        copy=False,
        index="btree_not_null",
        help="Owes what the platform collected for the shop. Made with the shop when left empty.",
    )
    fulfiller_ids = fields.Many2many(
        "channel.fulfiller",
        string="Fulfillers",
        check_company=True,
        help="Who may ship for the shop. Empty: every fulfiller of the company.",
    )
    active = fields.Boolean(default=True)
    link_count = fields.Integer("Links", compute="_compute_link_count")

    _code_uniq = models.Constraint(
        "UNIQUE(code, company_id)",
        "A shop with this code exists already: choose another code.",
    )
    _platform_ref_uniq = models.UniqueIndex(
        "(platform, platform_shop_ref) WHERE platform_shop_ref IS NOT NULL",
        "This shop of the platform is set up already.",
    )

    def _compute_link_count(self):
        counts = dict(
            self.env["channel.link"]._read_group(
                [("shop_id", "in", self.ids)], ["shop_id"], ["__count"]
            )
        )
        for shop in self:
            shop.link_count = counts.get(shop, 0)

    @api.model_create_multi
    def create(self, vals_list):
        shops = super().create(vals_list)
        for shop in shops.filtered(lambda shop: not shop.clearing_partner_id):
            # whoever may set up a shop need not be allowed to create contacts
            shop.clearing_partner_id = (
                self.env["res.partner"].sudo().create(shop._clearing_partner_values())
            )
        return shops

    def _clearing_partner_values(self):
        """Values of the contact that owes what the platform collected for the shop."""
        return {
            "name": self.env._("%(shop)s clearing", shop=self.name),
            "is_company": True,
            "company_id": self.company_id.id,
        }

    def _allowed_fulfillers(self):
        """The fulfillers that may ship for the shop (``channel.fulfiller``)."""
        self.ensure_one()
        return self.fulfiller_ids or self.env["channel.fulfiller"].search(
            [("company_id", "=", self.company_id.id)]
        )

    def action_open_links(self):
        """Open the links of the shop."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("channel_order.action_channel_link")
        return action | {
            "domain": [("shop_id", "=", self.id)],
            "context": {"default_shop_id": self.id},
        }
