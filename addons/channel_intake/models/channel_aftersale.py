from odoo import models


class ChannelAftersale(models.Model):
    """What was decided is told at once, not with the next minute."""

    _inherit = "channel.aftersale"

    def _owe(self, action, key, payload):
        """Also queue the telling; it waits for this transaction's commit."""
        row = super()._owe(action, key, payload)
        if row:
            self.env["channel.outbox"].sudo()._enqueue_drain()
        return row
