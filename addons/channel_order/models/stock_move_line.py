from odoo import models

from .stock_move import LOCK_EDIT


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _log_message(self, record, move, template, vals):
        # every wave lowers the lock moves: one note each would bury the transfer and cost more than
        # the change itself
        if self.env.context.get("channel_lock_edit") is LOCK_EDIT:
            return
        super()._log_message(record, move, template, vals)
