from odoo import api, fields, models
from odoo.exceptions import UserError


class ChannelTrackingCare(models.TransientModel):
    """Parcels that somebody has looked after, with what was done."""

    _name = "channel.tracking.care"
    _description = "Looked After"

    tracking_ids = fields.Many2many(
        "channel.tracking", "channel_tracking_care_rel", string="Parcels", readonly=True
    )
    seen = fields.Json(readonly=True, help="The alarms that the person saw.")
    note = fields.Char("What Was Done", required=True)

    @api.model
    def default_get(self, fields):
        """Keep the alarms as they are seen now."""
        values = super().default_get(fields)
        ids = self.env.context.get("default_tracking_ids") or []
        parcels = self.env["channel.tracking"].browse(ids)
        return values | {"seen": {str(row.id): row.alarm for row in parcels}}

    def action_care(self):
        """Mark them.

        :raises UserError: an alarm has changed meanwhile; nothing is marked
        """
        self.ensure_one()
        alarms = {int(key): alarm for key, alarm in (self.seen or {}).items()}
        left = self.env["channel.tracking"].browse(alarms)._care(alarms, self.note)
        if left:
            raise UserError(
                self.env._(
                    "These parcels have changed meanwhile: %s. Close the window and look again.",
                    ", ".join(left.mapped("waybill")),
                )
            )
        return True
