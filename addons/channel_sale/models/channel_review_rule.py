from odoo import api, fields, models

from odoo.addons.channel_network.core.money import to_fen

from ..core.review import MILLI, Kind, Outcome, Rule, Together

KINDS = [
    ("member", "Member suspended"),
    ("contract", "No contract in force"),
    ("assortment", "Not in the assortment"),
    ("overdue", "Overdue"),
    ("deposit", "Deposit short"),
    ("amount", "Amount limit"),
    ("quantity", "Minimum quantity"),
    ("pack", "Pack size"),
    ("price", "Price outside the band"),
    ("stock", "Short of stock"),
    ("frequency", "Too many orders"),
]
# What a company starts with, in this order. Limits that every brand sets for itself are switched
# off until it does.
DEFAULTS = [
    {"kind": "member", "outcome": "refuse"},
    {"kind": "contract", "outcome": "hold"},
    {"kind": "assortment", "outcome": "hold"},
    {"kind": "overdue", "outcome": "hold"},
    {"kind": "deposit", "outcome": "hold"},
    {"kind": "stock", "outcome": "hold"},
    {"kind": "price", "outcome": "hold", "percent": 100, "active": False},
    {"kind": "quantity", "outcome": "hold", "quantity": 1, "active": False},
    {"kind": "pack", "outcome": "hold", "quantity": 1, "active": False},
    {"kind": "amount", "outcome": "hold", "together": "order", "active": False},
    {"kind": "frequency", "outcome": "hold", "count": 3, "days": 1, "active": False},
]


class ChannelReviewRule(models.Model):
    """What a dealer order must meet before it is confirmed, and what happens when it does not."""

    _name = "channel.review.rule"
    _description = "Review Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(translate=True, help="Empty: named after what it looks for.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        KINDS,
        "Looks for",
        required=True,
        help="Overdue and deposit: nobody can decide against these; the order waits until the"
        " money is there. Not in the assortment: as of today, and only once the company has an"
        " assortment.",
    )
    outcome = fields.Selection(
        [("pass", "Remark Only"), ("hold", "A Person Decides"), ("refuse", "Refuse")],
        "If It Fails",
        required=True,
        default="hold",
        help="Remark only: the order is confirmed all the same. A person decides: the order waits"
        " for a sales manager. Refuse: nobody can approve it as it is.",
    )
    text = fields.Char(
        "Words for the Dealer", translate=True, help="Told with the reason when the rule fails."
    )
    member_ids = fields.Many2many(
        "channel.member", string="Members", check_company=True, help="Empty: all members."
    )
    grade_ids = fields.Many2many("channel.member.grade", string="Grades", help="Empty: all grades.")
    category_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Only lines of these categories and those below. Empty: all.",
    )
    brand_ids = fields.Many2many(
        "channel.brand",
        string="Product Brands",
        help="Only lines of these brands. Empty: all. With categories: lines that fit both.",
    )
    amount_from = fields.Monetary("Orders from", help="Only orders of this amount or more.")
    amount_to = fields.Monetary("Orders up to", help="0: no limit.")
    together = fields.Selection(
        [
            ("line", "Each Line by Itself"),
            ("category", "Lines of a Category"),
            ("brand", "Lines of a Brand"),
            ("warehouse", "Lines of a Warehouse"),
            ("order", "Whole Order"),
        ],
        "Pass or Fail Together",
        required=True,
        default="line",
        help="When one line fails, these fail with it. Quantities and amounts are added up over"
        " them.",
    )
    quantity = fields.Float(
        digits="Product Unit", default=1, help="Least quantity, or the size of a pack."
    )
    amount_min = fields.Monetary("Least Amount")
    amount_max = fields.Monetary("Greatest Amount", help="0: no limit.")
    percent = fields.Integer(
        "% of the Lowest Price",
        default=100,
        help="A dealer's price is at least so much of the band's lowest price, tax included.",
    )
    count = fields.Integer("Orders", default=1, help="Not more than so many orders …")
    days = fields.Integer(default=1, help="… in so many days, today included.")

    _amounts_check = models.Constraint(
        "CHECK (amount_from >= 0 AND amount_to >= 0 AND amount_min >= 0 AND amount_max >= 0"
        " AND (amount_to = 0 OR amount_to >= amount_from)"
        " AND (amount_max = 0 OR amount_max >= amount_min))",
        "Amounts are 0 or more, and an upper limit is not below the lower one.",
    )
    _numbers_check = models.Constraint(
        "CHECK (quantity > 0 AND percent >= 0 AND count > 0 AND days BETWEEN 1 AND 366)",
        "Quantity, orders and days are above 0, days at most 366, the percentage is 0 or more.",
    )

    @api.depends("name", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for rule in self:
            rule.display_name = rule.name or kinds.get(rule.kind)

    @api.model
    def _create_missing(self, companies=None):
        """Give companies (default: all) that have no rules yet the usual ones."""
        companies = companies or self.env["res.company"].sudo().search([])
        known = self.sudo().with_context(active_test=False)
        having = known.search([("company_id", "in", companies.ids)]).company_id
        self.sudo().create(
            [
                {"company_id": company.id, "sequence": 10 * place, **values}
                for company in companies - having
                for place, values in enumerate(DEFAULTS, 1)
            ]
        )

    @api.model
    def _of_companies(self, companies):
        """Active rules in their sequence: {company id: [core.review.Rule]}."""
        found = {company.id: [] for company in companies}
        for rule in self.sudo().search([("company_id", "in", companies.ids)]):
            found[rule.company_id.id].append(rule._to_core())
        return found

    def _to_core(self):
        """The rule as the pure review wants it: fen, thousandths, ids."""
        kind = Kind(self.kind)
        quantity = round(self.quantity * MILLI)
        return Rule(
            id=self.id,
            kind=kind,
            outcome=Outcome(self.outcome),
            members=frozenset(self.member_ids.ids),
            grades=frozenset(self.grade_ids.ids),
            categories=frozenset(self.category_ids.ids),
            brands=frozenset(self.brand_ids.ids),
            amount_from=to_fen(self.amount_from),
            amount_to=to_fen(self.amount_to),
            together=Together(self.together),
            least=to_fen(self.amount_min) if kind is Kind.AMOUNT else quantity,
            most=self.count if kind is Kind.FREQUENCY else to_fen(self.amount_max),
            percent=self.percent,
            days=self.days,
        )
