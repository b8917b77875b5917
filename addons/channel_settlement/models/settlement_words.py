from decimal import Decimal
from fractions import Fraction

from odoo import api, models
from odoo.tools import format_amount

from odoo.addons.channel_network.core.money import from_fen

from ..core.scheme import Basis, Bucket
from ..core.split import Why
from ..core.validate import Wrong


class SettlementWords(models.AbstractModel):
    """Rules, their mistakes and the steps to an amount, in the user's language."""

    _name = "settlement.words"
    _description = "Settlement in Words"

    @api.model
    def _of_rule(self, rule):
        """What a rule gives: ``20 % of what is paid, at most 50.00``.

        :raise ValueError: an amount that is no whole number of fen
        """
        basis = Basis(rule.basis)
        name = self._basis(basis)
        if basis is Basis.REMAINDER:
            return name
        core = rule._rule(1)
        if not rule.tiered:
            text = self._rate(core.tiers[0].rate, basis)
            if basis is not Basis.QUANTITY:
                text = self.env._("%(percent)s of %(basis)s", percent=text, basis=name)
        else:
            text = self.env._(
                "%(basis)s in tiers: %(tiers)s",
                basis=name,
                tiers=", ".join(
                    self.env._(
                        "above %(start)s %(rate)s",
                        start=self._start(tier.above, basis),
                        rate=self._rate(tier.rate, basis),
                    )
                    for tier in core.tiers
                ),
            )
        if core.minimum:
            text = self.env._(
                "%(terms)s, at least %(amount)s", terms=text, amount=self._yuan(core.minimum)
            )
        if core.maximum is not None:
            text = self.env._(
                "%(terms)s, at most %(amount)s", terms=text, amount=self._yuan(core.maximum)
            )
        return text

    @api.model
    def _of_reason(self, reason):
        """A step to an amount (``core.split.Reason``) in words; its amount stands beside it."""
        if reason.why is Why.RATE:
            if reason.basis is Basis.QUANTITY:
                return self.env._(
                    "%(units)s units at %(amount)s",
                    units=self._number(reason.of), amount=self._yuan(reason.rate),
                )  # fmt: skip
            return self.env._(
                "%(percent)s of %(amount)s (%(basis)s)",
                percent=self._percent(reason.rate),
                amount=self._yuan(reason.of),
                basis=self._basis(reason.basis),
            )
        if reason.why in (Why.BEARS, Why.BEARS_FOR):
            return self._bears(reason)
        return {
            Why.MINIMUM: self.env._("raised to the minimum"),
            Why.MAXIMUM: self.env._("lowered to the maximum"),
            Why.SHORT: self.env._("lowered to what the parties before leave"),
            Why.REMAINDER: self.env._("what all others leave"),
            Why.FREIGHT: self.env._("the freight"),
            Why.ROUNDING: self.env._("rounded to whole fen; odd fen go to the largest fractions"),
        }[reason.why]

    def _bears(self, reason):
        bucket = self._bucket(reason.bucket)
        if reason.why is Why.BEARS:
            return self.env._("bears %s", bucket)
        return self.env._("bears %s, as the party that should has no more", bucket)

    @api.model
    def _of_problem(self, problem, rules):
        """A mistake in a scheme (``core.validate.Problem``), and what to do.

        :param rules: {number in the problem: rule}
        """
        who = ", ".join(
            dict.fromkeys(rules[number]._label() for number in problem.rules if number in rules)
        )
        if problem.wrong is Wrong.OVER:
            return self.env._(
                "%(parties)s get %(percent)s of the order's money together: more than there is."
                " Lower the percents to 100 %% or less.",
                parties=who, percent=self._percent(problem.rate),
            )  # fmt: skip
        if problem.wrong is Wrong.OVER_REST:
            return self.env._(
                "%(parties)s get %(percent)s of what others leave: more than there is. Lower the"
                " percents to 100 %% or less.",
                parties=who, percent=self._percent(problem.rate),
            )  # fmt: skip
        return {
            Wrong.EMPTY: self.env._("Add at least one party."),
            Wrong.TWICE: self.env._("The same rule stands twice: remove one."),
            Wrong.REMAINDERS: self.env._("%s all get the rest: only one of them can.", who),
            Wrong.UNSHARED: self.env._(
                "Some money would belong to nobody. Add a party that gets all the rest, for example"
                " the brand."
            ),
            Wrong.TIERS: self.env._(
                "The tiers of %s do not fit: the first starts at 0, each other one at a start of"
                " its own.",
                who,
            ),
            Wrong.CAPS: self.env._(
                "%s get at least more than at most: raise the maximum or lower the minimum.", who
            ),
            Wrong.REMAINDER_TERMS: self.env._(
                "%s get all the rest, so there is no minimum or maximum for them.", who
            ),
            Wrong.FEE: self.env._(
                "What the platform gets is known before all others: choose what is paid, list price"
                " or units for it."
            ),
            Wrong.BEARER: self.env._("A discount is borne by a party that is not there."),
        }[problem.wrong]

    @api.model
    def _of_two(self, rules, bucket=None):
        """More than one rule bears a discount, or gets the freight."""
        parties = ", ".join(rule._label() for rule in rules)
        if bucket is None:
            return self.env._("%s all get the freight: choose one of them.", parties)
        return self.env._(
            "%(parties)s all bear %(discount)s: choose one of them.",
            parties=parties, discount=self._bucket(bucket),
        )  # fmt: skip

    def _basis(self, basis):
        return {
            Basis.PAID: self.env._("what is paid"),
            Basis.NET: self.env._("paid less platform fee"),
            Basis.LIST: self.env._("the list price"),
            Basis.QUANTITY: self.env._("units"),
            Basis.REST: self.env._("what others leave"),
            Basis.REMAINDER: self.env._("all the rest"),
        }[basis]

    def _bucket(self, bucket):
        return {
            Bucket.SHOP: self.env._("the shop's discounts"),
            Bucket.PLATFORM: self.env._("the platform's discounts"),
            Bucket.TALENT: self.env._("the talent's discounts"),
            Bucket.PAYMENT: self.env._("the payment discounts"),
        }[bucket]

    def _rate(self, rate, basis):
        if basis is Basis.QUANTITY:
            return self.env._("%s a unit", self._yuan(rate))
        return self._percent(rate)

    def _start(self, above, basis):
        return str(above) if basis is Basis.QUANTITY else self._yuan(above)

    def _percent(self, rate):
        return f"{self._number(rate * 100)} %"

    def _yuan(self, fen):
        """Fen as money; a part of a fen with the decimals it needs."""
        fen = Fraction(fen)
        if fen.denominator == 1:
            return format_amount(self.env, float(from_fen(int(fen))), self.env.company.currency_id)
        return f"¥ {self._decimal(fen / 100)}"

    @staticmethod
    def _number(value):
        """A fraction as short as it can be shown, four decimals at most."""
        return str(SettlementWords._decimal(value)).rstrip("0").rstrip(".")

    @staticmethod
    def _decimal(value):
        """A fraction with four decimals."""
        return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.0001"))
