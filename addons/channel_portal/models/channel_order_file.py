from odoo import models


class ChannelOrderFile(models.TransientModel):
    """A dealer's file is put into the cart under the cart's own guard."""

    _inherit = "channel.order.file"

    def _put(self, quantities):
        if self.order_id.is_portal and self.env.user.share:
            return self.order_id._put(quantities)
        return super()._put(quantities)
