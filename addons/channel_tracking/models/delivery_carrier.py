from odoo import fields, models


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

    def _tracking_code(self):
        """The name under which the tracking service knows the carrier."""
        self.ensure_one()
        carrier = self.sudo()
        return carrier.channel_tracking_code or carrier.channel_code or ""
