from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.channel_network.core.money import to_fen


class ChannelTalentTerm(models.Model):
    """One commission term: a share of what is paid for a product category, and a pit fee.

    The share is in basis points (1 % = 100). The pit fee (a fixed sum per session in which the
    category is shown) is in yuan with whole fen.
    """

    _name = "channel.talent.term"
    _description = "Talent Commission Term"
    _order = "contract_id, categ_id, id"

    contract_id = fields.Many2one(
        "channel.talent.contract", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    categ_id = fields.Many2one(
        "product.category",
        "Product Category",
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: every product without a term of its own.",
    )
    percent_bp = fields.Integer(
        "Commission (bp)", required=True, default=0, help="Basis points: 100 = 1 %, 2000 = 20 %."
    )
    percent = fields.Float(
        "Commission %", digits=(5, 2), compute="_compute_percent", inverse="_inverse_percent"
    )
    pit_fee = fields.Monetary(default=0, help="Fixed fee per session, whole fen.")

    _percent_check = models.Constraint(
        "CHECK(percent_bp >= 0 AND percent_bp <= 10000)",
        "The commission must lie between 0 and 10000 basis points (0 % to 100 %).",
    )
    _pit_fee_check = models.Constraint("CHECK(pit_fee >= 0)", "A pit fee cannot be below 0.")
    _category_uniq = models.UniqueIndex(
        "(contract_id, COALESCE(categ_id, 0))",
        "The contract has another term for this product category.",
    )

    @api.depends("percent_bp")
    def _compute_percent(self):
        for term in self:
            term.percent = term.percent_bp / 100

    def _inverse_percent(self):
        for term in self:
            # two decimals of a percent are basis points just as two decimals of a yuan are fen
            term.percent_bp = to_fen(term.percent)

    @api.constrains("contract_id", "percent_bp", "pit_fee", "categ_id")
    def _check_draft(self):
        if any(term.contract_id.state == "ended" for term in self):
            raise ValidationError(
                self.env._("The terms of an ended contract are fixed. Make a new contract.")
            )
