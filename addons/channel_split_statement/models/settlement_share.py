from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_split_pay.models.channel_payment_merchant import FINANCE


class SettlementShare(models.Model):
    """What the payment channel was to settle may stand on a statement instead."""

    _inherit = "settlement.share"

    def action_settle_by_statement(self):
        """Hand over those of these shares that wait for the payment channel, for good.

        :raise AccessError: no finance clerk
        :raise UserError: none of them waits
        """
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: payments are in their hands."))
        self.check_access("read")
        handed = self.sudo()._hand_over()
        if not handed:
            raise UserError(
                self.env._(
                    "None of these shares waits for the payment channel: they are settled in"
                    " another way, or an instruction names them. Cancel it first."
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Shares that stand on the parties' next statements: %s.", len(handed)
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _hand_over(self):
        """Let statements settle what waits for the payment channel; the shares that did.

        A share that somebody puts into an instruction at the same moment is refused by the UNIQUE
        index of ``channel.split.share``.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO channel_split_share (share_id, by_statement, is_free)
                SELECT share.id, TRUE, FALSE FROM settlement_share AS share
                 WHERE share.id = ANY(%s) AND share.settled_by = 'channel'
                   AND NOT EXISTS (SELECT FROM channel_split_share AS taken
                                    WHERE taken.share_id = share.id AND NOT taken.is_free)
                RETURNING share_id
                """,
                self.ids,
            )
        )
        self.env["channel.split.share"].invalidate_model(flush=False)
        return self.browse(row[0] for row in rows)
