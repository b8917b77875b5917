from odoo import models
from odoo.tools import SQL


class ChannelManifest(models.Model):
    _inherit = "channel.manifest"

    def _report_shipments(self, orders):
        """What has left is followed on the road, and stopped where its money is granted."""
        result = super()._report_shipments(orders)
        self.env["channel.tracking"].sudo()._begin(SQL("m.id = ANY(%s)", self.ids))
        self.env["channel.aftersale"]._follow_shipment(orders)
        return result
