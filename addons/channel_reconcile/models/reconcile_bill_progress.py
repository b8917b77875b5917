from odoo import fields, models
from odoo.tools import SQL


class ReconcileBillProgress(models.Model):
    """How far the reading of a bill has come, and whether somebody wants it to stop.

    Apart from the bill, which the reading itself writes when it ends: this is written beside it, in
    transactions of its own.
    """

    _name = "reconcile.bill.progress"
    _description = "Progress of Reading a Bill"
    _order = "id"
    _log_access = False

    bill_id = fields.Many2one("reconcile.bill", required=True, readonly=True, ondelete="cascade")
    row_count = fields.Integer("Rows Read", readonly=True)
    percent = fields.Float(readonly=True)
    is_cancelled = fields.Boolean(readonly=True)

    _bill_uniq = models.UniqueIndex("(bill_id)", "A bill is read once at a time.")

    def _tell(self, rows: int, percent: float) -> bool:
        """Write how far it is, at once; whether to stop."""
        self.ensure_one()
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    "UPDATE reconcile_bill_progress SET row_count = %s, percent = %s WHERE id = %s"
                    " RETURNING is_cancelled",
                    rows,
                    percent,
                    self.id,
                )
            )
            return any(told for (told,) in cr.fetchall())
