from odoo import models


class ChannelParcel(models.Model):
    _inherit = "channel.parcel"

    # a parcel that comes back is scanned without its carrier
    _waybill_idx = models.Index("(waybill) WHERE waybill IS NOT NULL")
