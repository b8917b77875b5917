from odoo import models


class ChannelPool(models.Model):
    """A hold that is lifted, by whatever button, ends the alarms that asked for it."""

    _inherit = "channel.pool"

    def _release(self):
        result = super()._release()
        self._alarms()._released()
        return result

    def _close(self):
        result = super()._close()
        self._alarms()._released()
        return result

    def _alarms(self):
        """The alarms that hold these pools."""
        return (
            self.env["channel.alarm"]
            .sudo()
            .search([("item_id.pool_id", "in", self.ids), ("state", "=", "held")])
        )
