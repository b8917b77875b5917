from odoo import models


class PortalWizardUser(models.TransientModel):
    _inherit = "portal.wizard.user"

    def action_grant_access(self):
        """A contact of a member who gets portal access becomes a member user too."""
        result = super().action_grant_access()
        group = self.env.ref("channel_network.group_member_user")
        for row in self:
            user = row.user_id.sudo()
            if user._is_portal() and user.network_member_ids:
                user.write({"group_ids": [(4, group.id)]})
        return result
