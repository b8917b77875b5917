from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network import china


class SettlementFee(models.Model):
    """What a party gets or owes beside its shares: pit fee, bonus, fine, correction."""

    _name = "settlement.fee"
    _description = "Fee or Correction"
    _order = "day desc, id desc"
    _check_company_auto = True

    name = fields.Char("What For", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Party", required=True, ondelete="restrict", check_company=True
    )
    kind = fields.Selection(
        [
            ("pit_fee", "Pit Fee"),
            ("bonus", "Bonus"),
            ("fine", "Fine"),
            ("correction", "Correction"),
        ],
        required=True, default="correction",
    )  # fmt: skip
    amount = fields.Monetary(required=True, help="Above 0: the party gets it. Below 0: it owes it.")
    day = fields.Date(
        "Due", required=True, default=lambda self: china.today(self.env),
        help="It comes onto the statement whose period has this day, or the next one.",
    )  # fmt: skip
    statement_id = fields.Many2one(
        "settlement.statement", readonly=True, copy=False, index="btree_not_null",
        ondelete="restrict",
    )  # fmt: skip
    dispute_id = fields.Many2one(
        "settlement.dispute", readonly=True, copy=False, ondelete="restrict"
    )

    _not_zero = models.Constraint("CHECK (amount <> 0)", "Enter an amount other than 0.")
    _sign_check = models.Constraint(
        "CHECK (kind NOT IN ('pit_fee', 'bonus') OR amount > 0)",
        "A pit fee or a bonus is above 0.",
    )
    _fine_check = models.Constraint(
        "CHECK (kind <> 'fine' OR amount < 0)", "Enter a fine as an amount below 0."
    )
    _dispute_uniq = models.UniqueIndex(
        "(dispute_id) WHERE dispute_id IS NOT NULL", "This dispute was answered already."
    )
    _waiting_idx = models.Index("(partner_id, day) WHERE statement_id IS NULL")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_links(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_links(vals)
        if {"company_id", "partner_id", "kind", "amount", "day"} & vals.keys():
            self._refuse_stated()
        return super().write(vals)

    def _refuse_links(self, vals):
        """Onto statements they come by a run, and from disputes by an answer."""
        if not self.env.su and {"statement_id", "dispute_id"} & vals.keys():
            raise UserError(self.env._("A run puts fees on statements: nobody does it by hand."))

    @api.ondelete(at_uninstall=False)
    def _refuse_stated(self):
        for fee in self:
            if fee.statement_id:
                raise UserError(
                    self.env._(
                        "%(fee)s stands on %(statement)s. Delete that draft first, or correct it by"
                        " another fee.",
                        fee=fee.name, statement=fee.statement_id.name,
                    )
                )  # fmt: skip
