import re

from odoo import models

# what a cockpit asks for; the channel itself is the record, whose name no client can send
ASKED = re.compile(r"channel\.session_(\d+)")


class IrWebsocket(models.AbstractModel):
    """Who may read a session and its orders hears of them."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        asked = {
            channel: ASKED.fullmatch(channel) for channel in channels if isinstance(channel, str)
        }
        ids = [int(match[1]) for match in asked.values() if match]
        rest = [channel for channel in channels if not asked.get(channel)]
        channels = super()._build_bus_channel_list(rest)
        channels.extend(self.env["channel.session"]._listenable(ids))
        return channels
