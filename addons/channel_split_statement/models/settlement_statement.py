from odoo import models
from odoo.tools import SQL


class SettlementStatement(models.Model):
    """Takes in the shares that were handed over by the payment channel."""

    _inherit = "settlement.statement"

    def _shares_sql(self):
        return SQL(
            """
            %s
             UNION ALL
            SELECT share.* FROM channel_split_share AS link
              JOIN settlement_share AS share ON share.id = link.share_id
             WHERE link.by_statement
            """,
            super()._shares_sql(),
        )
