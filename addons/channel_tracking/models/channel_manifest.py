from odoo import models
from odoo.tools import SQL


class ChannelManifest(models.Model):
    _inherit = "channel.manifest"

    def _report_shipments(self, orders):
        """What has left is followed on the road."""
        result = super()._report_shipments(orders)
        self.env["channel.tracking"].sudo()._begin(SQL("m.id = ANY(%s)", self.ids))
        return result
