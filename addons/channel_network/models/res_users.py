from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    network_member_ids = fields.Many2many(
        "channel.member",
        string="Own Members",
        compute="_compute_channel_members",
        compute_sudo=True,
        help="Members of the user's company: a portal user sees these and all below them.",
    )
    network_managed_member_ids = fields.Many2many(
        "channel.member",
        string="Members in Charge",
        compute="_compute_channel_members",
        compute_sudo=True,
        help="Members whose sales representative is this user.",
    )

    @api.depends("partner_id.commercial_partner_id")
    def _compute_channel_members(self):
        Member = self.env["channel.member"].sudo()
        partners = self.partner_id.commercial_partner_id
        own = Member.search([("partner_id", "in", partners.ids), ("state", "!=", "closed")])
        managed = Member.search([("user_id", "in", self.ids)])
        for user in self:
            partner = user.partner_id.commercial_partner_id
            user.network_member_ids = own.filtered(lambda m, p=partner: m.partner_id == p)
            user.network_managed_member_ids = managed.filtered(lambda m, u=user: m.user_id == u)

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            # record rules are cached with the ids of the user's members in them
            self.env.registry.clear_cache()
        return result
