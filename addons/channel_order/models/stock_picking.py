from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def button_validate(self):
        """Refuse the lock transfers before any wizard opens."""
        self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))._refuse_locked()
        return super().button_validate()
