from odoo import models
from odoo.tools import SQL


class ChannelReturnTally(models.Model):
    """What left a second time may come back a second time."""

    _inherit = "channel.return.tally"

    def _raise_shipped(self, replacement):
        """Count the units of a replacement as shipped of their order lines."""
        self.env["channel.replacement.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_return_tally (order_line_id, company_id, shipped, returned)
                SELECT DISTINCT l.id, %(company)s, l.quantity, 0
                  FROM channel_replacement_line n JOIN channel_order_line l ON l.id = n.order_line_id
                 WHERE n.replacement_id = %(replacement)s
                ON CONFLICT (order_line_id) DO NOTHING
                """,
                company=replacement.company_id.id,
                replacement=replacement.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE channel_return_tally t SET shipped = t.shipped + sent.units
                  FROM (SELECT order_line_id, sum(units) AS units FROM channel_replacement_line
                         WHERE replacement_id = %s GROUP BY order_line_id) sent
                 WHERE t.order_line_id = sent.order_line_id
                """,
                replacement.id,
            )
        )
        self.invalidate_model()
