from odoo import models


class ChannelOrder(models.Model):
    _inherit = "channel.order"

    # what the buttons of a session count: its waves and parcels, without reading 100,000 wide rows
    _session_wave_idx = models.Index(
        "(session_id, wave_id) INCLUDE (parcel_id)"
        " WHERE session_id IS NOT NULL AND wave_id IS NOT NULL"
    )
