from fractions import Fraction

from odoo import api, fields, models

from odoo.addons.channel_settlement.models.settlement_rule import ROLES, exact

from ..core.period import Period
from ..core.statement import Reserve


class SettlementTerms(models.Model):
    """How parties are settled: how often, when a share is due, what is kept, how it is paid.

    A party is settled by the first terms that are for it, by number; without any by terms for
    everybody, which are made then.
    """

    _name = "settlement.terms"
    _description = "Statement Terms"
    _order = "sequence, id"
    _rec_name = "name"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="A party is settled by the first terms that are for it."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    role = fields.Selection(ROLES, "Party", help="Empty: any.")
    partner_ids = fields.Many2many(
        "res.partner", string="Contacts", check_company=True, help="Empty: all of that role."
    )
    period = fields.Selection(
        [("week", "Week"), ("half_month", "Half a Month"), ("month", "Month")],
        required=True, default="month", help="Until Sunday, the 15th, or the end of the month.",
    )  # fmt: skip
    due_from = fields.Selection(
        [("sale", "Shipment"), ("receipt", "Confirmed Receipt")],
        required=True, default="receipt",
        help="A share is due so many days after this. Until then it is on no statement.",
    )  # fmt: skip
    due_days = fields.Integer("Days Later", required=True, default=7)
    reserve_percent = fields.Float(
        "Kept in Reserve %", digits=(5, 2),
        help="Of what a period brings, kept back against later returns.",
    )  # fmt: skip
    reserve_days = fields.Integer(
        "Kept for (Days)", default=30, help="After the period; then it is paid by itself."
    )
    way = fields.Selection(
        [("bank", "Bank Transfer"), ("deposit", "Goods Deposit")],
        "Paid By", required=True, default="bank",
        help="A bank transfer from our own account, or a top-up of the member's goods deposit with"
        " us. Both pay what we owe ourselves; money of others is never passed on.",
    )  # fmt: skip
    paper = fields.Selection(
        [
            ("none", "Nothing"),
            ("invoice", "An Invoice of the Party"),
            ("withhold", "Income Tax Is Withheld"),
        ],
        "Papers", required=True, default="none",
        help="Companies send an invoice. Of a person's pay for services we withhold income tax.",
    )  # fmt: skip
    invoice_first = fields.Boolean("Only Paid after the Invoice", default=True)
    is_final = fields.Boolean(
        "Paid for Good",
        help="What was paid cannot be taken back, as from a person's own account or wallet. Returns"
        " afterwards come off later statements only: keep a reserve.",
    )

    _due_days_check = models.Constraint(
        "CHECK (due_days BETWEEN 0 AND 365)", "A share is due 0 to 365 days later."
    )
    _reserve_check = models.Constraint(
        "CHECK (reserve_percent BETWEEN 0 AND 100 AND reserve_days BETWEEN 0 AND 365)",
        "A reserve is 0 to 100 % and is kept 0 to 365 days.",
    )

    @api.model
    def _of_parties(self, company, roles):
        """The terms of each party: {partner id: settlement.terms}.

        :param roles: {partner id: roles of its shares}
        """
        found = {}
        all_terms = self.search([("company_id", "=", company.id)])
        for partner, names in roles.items():
            found[partner] = next(
                (terms for terms in all_terms if terms._is_for(partner, names)), None
            )
        if None in found.values():
            default = self._default_terms(company)
            found = {partner: terms or default for partner, terms in found.items()}
        return found

    def _is_for(self, partner, roles):
        return (not self.role or self.role in roles) and (
            not self.partner_ids or partner in self.partner_ids.ids
        )

    def _may_be_for(self, rule):
        """Whether the terms are for the party of a scheme's rule, or for some of its role."""
        self.ensure_one()
        return (not self.role or self.role == rule.role) and (
            not self.partner_ids or not rule.partner_id or rule.partner_id in self.partner_ids
        )

    def _default_terms(self, company):
        """Terms for everybody, made because there are none for a party."""
        words = self.with_context(lang=company.partner_id.lang)
        return self.sudo().create(
            {"name": words.env._("All parties"), "sequence": 1000, "company_id": company.id}
        )

    def _period(self):
        self.ensure_one()
        return Period(self.period)

    def _reserve(self):
        """What is kept, as ``core.statement.Reserve``; None: nothing."""
        self.ensure_one()
        rate: Fraction = exact(self.reserve_percent)
        return Reserve(rate, self.reserve_days) if rate else None
