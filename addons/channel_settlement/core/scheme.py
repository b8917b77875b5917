"""The terms of a split: who earns what part of an order. Amounts are whole fen, rates exact.

A rule takes a part of a basis. Its tiers are progressive: each part of the basis counts at the rate
of the tier it lies in, so that one fen more never costs anybody the difference of two tiers. A
percent or a fixed amount per unit is one tier (decision 0015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from functools import cached_property
from math import lcm

EVERYONE = 0  # a discount lowers what is split; freight is split like the goods
OUTSIDE = -1  # who gives the discount pays it to us: it is split like what the buyer paid


class Basis(str, Enum):
    """What a rate is applied to, summed over the order."""

    PAID = "paid"  # what is split, before anybody bears a discount
    NET = "net"  # the same less what the platform keeps (``Rule.fee``)
    LIST = "list"  # list price of the goods
    QUANTITY = "quantity"  # units, gifts too; the rate is fen per unit
    REST = "rest"  # what the rules on the bases above leave
    REMAINDER = "remainder"  # all that every other rule leaves; no rate

    @property
    def is_money(self) -> bool:
        """Whether it is a sum of the order: percents of these are taken from the same money."""
        return self in (Basis.PAID, Basis.NET, Basis.LIST)


class Bucket(str, Enum):
    """A discount by who granted it."""

    SHOP = "shop"
    PLATFORM = "platform"
    TALENT = "talent"
    PAYMENT = "payment"


BEARERS: Mapping[Bucket, int] = {
    Bucket.SHOP: EVERYONE,
    Bucket.PLATFORM: OUTSIDE,
    Bucket.TALENT: OUTSIDE,
    Bucket.PAYMENT: OUTSIDE,
}


@dataclass(frozen=True)
class Tier:
    """``rate`` for the part of the basis above ``above`` up to the next tier."""

    above: int
    rate: Fraction

    @cached_property
    def numerator(self) -> int:
        return self.rate.numerator

    @cached_property
    def denominator(self) -> int:
        return self.rate.denominator


@dataclass(frozen=True)
class Rule:
    """The part of one party.

    :ivar id: above 0
    :ivar sequence: who is served first when money is short, and who gets the odd fen
    :ivar minimum: fen of an order, as far as there is money
    :ivar fee: it is the platform's own, and lowers ``Basis.NET`` of the others
    """

    id: int
    sequence: int
    basis: Basis
    tiers: tuple[Tier, ...] = ()
    minimum: int = 0
    maximum: int | None = None
    fee: bool = False

    @cached_property
    def ends(self) -> tuple[int | None, ...]:
        """Where each tier ends; the last never does."""
        return (*(tier.above for tier in self.tiers[1:]), None) if self.tiers else ()


@dataclass(frozen=True)
class Scheme:
    """Rules, and who bears what.

    :ivar bearers: rule id, ``EVERYONE`` or ``OUTSIDE`` for each bucket; one left out as in ``BEARERS``
    :ivar freight: id of the rule whose party gets all freight, or ``EVERYONE``
    """

    rules: tuple[Rule, ...]
    bearers: Mapping[Bucket, int] = field(default_factory=dict)
    freight: int = EVERYONE

    def bearer(self, bucket: Bucket) -> int:
        return self.bearers.get(bucket, BEARERS[bucket])

    @cached_property
    def ordered(self) -> tuple[Rule, ...]:
        return tuple(sorted(self.rules, key=lambda rule: (rule.sequence, rule.id)))

    # What a split asks for again and again, in plain words: asking an Enum is slow.

    @cached_property
    def first(self) -> tuple[tuple[Rule, str], ...]:
        """The rules of the first round, each with the name of its basis."""
        later = (Basis.REST, Basis.REMAINDER)
        return tuple((rule, rule.basis.value) for rule in self.ordered if rule.basis not in later)

    @cached_property
    def second(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.ordered if rule.basis is Basis.REST)

    @cached_property
    def last(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.ordered if rule.basis is Basis.REMAINDER)

    @cached_property
    def fees(self) -> tuple[tuple[Rule, str], ...]:
        """What lowers the net amount; empty when nobody asks for it."""
        if all(name != "net" for _rule, name in self.first):
            return ()
        return tuple((rule, name) for rule, name in self.first if rule.fee)

    @cached_property
    def scale(self) -> int:
        """Into how many parts a fen is cut, so that every amount of a split is a whole number.

        What is left after a fee, or by the rates before, is cut already when a rate is applied.
        """
        parts = lcm(*(tier.rate.denominator for rule in self.rules for tier in rule.tiers))
        return parts ** (1 + bool(self.fees) + bool(self.second))

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """Names of the discounts that come in as money."""
        return tuple(bucket.value for bucket in Bucket if self.bearer(bucket) == OUTSIDE)

    @cached_property
    def borne(self) -> tuple[Bucket, ...]:
        """Discounts that a party of the scheme bears."""
        return tuple(bucket for bucket in Bucket if self.bearer(bucket) not in (EVERYONE, OUTSIDE))


def with_rates(scheme: Scheme, rates: Mapping[int, Fraction]) -> Scheme:
    """The same scheme with a plain percent for some rules, by id: what a contract says."""
    rules = (
        replace(rule, tiers=(Tier(0, rates[rule.id]),)) if rule.id in rates else rule
        for rule in scheme.rules
    )
    return replace(scheme, rules=tuple(rules))


def percent(id: int, rate: Fraction, basis: Basis = Basis.PAID, **more) -> Rule:
    """A rule of one rate, ``rate`` 0 to 1; its sequence is its id."""
    return Rule(id, id, basis, (Tier(0, Fraction(rate)),), **more)


def per_unit(id: int, fen: int, **more) -> Rule:
    """A rule of a fixed amount for each unit."""
    return percent(id, Fraction(fen), Basis.QUANTITY, **more)


def remainder(id: int) -> Rule:
    """The rule that takes what all others leave."""
    return Rule(id, id, Basis.REMAINDER)
