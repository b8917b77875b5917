from markupsafe import Markup

from odoo import models

from odoo.addons.channel_fulfilment.core import code128

from ..core.desk import Code


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    def _return_code_rows(self):
        """Rows of the returns desk's code sheet: dicts name, code, barcode (SVG)."""
        names = {
            Code.GOOD: self.env._("Good"),
            Code.DEFECT: self.env._("Defect"),
            Code.WRONG: self.env._("Wrong"),
            Code.MISSING: self.env._("Missing"),
            Code.CONFIRM: self.env._("Confirm"),
            Code.UNDO: self.env._("Undo"),
            Code.LEAVE: self.env._("Put aside"),
            Code.STOCK: self.env._("Trolley into stock"),
        }
        rows = [(name, str(code)) for code, name in names.items()]
        rows += [(warehouse.name, f"R-WH-{warehouse.code}".upper()) for warehouse in self]
        return [
            {"name": name, "code": code, "barcode": Markup(code128.svg(code))}
            for name, code in rows
            if code.isascii()
        ]
