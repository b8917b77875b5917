"""What each party gets of an order, in whole fen, and why.

Amounts are exact until the end: whole numbers of the scheme's smallest part of a fen
(``Scheme.scale``); then the largest remainder, equal ones by rule sequence.
A party's total is made for the order (so are minimum, maximum and tiers) and then spread over the
lines: lines and parties both add up to the fen. Nothing depends on the order of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from odoo.addons.channel_network.core.money import allocate

from .scheme import EVERYONE, Basis, Bucket, Rule, Scheme

FREIGHT = 0  # line id of the freight


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order, fen of all its units; a gift is a line with nothing paid.

    :ivar id: above 0
    """

    id: int
    quantity: int
    list: int = 0
    paid: int = 0
    shop: int = 0
    platform: int = 0
    talent: int = 0
    payment: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """The lines of an order under one scheme, and the freight that the buyer paid."""

    lines: tuple[Line, ...]
    freight: int = 0


class Why(str, Enum):
    """What a reason says about an amount."""

    RATE = "rate"  # rate x part of a basis
    MINIMUM = "minimum"  # raised to the minimum
    MAXIMUM = "maximum"  # lowered to the maximum
    SHORT = "short"  # lowered to what was left
    REMAINDER = "remainder"  # what the others leave
    BEARS = "bears"  # bears a discount
    BEARS_FOR = "bears_for"  # bears what the one who should cannot
    FREIGHT = "freight"  # gets the freight
    ROUNDING = "rounding"  # to whole fen


@dataclass(frozen=True, slots=True)
class Reason:
    """A step to a party's amount; the ``fen`` of all its reasons add up to what it gets.

    :ivar of: for ``RATE`` the fen or units that ``rate`` applies to
    """

    why: Why
    fen: Fraction
    basis: Basis | None = None
    rate: Fraction | None = None
    of: Fraction | None = None
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """What the party of a rule gets of the order."""

    rule: int
    fen: int
    reasons: tuple[Reason, ...]


class _Step(NamedTuple):
    """A ``Reason`` in parts of a fen."""

    why: Why
    parts: int
    basis: Basis | None = None
    rate: Fraction | None = None
    of: int | None = None
    bucket: Bucket | None = None

    def reason(self, scale: int) -> Reason:
        of = None if self.of is None else Fraction(self.of, scale)
        parts = Fraction(self.parts, scale)
        return Reason(self.why, parts, self.basis, self.rate, of, self.bucket)


_Steps = dict[int, list[_Step]]  # by rule, in rule sequence


@dataclass(frozen=True, slots=True)
class Share:
    """Fen of a line (``FREIGHT``: of the freight) for the party of a rule; never 0."""

    line: int
    rule: int
    fen: int


@dataclass(frozen=True, slots=True)
class Split:
    """Parties by rule sequence, shares by line and rule sequence; both sum to ``total``."""

    total: int
    parties: tuple[Party, ...]
    shares: tuple[Share, ...]


def split(order: Order, scheme: Scheme) -> Split:
    """Split what an order brings, and tell how each amount came about.

    :raise ValueError: a negative amount, a line twice, or a scheme that leaves money to nobody
        (``validate.problems`` says so before)
    """
    steps, fen, shares = _split(order, scheme)
    if scheme.freight != EVERYONE and order.freight:
        steps[scheme.freight].append(_Step(Why.FREIGHT, order.freight * scheme.scale))
    parties = (
        Party(rule, fen[rule], tuple(step.reason(scheme.scale) for step in steps[rule]))
        for rule in steps
    )
    return Split(sum(fen.values()), tuple(parties), tuple(shares))


def shares(order: Order, scheme: Scheme) -> list[Share]:
    """The shares of ``split`` alone, several times as fast.

    :raise ValueError: as ``split``
    """
    return _split(order, scheme)[2]


def _split(order: Order, scheme: Scheme) -> tuple[_Steps, dict[int, int], list[Share]]:
    _check(order)
    pots = _pots(order, scheme)
    whole = sum(pots.values())
    steps = _earned(order, scheme, whole)
    _bear(steps, order, scheme)
    fen = _round(steps, whole, scheme.scale)
    shares = _spread(pots, fen)
    if scheme.freight != EVERYONE and order.freight:
        fen[scheme.freight] += order.freight
        shares.insert(0, Share(FREIGHT, scheme.freight, order.freight))
    return steps, fen, shares


def _check(order: Order) -> None:
    ids = {line.id for line in order.lines}
    if len(ids) < len(order.lines) or min(ids, default=1) <= FREIGHT:
        raise ValueError("each line needs an id of its own above 0")
    for line in order.lines:
        if (
            min(
                line.quantity, line.list, line.paid, line.shop, line.platform, line.talent,
                line.payment,
            )
            < 0
        ):  # fmt: skip
            raise ValueError(f"line {line.id} has a negative amount")
    if order.freight < 0:
        raise ValueError("freight must not be negative")


def _pots(order: Order, scheme: Scheme) -> dict[int, int]:
    """Fen to split by line: what the buyer paid and the discounts that come in from outside."""
    outside = [bucket.value for bucket in scheme.outside]
    pots = {
        line.id: line.paid + sum([getattr(line, bucket) for bucket in outside])
        for line in order.lines
    }
    if scheme.freight == EVERYONE and order.freight:
        pots[FREIGHT] = order.freight
    return pots


def _borne(order: Order, scheme: Scheme) -> dict[Bucket, int]:
    """Fen of the discounts that a party of the scheme bears."""
    return {
        bucket: sum([getattr(line, bucket.value) for line in order.lines])
        for bucket in scheme.borne
    }


def _earned(order: Order, scheme: Scheme, pot: int) -> _Steps:
    """What each rule gives as if nobody had to bear a discount, exactly."""
    gross = pot + sum(_borne(order, scheme).values())
    scale = scheme.scale
    left = gross * scale
    bases = {
        Basis.PAID: left,
        Basis.LIST: sum([line.list for line in order.lines]) * scale,
        Basis.QUANTITY: sum([line.quantity for line in order.lines]) * scale,
    }
    fees = [_take(rule, bases[rule.basis], left, scale) for rule in scheme.fees]
    bases[Basis.NET] = left - sum(map(_sum, fees))
    steps: _Steps = {rule.id: [] for rule in scheme.ordered}
    for rule in scheme.ordered:
        if rule.basis in bases:
            steps[rule.id] = _take(rule, bases[rule.basis], left, scale)
            left -= _sum(steps[rule.id])
    rest = left
    for rule in scheme.ordered:
        if rule.basis is Basis.REST:
            steps[rule.id] = _take(rule, rest, left, scale)
            left -= _sum(steps[rule.id])
    for rule in scheme.ordered:
        if rule.basis is Basis.REMAINDER:
            steps[rule.id] = [_Step(Why.REMAINDER, left)]
            left = 0
    if left:
        raise ValueError(f"the scheme leaves {Fraction(left, scale)} fen to nobody")
    return steps


def _take(rule: Rule, base: int, left: int, scale: int) -> list[_Step]:
    steps: list[_Step] = []
    amount = 0
    for tier, end in zip(rule.tiers, rule.ends, strict=True):
        part = (base if end is None else min(base, end * scale)) - tier.above * scale
        if part > 0:
            # exact: ``scale`` is a multiple of each denominator, and so is what rates apply to
            earned = part * tier.numerator // tier.denominator
            steps.append(_Step(Why.RATE, earned, rule.basis, tier.rate, part))
            amount += earned
    if amount < rule.minimum * scale:
        steps.append(_Step(Why.MINIMUM, rule.minimum * scale - amount))
        amount = rule.minimum * scale
    if rule.maximum is not None and amount > rule.maximum * scale:
        steps.append(_Step(Why.MAXIMUM, rule.maximum * scale - amount))
        amount = rule.maximum * scale
    if amount > left:
        steps.append(_Step(Why.SHORT, left - amount))
    return steps


def _bear(steps: _Steps, order: Order, scheme: Scheme) -> None:
    """Take each discount off its bearer; off the remainder and then the last when it has less."""
    if not scheme.borne:
        return
    lasts = sorted(scheme.ordered, key=lambda rule: rule.basis is Basis.REMAINDER)[::-1]
    for bucket, fen in _borne(order, scheme).items():
        bearer, parts = scheme.bearer(bucket), fen * scheme.scale
        for id in dict.fromkeys([bearer, *(rule.id for rule in lasts)]):
            part = min(parts, _sum(steps[id]))
            if part:
                why = Why.BEARS if id == bearer else Why.BEARS_FOR
                steps[id].append(_Step(why, -part, bucket=bucket))
            parts -= part


def _round(steps: _Steps, pot: int, scale: int) -> dict[int, int]:
    """Whole fen by the largest remainder; ``steps`` are in rule sequence, and so are ties."""
    exact = {id: _sum(each) for id, each in steps.items()}
    fen = {id: parts // scale for id, parts in exact.items()}
    odd = pot - sum(fen.values())
    if odd:
        for id in sorted(exact, key=lambda id: fen[id] * scale - exact[id])[:odd]:
            fen[id] += 1
    for id, parts in exact.items():
        if fen[id] * scale != parts:
            steps[id].append(_Step(Why.ROUNDING, fen[id] * scale - parts))
    return fen


def _spread(pots: dict[int, int], fen: dict[int, int]) -> list[Share]:
    """The parties' totals over the lines.

    Each line is shared in proportion to what the parties still have to get, so that the last one
    finds exactly its own amount left.
    """
    open_fen = list(fen.values())
    shares: list[Share] = []
    for line in sorted(pots):
        parts = open_fen if len(pots) == 1 else allocate(pots[line], open_fen)
        open_fen = [had - part for had, part in zip(open_fen, parts, strict=True)]
        shares += [Share(line, rule, part) for rule, part in zip(fen, parts, strict=True) if part]
    return shares


def _sum(steps: list[_Step]) -> int:
    return sum([step.parts for step in steps])
