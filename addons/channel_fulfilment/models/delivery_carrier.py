import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    channel_code = fields.Char(
        string="Carrier code on platforms",
        help="The name under which platforms know the carrier, for example shunfeng or yunda.",
    )
    channel_waybill_source = fields.Selection(
        [("typed", "Scanned or typed after the parcel"), ("pool", "Taken from the number pool")],
        string="Waybill number",
        default="typed",
        required=True,
    )
    channel_waybill_pattern = fields.Char(
        string="Waybill pattern",
        help="A regular expression that every waybill number of the carrier matches, for example "
        "SF[0-9]+. Empty: 6 to 32 letters, digits or hyphens.",
    )
    channel_waybill_pool_ids = fields.One2many(
        "channel.waybill.pool", "carrier_id", string="Waybill numbers"
    )

    @api.constrains("channel_waybill_pattern")
    def _check_channel_waybill_pattern(self):
        for carrier in self.filtered("channel_waybill_pattern"):
            try:
                re.compile(carrier.channel_waybill_pattern)
            except re.error as error:
                raise ValidationError(
                    self.env._(
                        "The waybill pattern of %(carrier)s cannot be read: %(error)s. Write it as "
                        "a regular expression, for example SF[0-9]+.",
                        carrier=carrier.display_name,
                        error=error,
                    )
                ) from error

    def _next_waybills(self, count, company=None):
        """The next ``count`` waybill numbers of this carrier.

        This is the seam for e-waybills (电子面单): an addon that asks a carrier's or a platform's
        service for numbers overrides it for its carriers. Here they come from the number pool.

        :raise UserError: there are not enough numbers
        """
        self.ensure_one()
        return self.env["channel.waybill.pool"]._take(self, company or self.env.company, count)
