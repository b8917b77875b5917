from odoo import api, fields, models

# Whom else an assortment is meant for is none of a portal user's business.
STAFF = "channel_network.group_channel_user"


class ChannelAssortment(models.Model):
    """Which products some members may sell.

    It applies to the members that fit each of the scopes: grades, territories, members. An
    empty scope fits everybody; a territory fits the members in it or in a part of it.
    """

    _name = "channel.assortment"
    _description = "Assortment"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    grade_ids = fields.Many2many("channel.member.grade", string="Grades", groups=STAFF)
    territory_ids = fields.Many2many("channel.territory", string="Territories", groups=STAFF)
    member_ids = fields.Many2many(
        "channel.member", string="Members", check_company=True, groups=STAFF
    )
    line_ids = fields.One2many("channel.assortment.line", "assortment_id", "Products", copy=True)
    product_count = fields.Integer(compute="_compute_product_count", string="Products on Shelf")
    applies_to_me = fields.Boolean(
        compute="_compute_applies_to_me",
        search="_search_applies_to_me",
        help="Applies to a member of the user's own company or below.",
    )

    @api.depends("line_ids.on_shelf", "line_ids.date_from", "line_ids.date_to")
    def _compute_product_count(self):
        Line = self.env["channel.assortment.line"]
        counts = dict(
            Line._read_group(
                [
                    ("assortment_id", "in", self.ids),
                    *Line._on_shelf_domain(fields.Date.context_today(self)),
                ],
                ["assortment_id"],
                ["product_id:count_distinct"],
            )
        )
        for assortment in self:
            assortment.product_count = counts.get(assortment, 0)

    @api.depends_context("uid")
    def _compute_applies_to_me(self):
        mine = self.sudo()._for_members(self._my_members())
        for assortment in self:
            assortment.applies_to_me = assortment in mine

    def _search_applies_to_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self.sudo().search([])._for_members(self._my_members())
        return [("id", "in" if True in value else "not in", mine.ids)]

    @api.model
    def _my_members(self):
        return (
            self.env["channel.member"]
            .sudo()
            .search([("id", "child_of", self.env.user.network_member_ids.ids)])
        )

    @api.model
    def _shelves(self, members, date=None):
        """What members of the network may sell on a day (default: today), whatever their state.

        :return: {member id: set of product ids}, in three queries however many members
        """
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        assortments = self.sudo().search([("company_id", "in", members.sudo().company_id.ids)])
        Line = self.env["channel.assortment.line"].sudo()
        products = dict(
            Line._read_group(
                [("assortment_id", "in", assortments.ids), *Line._on_shelf_domain(day)],
                ["assortment_id"],
                ["product_id:array_agg"],
            )
        )
        return {
            member.id: set().union(
                *(products.get(found, ()) for found in assortments.filtered_for(member))
            )
            for member in members
        }

    def _for_members(self, members):
        """Return those of these assortments that apply to one of the members or more."""
        result = self.browse()
        for member in members:
            result |= (self - result).filtered_for(member)
        return result

    def filtered_for(self, member):
        """Return those of these assortments that apply to a member of the same company."""
        member = member.sudo()
        around = {
            int(part)
            for territory in member.territory_ids
            for part in territory.parent_path.split("/")
            if part
        }
        return self.filtered(
            lambda a: (
                a.company_id == member.company_id
                and (not a.sudo().grade_ids or member.grade_id in a.sudo().grade_ids)
                and (not a.sudo().territory_ids or around & set(a.sudo().territory_ids.ids))
                and (not a.sudo().member_ids or member in a.sudo().member_ids)
            )
        )


class ChannelAssortmentLine(models.Model):
    """A product of an assortment and when it is on shelf."""

    _name = "channel.assortment.line"
    _description = "Assortment Product"
    _order = "assortment_id, product_id, date_from"
    _rec_name = "product_id"
    _check_company_auto = True

    assortment_id = fields.Many2one(
        "channel.assortment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", related="assortment_id.company_id", store=True, index=True
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("sale_ok", "=", True)],
        check_company=True,
    )
    date_from = fields.Date("On Shelf from")
    date_to = fields.Date("On Shelf to", help="The last day on shelf.")
    on_shelf = fields.Boolean(default=True, help="Untick to take the product off the shelf now.")

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A product leaves the shelf on or after the first day."
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(assortment_id, assortment_id, '[]') WITH &&,"
        " int4range(product_id, product_id, '[]') WITH &&,"
        " daterange(date_from, date_to, '[]') WITH &&)",
        "The product is already in this assortment in that period: change that line instead.",
    )

    @api.model
    def _on_shelf_domain(self, day):
        """Return the domain of the lines on shelf on a day."""
        return [
            ("on_shelf", "=", True),
            "|",
            ("date_from", "=", False),
            ("date_from", "<=", day),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", day),
        ]
