from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_order.batch_sql import unix

from ..core.carriers.base import Told
from ..core.road import Kind
from ..models.channel_parcel_trace import KINDS


class ChannelTrackingRecord(models.TransientModel):
    """What a carrier said on the phone, kept as a trace of the parcel."""

    _name = "channel.tracking.record"
    _description = "Record What the Carrier Said"

    tracking_id = fields.Many2one(
        "channel.tracking", "Parcel", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(KINDS, "The Parcel Is", required=True)
    at = fields.Datetime("When", required=True, default=fields.Datetime.now)
    text = fields.Char("What the Carrier Says")
    place = fields.Char()

    def action_record(self):
        """Keep it.

        :raises UserError: it lies ahead, or before the hand-over
        """
        self.ensure_one()
        tracking = self.tracking_id
        tracking._require_handler()
        if not tracking.handed_at <= self.at <= fields.Datetime.now():
            raise UserError(
                self.env._(
                    "Enter a moment after the hand-over and not ahead of now: it says when it "
                    "happened, not when you heard of it."
                )
            )
        told = Told(unix(self.at), Kind(self.kind), self.text or "", self.place or "")
        tracking.sudo()._ingest_traces({tracking.id: [told]}, user=self.env.user)
        return True
