from odoo import fields, models
from odoo.tools import SQL


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    channel_service_id = fields.Many2one(
        "channel.carrier.service",
        string="Tracking service",
        ondelete="set null",
        index="btree_not_null",
        help="Who tells where this carrier's parcels are. Empty: somebody phones.",
    )
    channel_tracking_code = fields.Char(
        string="Carrier code of the tracking service",
        help="Empty: the carrier code on platforms.",
    )

    def write(self, vals):
        """A carrier that gets a tracking service is asked about its parcels on the road."""
        result = super().write(vals)
        if vals.get("channel_service_id"):
            self.env["channel.tracking"].flush_model()
            self.env.execute_query(
                SQL(
                    """
                    UPDATE channel_tracking SET ask_at = %s
                     WHERE carrier_id = ANY(%s) AND ask_at IS NULL AND back_at IS NULL
                       AND COALESCE(kind, '') NOT IN ('delivered', 'returned') RETURNING id
                    """,
                    fields.Datetime.now(),
                    self.ids,
                )
            )
            self.env["channel.tracking"].invalidate_model(flush=False)
        return result

    def _tracking_code(self):
        """The name under which the tracking service knows the carrier."""
        self.ensure_one()
        carrier = self.sudo()
        return carrier.channel_tracking_code or carrier.channel_code or ""
