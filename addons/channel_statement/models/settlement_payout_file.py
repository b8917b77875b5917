import base64
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.channel_deposit.core.sheet import write_sheet
from odoo.addons.channel_network import china

from .settlement_statement import FINANCE


class SettlementPayoutFile(models.Model):
    """Payouts that were given to the bank together, as a file that it reads.

    It only tells the bank what to transfer from our own account; what the bank has done is entered
    by a person, transfer by transfer where they differ.
    """

    _name = "settlement.payout.file"
    _description = "Bank File"
    _inherit = ["mail.thread"]
    _order = "id desc"

    name = fields.Char("Number", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    payout_ids = fields.One2many("settlement.payout", "file_id", "Payouts", readonly=True)
    file = fields.Binary(attachment=True, readonly=True)
    file_name = fields.Char(compute="_compute_file_name")
    count = fields.Integer(compute="_compute_sums")
    amount = fields.Monetary("Transferred", compute="_compute_sums")
    paid_on = fields.Date(default=lambda self: china.today(self.env))
    state = fields.Selection([("open", "At the Bank"), ("done", "Done")], compute="_compute_sums")

    def write(self, vals):
        if not self.env.su and {"name", "company_id", "payout_ids", "file"} & vals.keys():
            raise UserError(self.env._("Only the day is entered; all else stays as it was."))
        return super().write(vals)

    @api.depends("name")
    def _compute_file_name(self):
        for file in self:
            file.file_name = f"{file.name}.xlsx"

    @api.depends("payout_ids.state", "payout_ids.net")
    def _compute_sums(self):
        for file in self:
            file.count = len(file.payout_ids)
            file.amount = sum(file.payout_ids.mapped("net"))
            waiting = "in_file" in file.payout_ids.mapped("state")
            file.state = "open" if waiting else "done"

    @api.model
    def _make(self, payouts):
        """A new file of payouts by bank transfer of one company."""
        name = self.env["ir.sequence"].next_by_code(self._name)
        file = self.create({"name": name, "company_id": payouts.company_id.id})
        payouts.write({"state": "in_file", "file_id": file.id})
        file.file = base64.b64encode(file._sheet())
        return file

    def _sheet(self):
        """The transfers as XLSX: what banks' batch payments ask for, one a line."""
        company = self.company_id
        words = self.with_context(lang=company.partner_id.lang).env
        rows = [
            (
                payout.bank_id.acc_holder_name or payout.partner_id.name,
                payout.bank_id.acc_number,
                payout.bank_id.bank_id.name or "",
                payout.bank_id.bank_id.bic or "",
                Decimal(f"{payout.net:.2f}"),
                words._("Settlement %s", payout.statement_id.name),
            )
            for payout in self.payout_ids.filtered(lambda payout: payout.net)
        ]
        headers = [
            words._("Payee"), words._("Account Number"), words._("Bank"), words._("Bank Code"),
            words._("Amount"), words._("Purpose"),
        ]  # fmt: skip
        facts = [
            (words._("Payer"), company.name),
            (words._("Transfers"), str(len(rows))),
            (words._("Total"), Decimal(f"{self.amount:.2f}")),
        ]
        return write_sheet(words._("Bank File %s", self.name), facts, headers, rows)

    def action_paid(self):
        """The bank has transferred what is still open in the file, on the day entered."""
        for file in self._ask():
            waiting = file.payout_ids.filtered(lambda payout: payout.state == "in_file")
            waiting.lock_for_update(allow_referencing=True)
            if not waiting:
                raise UserError(self.env._("Nothing in %s waits for the bank.", file.name))
            if not file.paid_on or file.paid_on > china.today(self.env):
                raise UserError(self.env._("Enter the day on which the bank transferred it."))
            waiting._paid(file.paid_on)

    def action_take_back(self):
        """The file was never given to the bank: its payouts wait again."""
        for file in self._ask():
            waiting = file.payout_ids.filtered(lambda payout: payout.state == "in_file")
            if waiting != file.payout_ids or not waiting:
                raise UserError(self.env._("The bank has paid some of %s: it stays.", file.name))
            waiting.lock_for_update(allow_referencing=True)
            waiting.write({"state": "waiting", "file_id": False, "tax": 0, "tax_month": False})

    def _ask(self):
        if not self.env.su and not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Ask a finance clerk: payouts are in their hands."))
        self.check_access("write")
        return self.sudo()
