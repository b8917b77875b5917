from odoo import models
from odoo.tools import SQL

from odoo.addons.channel_split_pay.models.channel_split_prepare import OPEN


class ChannelPayment(models.Model):
    """What of a payment no instruction pays may be settled by statements."""

    _inherit = "channel.payment"

    def action_settle_by_statement(self):
        """Hand over what no instruction and no return of the chosen payments has, for good.

        :raise AccessError: no finance clerk
        :raise UserError: nothing is left
        """
        self.check_access("read")
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL("SELECT share.id %s AND payment.id = ANY(%s)", OPEN, self.ids)
        )
        shares = self.env["settlement.share"].browse(row[0] for row in rows)
        return shares.action_settle_by_statement()
