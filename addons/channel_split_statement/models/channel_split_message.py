from odoo import models
from odoo.exceptions import UserError


class ChannelSplitMessage(models.AbstractModel):
    """What the channel does not take is settled by a statement, in one press."""

    _inherit = "channel.split.message"

    def action_settle_by_statement(self):
        """Cancel what did not leave, give up what was refused, and hand its shares over.

        :raise UserError: it is under way, or has ended
        """
        self._ask_clerk()
        shares = self.env["settlement.share"]
        for each in self:
            mine = each.sudo()._links().share_id
            if each.state == "failed" and each.refused:
                each.action_give_up()
            elif each.may_cancel:
                each.action_cancel()
            else:
                raise UserError(
                    self.env._(
                        "%s is at the channel: only what never left, or was refused, is settled by"
                        " a statement.",
                        each.number,
                    )
                )
            shares |= mine
        return shares.with_env(self.env).action_settle_by_statement()
