from odoo import fields, models


class SettlementTerms(models.Model):
    _inherit = "settlement.terms"

    due_from = fields.Selection(
        selection_add=[("settlement", "Platform's Settlement")],
        ondelete={"settlement": "set default"},
    )
