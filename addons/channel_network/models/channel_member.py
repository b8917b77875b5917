from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

# Allowed moves of a member's state. A closed member stays closed: its history is evidence.
MOVES = {
    "draft": {"active", "closed"},
    "active": {"suspended", "closed"},
    "suspended": {"active", "closed"},
    "closed": set(),
}
# Fields read from models that only some roles may read.
SEES_CONTRACTS = ",".join(
    f"channel_network.group_{role}" for role in ("finance_clerk", "sales_rep", "member_user")
)
SEES_PAPERS = "channel_network.group_finance_clerk,channel_network.group_sales_rep"
SEES_POSITIONS = SEES_CONTRACTS + ",channel_network.group_integration_admin"
SEES_ASSORTMENTS = SEES_POSITIONS + ",channel_network.group_livestream_operator"
# What a sales representative may not change on members in their charge.
MANAGER_FIELDS = {"parent_id", "grade_id", "user_id", "state", "suspend_reason", "company_id"}
# A change of one of these changes who sees what: cached record rules must go.
VISIBILITY_FIELDS = {"partner_id", "user_id", "state", "company_id"}


class ChannelMember(models.Model):
    """A dealer or retailer: a node of the brand's sales network.

    The tree lives here and not in the contacts, because Odoo lets portal users see everything
    below their commercial partner. So a member is one company contact without a parent.
    """

    _name = "channel.member"
    _description = "Channel Member"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _parent_store = True
    _order = "code, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        "Business Partner",
        required=True,
        ondelete="restrict",
        domain=[("is_company", "=", True), ("parent_id", "=", False)],
        tracking=True,
        help="The company contact of this member. It must not be part of another contact.",
    )
    name = fields.Char(related="partner_id.name", store=True, index="trigram")
    code = fields.Char(
        required=True, copy=False, tracking=True, help="Given when saved, unless you enter one."
    )
    kind = fields.Selection(
        [("dealer", "Dealer"), ("retailer", "Retailer")],
        required=True,
        default="dealer",
        tracking=True,
        help="A dealer buys from the brand or another dealer; a retailer buys from a dealer and"
        " serves consumers.",
    )
    parent_id = fields.Many2one(
        "channel.member",
        "Supplied by",
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="The member above in the tree. Empty: directly under the brand.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("channel.member", "parent_id", "Members below")
    child_count = fields.Integer(compute="_compute_child_count", string="Members Directly Below")
    tier = fields.Integer(
        compute="_compute_tier",
        store=True,
        recursive=True,
        help="1 is directly under the brand.",
        aggregator=None,
    )
    grade_id = fields.Many2one(
        "channel.member.grade", index=True, ondelete="restrict", tracking=True
    )
    territory_ids = fields.Many2many("channel.territory", string="Territories")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        "Sales Representative",
        index="btree_not_null",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("closed", "Closed"),
        ],
        required=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
    )
    suspend_reason = fields.Char("Reason of Suspension", copy=False, tracking=True)
    contract_ids = fields.One2many(
        "channel.contract", "member_id", "Contracts", groups=SEES_CONTRACTS
    )
    current_contract_id = fields.Many2one(
        "channel.contract",
        compute="_compute_current_contract",
        search="_search_current_contract",
        groups=SEES_CONTRACTS,
    )
    qualification_ids = fields.One2many(
        "channel.qualification", "member_id", "Papers", groups=SEES_PAPERS
    )
    position_ids = fields.One2many(
        "channel.member.position", "member_id", "Places in the Tree", groups=SEES_POSITIONS
    )
    assortment_ids = fields.Many2many(
        "channel.assortment",
        compute="_compute_assortments",
        string="Assortments",
        groups=SEES_ASSORTMENTS,
    )
    member_properties = fields.Properties(
        "Properties", definition="company_id.channel_member_properties"
    )
    user_decides = fields.Boolean(compute="_compute_user_decides")
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    city = fields.Char(related="partner_id.city")

    _partner_unique = models.Constraint(
        "UNIQUE (partner_id)", "This company is already a member: open that member instead."
    )
    _code_unique = models.Constraint(
        "UNIQUE (company_id, code)", "Another member already has this code: choose another code."
    )
    _suspend_reason_given = models.Constraint(
        "CHECK (state <> 'suspended' OR coalesce(suspend_reason, '') <> '')",
        "Say why the member is suspended: use the Suspend button, which asks for the reason.",
    )
    _not_own_parent = models.Constraint(
        "CHECK (parent_id <> id)", "A member cannot be supplied by itself."
    )
    _path = models.Index("(parent_path text_pattern_ops)")

    # --- computed -----------------------------------------------------------------------

    @api.depends("name", "code")
    def _compute_display_name(self):
        for member in self:
            member.display_name = f"{member.name or ''} ({member.code})"

    @api.depends_context("uid")
    def _compute_user_decides(self):
        decides = self._is_manager()
        for member in self:
            member.user_decides = decides or not member.id

    @api.depends("parent_id.tier")
    def _compute_tier(self):
        for member in self:
            member.tier = member.parent_id.tier + 1

    @api.depends("child_ids")
    def _compute_child_count(self):
        counts = dict(self._read_group([("parent_id", "in", self.ids)], ["parent_id"], ["__count"]))
        for member in self:
            member.child_count = counts.get(member, 0)

    @api.depends("contract_ids.state", "contract_ids.date_start", "contract_ids.date_end")
    def _compute_current_contract(self):
        contracts = self.env["channel.contract"].search(
            [("member_id", "in", self.ids), *self.env["channel.contract"]._current_domain()]
        )
        by_member = {contract.member_id.id: contract for contract in contracts}
        for member in self:
            member.current_contract_id = by_member.get(member.id, False)

    def _search_current_contract(self, operator, value):
        Contract = self.env["channel.contract"]
        current = Contract._search(Contract._current_domain())
        if operator == "in" and False in value:
            others = [contract for contract in value if contract]
            return [
                "|",
                ("contract_ids", "not any", [("id", "in", current)]),
                ("contract_ids", "any", [("id", "in", others), ("id", "in", current)]),
            ]
        if operator in {"in", "any", "any!"}:
            domain = [("id", "in", value)] if operator == "in" else list(value)
            return [("contract_ids", "any", [*domain, ("id", "in", current)])]
        return NotImplemented

    def _compute_assortments(self):
        assortments = self.env["channel.assortment"].search([])
        for member in self:
            member.assortment_ids = assortments.filtered_for(member)

    # --- constraints --------------------------------------------------------------------

    @api.constrains("partner_id")
    def _check_partner(self):
        for member in self:
            partner = member.partner_id
            if not partner.is_company or partner.parent_id:
                raise ValidationError(
                    self.env._(
                        "%s cannot be a member: a member is a company contact that is not part"
                        " of another contact. Mark the contact as a company and empty its"
                        " company field.",
                        partner.display_name,
                    )
                )

    @api.constrains("parent_id", "kind")
    def _check_tree(self):
        for member in self:
            if member.kind == "dealer":
                upper = member.parent_id
                if upper.kind == "retailer":
                    self._raise_retailer_above(upper, member)
            else:
                lower = member.child_ids.filtered(lambda child: child.kind == "dealer")
                if lower:
                    self._raise_retailer_above(member, lower[0])

    def _raise_retailer_above(self, retailer, dealer):
        raise ValidationError(
            self.env._(
                "%(retailer)s is a retailer and cannot supply the dealer %(dealer)s: make it a"
                " dealer, or place %(dealer)s elsewhere.",
                retailer=retailer.name,
                dealer=dealer.name,
            )
        )

    # --- create, write ------------------------------------------------------------------

    @api.model
    def _next_code(self):
        return self.env["ir.sequence"].sudo().next_by_code("channel.member")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["code"] = vals.get("code") or self._next_code()
            if vals.get("state", "draft") != "draft":
                self._check_manager()
        members = super().create(vals_list)
        members._forget_visibility()
        members._note_position()
        return members

    def write(self, vals):
        changed = vals.keys()
        if not changed.isdisjoint(MANAGER_FIELDS):
            self._check_manager()
        if "state" in vals:
            self._check_move(vals["state"])
            if vals["state"] == "active":
                vals = dict(vals, suspend_reason=False)
        if vals.get("parent_id"):
            self._check_not_below(self.browse(vals["parent_id"]))
        moving = self.filtered(lambda m: m.parent_id.id != (vals.get("parent_id") or False))
        result = super().write(vals)
        if not changed.isdisjoint(VISIBILITY_FIELDS):
            self._forget_visibility()
        if "parent_id" in vals:
            moving._note_position()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(member.state != "draft" for member in self):
            raise UserError(
                self.env._(
                    "Only draft members can be deleted. Close a member that is no longer needed:"
                    " its history stays."
                )
            )

    def unlink(self):
        result = super().unlink()
        self._forget_visibility()
        return result

    @api.model
    def _is_manager(self):
        return self.env.su or self.env.user.has_group("channel_network.group_sales_manager")

    def _check_manager(self):
        """:raises AccessError: for a user who is no sales manager"""
        if self._is_manager():
            return
        raise AccessError(
            self.env._(
                "Only a sales manager may change a member's state, place in the tree, grade,"
                " company or sales representative. Ask your sales manager."
            )
        )

    def _check_not_below(self, parent):
        """Say it in a user's words before the parent store refuses the cycle.

        :raises ValidationError: when the parent is one of these members or below one
        """
        path = {int(part) for part in (parent.sudo().parent_path or "").split("/") if part}
        if not path.isdisjoint(self.ids):
            raise ValidationError(
                self.env._(
                    "A member cannot be placed below itself or below a member of its own"
                    " subtree: choose a member from another branch."
                )
            )

    def _check_move(self, target):
        for member in self:
            if member.state != target and target not in MOVES[member.state]:
                states = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(member)s is %(state)s and cannot become %(target)s.",
                        member=member.display_name,
                        state=states[member.state],
                        target=states.get(target, target),
                    )
                )

    @api.model
    def _forget_visibility(self):
        """Record rules are cached with the ids of a user's members in them: drop them."""
        self.env.registry.clear_cache()

    def _note_position(self):
        self.env["channel.member.position"].sudo()._note(self.sudo())

    # --- business -----------------------------------------------------------------------

    def _parent_at(self, day):
        """Return the member above at a day (empty: directly under the brand, or not yet here)."""
        self.ensure_one()
        return self.position_ids.filtered_domain(
            [
                ("date_from", "<=", day),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", day),
            ]
        ).parent_id

    def _sellable_products(self, date=None):
        """Return the products this member may sell on a day (default: today).

        A product is sellable when an assortment that applies to the member has it on shelf on
        that day, and the member is active.
        """
        self.ensure_one()
        Product = self.env["product.product"]
        if self.state != "active":
            return Product
        found = self.env["channel.assortment"]._shelves(self, date)[self.id]
        active = Product.sudo().search([("id", "in", list(found))])  # whoever asks, also a dealer
        return Product.browse(active.ids)
