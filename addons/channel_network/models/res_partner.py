from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    _inherit = "res.partner"

    network_membership_ids = fields.One2many("channel.member", "partner_id", "Network Member")

    @api.constrains("parent_id", "is_company")
    def _check_channel_member(self):
        for partner in self.sudo().filtered("network_membership_ids"):
            if partner.parent_id or not partner.is_company:
                raise ValidationError(
                    self.env._(
                        "%s is a channel member: it must stay a company that is not part of"
                        " another contact. To show who supplies it, change its place in the"
                        " channel network instead.",
                        partner.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"parent_id", "is_company"}) and self._has_user_below():
            # a user sees the members of its commercial partner: record rules are cached
            self.env.registry.clear_cache()
        return result

    def _has_user_below(self):
        Users = self.env["res.users"].sudo().with_context(active_test=False)
        return bool(Users.search_count([("partner_id", "child_of", self.ids)], limit=1))


class ResCompany(models.Model):
    _inherit = "res.company"

    channel_member_properties = fields.PropertiesDefinition("Member Properties")
