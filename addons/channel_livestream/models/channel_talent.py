from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ChannelTalent(models.Model):
    """Somebody who sells for the brand on air: host, affiliate, colonel or MCN.

    A host presents in the brand's own rooms, an affiliate promotes in its own, a colonel recruits
    affiliates and an MCN is the agency of any of them.
    """

    _name = "channel.talent"
    _description = "Talent"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(
        [("host", "Host"), ("affiliate", "Affiliate"), ("colonel", "Colonel"), ("mcn", "MCN")],
        required=True,
        default="host",
        index=True,
        tracking=True,
    )
    tier = fields.Selection(
        [("top", "Top"), ("middle", "Middle"), ("tail", "Tail"), ("novice", "Novice")],
        help="Reach of an affiliate, from top to novice.",
        tracking=True,
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        index="btree_not_null",
        check_company=True,
        help="Whom the commission is paid to.",
    )
    mcn_id = fields.Many2one(
        "channel.talent",
        "MCN",
        domain="[('kind', '=', 'mcn')]",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    colonel_id = fields.Many2one(
        "channel.talent",
        domain="[('kind', '=', 'colonel')]",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    talent_ids = fields.One2many("channel.talent", "mcn_id", "Signed Talents")
    recruit_ids = fields.One2many("channel.talent", "colonel_id", "Recruited Affiliates")
    account_ids = fields.One2many("channel.talent.account", "talent_id", "Platform Accounts")
    contract_ids = fields.One2many("channel.talent.contract", "talent_id", "Contracts")
    current_contract_id = fields.Many2one(
        "channel.talent.contract",
        compute="_compute_current_contract_id",
        compute_sudo=True,
        groups="channel_network.group_finance_clerk,channel_network.group_sales_manager,"
        "channel_network.group_livestream_operator",
    )
    note = fields.Html()

    _tier_check = models.Constraint(
        "CHECK(tier IS NULL OR kind = 'affiliate')", "Only affiliates have a tier."
    )
    _mcn_check = models.Constraint(
        "CHECK(mcn_id IS NULL OR kind <> 'mcn')", "An MCN cannot be signed to another MCN."
    )
    _colonel_check = models.Constraint(
        "CHECK(colonel_id IS NULL OR kind = 'affiliate')", "Only affiliates have a colonel."
    )

    @api.constrains("mcn_id", "colonel_id", "kind")
    def _check_kinds(self):
        for talent in self:
            if talent.mcn_id and talent.mcn_id.kind != "mcn":
                raise ValidationError(
                    self.env._("%s is no MCN. Choose a talent of the kind MCN.", talent.mcn_id.name)
                )
            if talent.colonel_id and talent.colonel_id.kind != "colonel":
                raise ValidationError(
                    self.env._(
                        "%s is no colonel. Choose a talent of the kind Colonel.",
                        talent.colonel_id.name,
                    )
                )
            if talent.kind != "mcn" and talent.talent_ids:
                raise ValidationError(
                    self.env._(
                        "%s has signed talents, so it stays an MCN. Move them first.", talent.name
                    )
                )
            if talent.kind != "colonel" and talent.recruit_ids:
                raise ValidationError(
                    self.env._(
                        "%s has recruited affiliates, so it stays a colonel. Move them first.",
                        talent.name,
                    )
                )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind != "affiliate":
            self.tier = False
            self.colonel_id = False
        if self.kind == "mcn":
            self.mcn_id = False

    def _compute_current_contract_id(self):
        contracts = self.env["channel.talent.contract"]._current_by_talent(
            self, fields.Date.context_today(self)
        )
        for talent in self:
            talent.current_contract_id = contracts.get(talent.id)

    def action_view_contracts(self):
        """Open the contracts of the talent."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contracts"),
            "res_model": "channel.talent.contract",
            "view_mode": "list,form",
            "domain": [("talent_id", "=", self.id)],
            "context": {"default_talent_id": self.id},
        }
