from odoo import models

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelOrder(models.Model):
    _inherit = "channel.order"

    wave_id = LeanMany2one("channel.wave", string="Wave", readonly=True, index="btree_not_null")
    parcel_id = LeanMany2one("channel.parcel", string="Parcel", readonly=True, index="btree_not_null")
