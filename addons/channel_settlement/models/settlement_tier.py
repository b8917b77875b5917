from odoo import fields, models

from .settlement_scheme import KEPT, ROWS_GUARD


class SettlementTier(models.Model):
    """A rate for the part of a basis above a start, up to the next tier (progressive)."""

    _name = "settlement.tier"
    _description = "Settlement Tier"
    _order = "rule_id, above_units, above_amount, id"

    rule_id = fields.Many2one("settlement.rule", required=True, ondelete="cascade", index=True)
    basis = fields.Selection(related="rule_id.basis")
    currency_id = fields.Many2one(related="rule_id.currency_id")
    above_amount = fields.Monetary("Above", default=0, help="The first tier starts at 0.00.")
    above_units = fields.Integer(default=0, help="The first tier starts at 0.")
    percent = fields.Float(digits=(9, 4), help="Of the part of the amount in this tier.")
    per_unit = fields.Monetary(help="For each unit in this tier.")

    _not_negative = models.Constraint(
        "CHECK (above_amount >= 0 AND above_units >= 0 AND percent >= 0 AND per_unit >= 0)",
        "Starts and rates of tiers are zero or more.",
    )

    def init(self):
        join = " JOIN settlement_rule r ON r.scheme_id = s.id"
        guard = ROWS_GUARD.format(
            table=self._table, key="rule_id", ours="r.id", join=join, kept=KEPT
        )
        self.env.cr.execute(guard)  # pylint: disable=sql-injection
