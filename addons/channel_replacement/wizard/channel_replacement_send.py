from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_fulfilment.core.scan import clean, waybill_error


class ChannelReplacementSend(models.TransientModel):
    """The waybill under which a replacement leaves."""

    _name = "channel.replacement.send"
    _description = "Send a Replacement"

    replacement_id = fields.Many2one(
        "channel.replacement", required=True, readonly=True, ondelete="cascade"
    )
    carrier_id = fields.Many2one("delivery.carrier")
    waybill_source = fields.Selection(related="carrier_id.channel_waybill_source")
    waybill = fields.Char(help="Scan it. Empty: the next number of the carrier's pool.")

    def action_confirm(self):
        """Send it.

        :raise UserError: carrier or waybill is missing or wrong, or it cannot be sent
        """
        self.ensure_one()
        self.replacement_id.check_access("write")
        if not self.carrier_id:
            raise UserError(self.env._("Choose the carrier."))
        replacement = self.replacement_id.sudo()
        replacement._expect_to_send()
        waybill = clean(self.waybill or "")
        if not waybill and self.waybill_source == "pool":
            [waybill] = self.carrier_id.sudo()._next_waybills(1, replacement.company_id)
        self._check_waybill(waybill)
        replacement._send(self.carrier_id, waybill)
        return {"type": "ir.actions.act_window_close"}

    def _check_waybill(self, waybill):
        if waybill_error(waybill, self.carrier_id.channel_waybill_pattern):
            raise UserError(
                self.env._(
                    "%(waybill)s is no waybill number of %(carrier)s. Scan the waybill on the "
                    "parcel.",
                    waybill=waybill or "—",
                    carrier=self.carrier_id.display_name,
                )
            )
        taken = (
            self.env["channel.parcel"]
            .sudo()
            .search_count(
                [("carrier_id", "=", self.carrier_id.id), ("waybill", "=", waybill)], limit=1
            )
        )
        if taken:
            raise UserError(
                self.env._("%s is the waybill of another parcel. Scan the right one.", waybill)
            )
