from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    # Not "channel_member_ids": on partners and users that name is Discuss's.
    network_member_ids = fields.Many2many(
        "channel.member",
        string="Own Members",
        compute="_compute_network_members",
        compute_sudo=True,
        help="Members of the user's company: a portal user sees these and all below them.",
    )
    network_managed_member_ids = fields.One2many(
        "channel.member",
        "user_id",
        "Members in Charge",
        help="Members whose sales representative is this user.",
    )

    @api.depends(
        "partner_id.commercial_partner_id.network_membership_ids.state",
    )
    def _compute_network_members(self):
        for user in self:
            members = user.partner_id.commercial_partner_id.network_membership_ids
            user.network_member_ids = members.filtered(lambda member: member.state != "closed")

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            # record rules are cached with the ids of the user's members in them
            self.env.registry.clear_cache()
        return result
