from odoo import models

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelOrder(models.Model):
    _inherit = "channel.order"

    session_id = LeanMany2one("channel.session", "Session", index=True, readonly=True)
