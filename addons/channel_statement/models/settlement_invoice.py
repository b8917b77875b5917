from odoo import fields, models


class SettlementInvoice(models.Model):
    """An invoice (fapiao) by which a party bills what a statement pays it."""

    _name = "settlement.invoice"
    _description = "Invoice of a Party"
    _order = "day, id"
    _rec_name = "number"

    statement_id = fields.Many2one(
        "settlement.statement", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    partner_id = fields.Many2one(related="statement_id.partner_id", store=True)
    number = fields.Char("Invoice Number", required=True)
    day = fields.Date("Invoice Date", required=True, default=fields.Date.context_today)
    amount = fields.Monetary("Amount with Tax", required=True)
    amount_tax = fields.Monetary("Tax", required=True, default=0)
    file = fields.Binary(attachment=True)
    file_name = fields.Char()

    _number_uniq = models.UniqueIndex(
        "(partner_id, number)", "This invoice number of the party stands here already."
    )
    _amount_check = models.Constraint(
        "CHECK (amount > 0 AND amount_tax >= 0 AND amount_tax < amount)",
        "An invoice has an amount above 0, of which the tax is a part.",
    )
