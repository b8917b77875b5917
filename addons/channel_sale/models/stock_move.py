from odoo import models


class StockMove(models.Model):
    """What will not be delivered any more needs no money set aside."""

    _inherit = "stock.move"

    def _action_cancel(self):
        result = super()._action_cancel()
        self.sale_line_id.order_id._refit_deposit(changed=False)
        return result
