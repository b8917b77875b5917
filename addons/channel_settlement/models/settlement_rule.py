from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.channel_network.core.money import to_fen

from ..core.choose import Role
from ..core.scheme import Basis, Bucket, Rule, Tier
from .settlement_scheme import KEPT, ROWS_GUARD

ROLES = [
    ("brand", "Brand"),
    ("dealer", "Dealer"),
    ("retailer", "Retailer"),
    ("host", "Host"),
    ("affiliate", "Affiliate"),
    ("colonel", "Colonel"),
    ("mcn", "MCN"),
    ("platform", "Platform"),
    ("other", "Other Partner"),
]
SETTLED_BY = [("us", "Us"), ("platform", "Platform"), ("channel", "Our Payment Channel")]


def exact(percent) -> Fraction:
    """A percent as it was entered, as an exact part of 1."""
    return Fraction(Decimal(str(round(percent, 4)))) / 100


class SettlementRule(models.Model):
    """The part of one party in a scheme: of what, how much, and who pays it out."""

    _name = "settlement.rule"
    _description = "Settlement Rule"
    _order = "scheme_id, sequence, id"
    _rec_name = "role"

    scheme_id = fields.Many2one("settlement.scheme", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="scheme_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(
        default=10, help="Who is served first when money is short, and who gets the odd fen."
    )
    role = fields.Selection(ROLES, "Party", required=True, default="host")
    partner_id = fields.Many2one(
        "res.partner", "Contact", ondelete="restrict", index="btree_not_null", check_company=True,
        help="Who it is, when it is none of the order's own parties.",
    )  # fmt: skip
    basis = fields.Selection(
        [
            ("paid", "What Is Paid"),
            ("net", "Paid Less Platform Fee"),
            ("list", "List Price"),
            ("quantity", "Units"),
            ("rest", "What Others Leave"),
            ("remainder", "All the Rest"),
        ],
        required=True,
        default="paid",
        help="What is paid: by the buyer, and by whoever bears a discount from outside.\n"
        "Paid less platform fee: the same after the rules of the platform.\n"
        "What others leave: after all rules on what is paid, list price and units.\n"
        "All the rest: what nobody else gets; one rule at most.",
    )
    percent = fields.Float(digits=(9, 4))
    per_unit = fields.Monetary(help="A fixed sum for each unit, gifts too.")
    tiered = fields.Boolean("In Tiers", help="Another rate for each part of the amount or units.")
    tier_ids = fields.One2many("settlement.tier", "rule_id", "Tiers", copy=True)
    minimum = fields.Monetary("At Least", help="For each order, as far as there is money.")
    maximum = fields.Monetary("At Most", help="For each order. 0: no limit.")
    bears_shop = fields.Boolean(
        "Bears Shop Discounts",
        help="The shop's discounts are taken off this party's part. Else they lower what is split.",
    )
    bears_platform = fields.Boolean(
        "Bears Platform Discounts",
        help="The platform's discounts are taken off this party's part. Else the platform pays"
        " them to us, and they are split.",
    )
    bears_talent = fields.Boolean(
        "Bears Talent Discounts",
        help="The talent's discounts are taken off this party's part. Else the platform collects"
        " them for us, and they are split.",
    )
    bears_payment = fields.Boolean(
        "Bears Payment Discounts",
        help="The payment channel's discounts are taken off this party's part. Else the channel"
        " pays them to us, and they are split.",
    )
    takes_freight = fields.Boolean("Gets the Freight", help="Else freight is split as the goods.")
    settled_by = fields.Selection(
        SETTLED_BY, required=True, default="us",
        help="Platform: it pays the party and deducts it from what it owes us; we pay nothing.\n"
        "Us: it is on the party's statement.\n"
        "Our payment channel: the payment is divided there by a split instruction.",
    )  # fmt: skip
    words = fields.Char("Gets", compute="_compute_words")

    _not_negative = models.Constraint(
        "CHECK (percent >= 0 AND per_unit >= 0 AND minimum >= 0 AND maximum >= 0)",
        "Percents and amounts of a rule are zero or more.",
    )
    _named = models.Constraint(
        "CHECK ((role = 'other') = (partner_id IS NOT NULL))",
        "Choose the contact of an other partner; the order's own parties are found by the order.",
    )
    _own = models.Constraint(
        "CHECK (role <> 'brand' OR settled_by = 'us')",
        "What the brand gets stays with us: nobody else settles it.",
    )

    def init(self):
        guard = ROWS_GUARD.format(
            table=self._table, key="scheme_id", ours="s.id", join="", kept=KEPT
        )
        self.env.cr.execute(guard)  # pylint: disable=sql-injection

    @api.depends(
        "basis", "percent", "per_unit", "tiered", "minimum", "maximum", "tier_ids.percent",
        "tier_ids.per_unit", "tier_ids.above_amount", "tier_ids.above_units",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_words(self):
        words = self.env["settlement.words"]
        for rule in self:
            try:
                rule.words = words._of_rule(rule)
            except ValueError:
                rule.words = False  # half entered

    @api.onchange("role")
    def _onchange_role(self):
        if self.role != "other":
            self.partner_id = False
        if self.role == "brand":
            self.settled_by = "us"
        elif self.role == "platform":
            self.settled_by = "platform"

    @api.constrains("per_unit", "minimum", "maximum")
    def _check_fen(self):
        for rule in self:
            for amount in (rule.per_unit, rule.minimum, rule.maximum):
                try:
                    to_fen(amount)
                except ValueError as error:
                    raise ValidationError(
                        self.env._("Amounts are whole fen: two decimals at most.")
                    ) from error

    def _label(self):
        """The party in words: the named contact, or the role."""
        self.ensure_one()
        if self.partner_id:
            return self.partner_id.name
        return dict(self._fields["role"]._description_selection(self.env))[self.role]

    def _role(self):
        """The rule's party (``core.choose.Role``)."""
        self.ensure_one()
        return Role(self.id, self.role, self.settled_by, self.partner_id.id or None)

    def _rule(self, id):
        """The rule as the core counts with it (``core.scheme.Rule``), under a number."""
        self.ensure_one()
        basis = Basis(self.basis)
        tiers = ()
        if basis is not Basis.REMAINDER:
            tiers = self._tiers(basis) if self.tiered else (Tier(0, self._rate(basis, self)),)
        capped = basis is not Basis.REMAINDER
        return Rule(
            id=id,
            sequence=self.sequence,
            basis=basis,
            tiers=tiers,
            minimum=to_fen(self.minimum) if capped else 0,
            maximum=to_fen(self.maximum) if capped and self.maximum else None,
            fee=self.role == "platform",
        )

    def _tiers(self, basis):
        found = [
            Tier(
                tier.above_units if basis is Basis.QUANTITY else to_fen(tier.above_amount),
                self._rate(basis, tier),
            )
            for tier in self.tier_ids
        ]
        return tuple(sorted(found, key=lambda tier: tier.above))

    @staticmethod
    def _rate(basis, source):
        """Part of 1, or fen a unit, exactly; of a rule or a tier."""
        if basis is Basis.QUANTITY:
            return Fraction(to_fen(source.per_unit))
        return exact(source.percent)

    def _bears(self):
        """The discounts that the party bears."""
        self.ensure_one()
        return [bucket for bucket in Bucket if self[f"bears_{bucket.value}"]]
