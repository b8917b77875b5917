from odoo import api, models


class ChannelAlarm(models.Model):
    """What platforms show and should not, where their stock is told and read back."""

    _inherit = "channel.alarm"

    @api.model
    def _stock_differences(self, sessions):
        rows = self.env["channel.platform.stock"].sudo()._differences(sessions.shop_id)
        return super()._stock_differences(sessions) + [row for row in rows if row[0]]
