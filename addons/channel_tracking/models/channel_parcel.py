from odoo import fields, models


class ChannelParcel(models.Model):
    """What the carrier says, on the parcel's own page."""

    _inherit = "channel.parcel"

    tracking_ids = fields.One2many(
        "channel.tracking", "parcel_id", "On the Road", readonly=True, groups="base.group_user"
    )
