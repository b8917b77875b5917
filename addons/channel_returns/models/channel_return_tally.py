from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelReturnTally(models.Model):
    """Units of an order line that are back, over all parcels: never more than have left.

    One narrow row an order line, raised when a parcel is confirmed. Two parcels confirmed at once
    meet here: the second one waits, fails and is tried again on what the first one left.
    """

    _name = "channel.return.tally"
    _description = "Units Back of an Order Line"
    _rec_name = "order_line_id"
    _order = "id"
    _log_access = False

    order_line_id = LeanMany2one("channel.order.line", required=True, readonly=True)
    company_id = LeanMany2one("res.company", required=True, readonly=True)
    shipped = fields.Integer(required=True, readonly=True)
    returned = fields.Integer(required=True, readonly=True, default=0)

    _line_unique = models.UniqueIndex("(order_line_id)", "An order line has one tally.")
    _within_shipped = models.Constraint(
        "CHECK (returned BETWEEN 0 AND shipped)",
        "More units would come back than have left. Another parcel of the order was confirmed "
        "meanwhile: put this one aside, scan its waybill again and count the rest as wrong.",
    )

    def _raise(self, parcel):
        """Count the good and defect units of a parcel as back, in one statement."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO channel_return_tally (order_line_id, company_id, shipped, returned)
                SELECT l.id, r.company_id, max(l.quantity), sum(u.good + u.defect)
                  FROM channel_return_line u
                  JOIN channel_return r ON r.id = u.return_id
                  JOIN channel_order_line l ON l.id = u.order_line_id
                 WHERE u.return_id = %s AND u.good + u.defect > 0
                 GROUP BY l.id, r.company_id ORDER BY l.id
                ON CONFLICT (order_line_id) DO UPDATE
                   SET returned = channel_return_tally.returned + EXCLUDED.returned
                """,
                parcel.id,
            )
        )
        self.invalidate_model()
