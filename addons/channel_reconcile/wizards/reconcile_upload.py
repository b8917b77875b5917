from odoo import Command, fields, models
from odoo.exceptions import UserError


class ReconcileUpload(models.TransientModel):
    """Takes bills in, many at once, and lets them be read."""

    _name = "reconcile.upload"
    _description = "Upload Bills"

    account_id = fields.Many2one(
        "reconcile.account",
        help="Empty: found by the number in each file. A file that names none needs it.",
    )
    for_day = fields.Date(
        "Settlement Day", help="Only for files that do not tell their year, as UnionPay's."
    )
    file_ids = fields.Many2many("ir.attachment", string="Files")

    def action_upload(self):
        """Keep the files, queue their reading, and open them.

        :raises UserError: no file was chosen, or one of them is here already; nothing is kept then
        """
        self.ensure_one()
        if not self.file_ids:
            raise UserError(self.env._("Choose one or more files first."))
        company = self.account_id.company_id or self.env.company
        bills = self.env["reconcile.bill"]
        for file in self.file_ids:
            bills |= bills._receive(company, file.name, file.raw, self.account_id, self.for_day)
        self.sudo().file_ids = [Command.clear()]
        if len(bills) == 1:
            return bills._open_form()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_reconcile.action_reconcile_bill"
        )
        return action | {"domain": [("id", "in", bills.ids)]}
