from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    settlement_commission_account_id = fields.Many2one(
        related="company_id.settlement_commission_account_id", readonly=False
    )
    settlement_supply_account_id = fields.Many2one(
        related="company_id.settlement_supply_account_id", readonly=False
    )
    settlement_payable_account_id = fields.Many2one(
        related="company_id.settlement_payable_account_id", readonly=False
    )
    settlement_tax_account_id = fields.Many2one(
        related="company_id.settlement_tax_account_id", readonly=False
    )
    settlement_transit_account_id = fields.Many2one(
        related="company_id.settlement_transit_account_id", readonly=False
    )
    settlement_journal_id = fields.Many2one(
        related="company_id.settlement_journal_id", readonly=False
    )
