from odoo import fields, models


class SettlementReserve(models.Model):
    """A part of what one statement kept in reserve, and another has let free."""

    _name = "settlement.reserve"
    _description = "Released Reserve"
    _order = "id"
    _rec_name = "statement_id"
    _log_access = False

    statement_id = fields.Many2one(
        "settlement.statement", "Kept By", required=True, readonly=True, ondelete="restrict"
    )
    released_id = fields.Many2one(
        "settlement.statement", "Released By", required=True, readonly=True, ondelete="restrict",
        index=True,
    )  # fmt: skip
    currency_id = fields.Many2one(related="statement_id.currency_id")
    amount = fields.Monetary(required=True, readonly=True)
    is_early = fields.Boolean(
        "Early", readonly=True, help="To cover what is missing, before its time was over."
    )

    _once = models.UniqueIndex("(statement_id, released_id)", "It released that already.")
    _above_zero = models.Constraint("CHECK (amount > 0)", "A release is above 0.")
