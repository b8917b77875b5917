from odoo import fields, models


class ReconcileReadAgain(models.TransientModel):
    """Reads a refused file once more, with what its content does not tell."""

    _name = "reconcile.read.again"
    _description = "Read a Bill Again"

    bill_id = fields.Many2one("reconcile.bill", required=True)
    company_id = fields.Many2one(related="bill_id.company_id")
    account_id = fields.Many2one("reconcile.account", check_company=True)
    layout_id = fields.Many2one(
        "reconcile.layout", check_company=True,
        help="Only for files that are in no format Qudao knows.",
    )  # fmt: skip
    for_day = fields.Date("Settlement Day", help="Only for files that do not tell their year.")

    def action_read(self):
        """Read it, and open it."""
        self.ensure_one()
        bill = self.bill_id
        bill.check_access("read")
        bill.sudo().write(
            {
                "account_id": self.account_id.id,
                "layout_id": self.layout_id.id,
                "for_day": self.for_day,
            }
        )
        bill.action_read_again()
        return bill._open_form()
