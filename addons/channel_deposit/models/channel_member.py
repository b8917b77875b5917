from odoo import models


class ChannelMember(models.Model):
    """A member's deposits, from the member's form."""

    _inherit = "channel.member"

    def action_view_deposits(self):
        """Smart button: the member's deposit accounts."""
        return self.env["channel.deposit.account"]._open_rows(
            "channel_deposit.action_deposit_account", [("member_id", "in", self.ids)]
        )
