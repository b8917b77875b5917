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


class Line(NamedTuple):
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


class _Part:
    """What a rule has come to, in parts of a fen; with the steps where somebody asks for them."""

    __slots__ = ("parts", "steps")

    def __init__(self, explain: bool) -> None:
        self.parts = 0
        self.steps: list[_Step] | None = [] if explain else None

    def add(self, why: Why, parts: int, *more, bucket: Bucket | None = None) -> None:
        self.parts += parts
        if self.steps is not None:
            self.steps.append(_Step(why, parts, *more, bucket=bucket))


_Parts = dict[int, _Part]  # by rule, in rule sequence


class Share(NamedTuple):
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
    parts, fen, shares = _split(order, scheme, explain=True)
    if scheme.freight != EVERYONE and order.freight:
        parts[scheme.freight].add(Why.FREIGHT, order.freight * scheme.scale)
    parties = (
        Party(rule, fen[rule], tuple(step.reason(scheme.scale) for step in part.steps or ()))
        for rule, part in parts.items()
    )
    return Split(sum(fen.values()), tuple(parties), tuple(shares))


def shares(order: Order, scheme: Scheme) -> list[Share]:
    """The shares of ``split`` alone, several times as fast.

    :raise ValueError: as ``split``
    """
    return _split(order, scheme, explain=False)[2]


def _split(
    order: Order, scheme: Scheme, explain: bool
) -> tuple[_Parts, dict[int, int], list[Share]]:
    _check(order)
    pots = _pots(order, scheme)
    whole = sum(pots.values())
    parts = {rule.id: _Part(explain) for rule in scheme.ordered}
    borne = _borne(order, scheme)
    _earn(parts, order, scheme, whole + sum(borne.values()))
    _bear(parts, borne, scheme)
    fen = _round(parts, whole, scheme.scale)
    shares = _spread(pots, fen)
    if scheme.freight != EVERYONE and order.freight:
        fen[scheme.freight] += order.freight
        shares.insert(0, Share(FREIGHT, scheme.freight, order.freight))
    return parts, fen, shares


def _check(order: Order) -> None:
    ids = {line.id for line in order.lines}
    if len(ids) < len(order.lines) or min(ids, default=1) <= FREIGHT:
        raise ValueError("each line needs an id of its own above 0")
    for line in order.lines:
        if min(line[1:]) < 0:
            raise ValueError(f"line {line.id} has a negative amount")
    if order.freight < 0:
        raise ValueError("freight must not be negative")


def _pots(order: Order, scheme: Scheme) -> dict[int, int]:
    """Fen to split by line: what the buyer paid and the discounts that come in from outside."""
    outside = scheme.outside
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


def _earn(parts: _Parts, order: Order, scheme: Scheme, gross: int) -> None:
    """What each rule gives as if nobody had to bear a discount, exactly."""
    scale = scheme.scale
    left = gross * scale
    bases = {
        "paid": left,
        "list": sum([line.list for line in order.lines]) * scale,
        "quantity": sum([line.quantity for line in order.lines]) * scale,
    }
    fees = sum(_take(_Part(False), rule, bases[base], left, scale) for rule, base in scheme.fees)
    bases["net"] = left - fees
    for rule, base in scheme.first:
        left -= _take(parts[rule.id], rule, bases[base], left, scale)
    rest = left
    for rule in scheme.second:
        left -= _take(parts[rule.id], rule, rest, left, scale)
    for rule in scheme.last:
        parts[rule.id].add(Why.REMAINDER, left)
        left = 0
    if left:
        raise ValueError(f"the scheme leaves {Fraction(left, scale)} fen to nobody")


def _take(part: _Part, rule: Rule, base: int, left: int, scale: int) -> int:
    """Parts of a fen that a rule gives of a base, as far as there is money left."""
    for tier, end in zip(rule.tiers, rule.ends, strict=True):
        size = (base if end is None else min(base, end * scale)) - tier.above * scale
        if size > 0:
            # exact: ``scale`` is a multiple of each denominator, and so is what rates apply to
            earned = size * tier.numerator // tier.denominator
            part.add(Why.RATE, earned, rule.basis, tier.rate, size)
    if part.parts < rule.minimum * scale:
        part.add(Why.MINIMUM, rule.minimum * scale - part.parts)
    if rule.maximum is not None and part.parts > rule.maximum * scale:
        part.add(Why.MAXIMUM, rule.maximum * scale - part.parts)
    if part.parts > left:
        part.add(Why.SHORT, left - part.parts)
    return part.parts


def _bear(parts: _Parts, borne: dict[Bucket, int], scheme: Scheme) -> None:
    """Take each discount off its bearer; off the remainder and then the last when it has less."""
    for bucket, fen in borne.items():
        bearer, open_parts = scheme.bearer(bucket), fen * scheme.scale
        lasts = sorted(scheme.ordered, key=lambda rule: rule in scheme.last)[::-1]
        for id in dict.fromkeys([bearer, *(rule.id for rule in lasts)]):
            taken = min(open_parts, parts[id].parts)
            if taken:
                why = Why.BEARS if id == bearer else Why.BEARS_FOR
                parts[id].add(why, -taken, bucket=bucket)
            open_parts -= taken


def _round(parts: _Parts, pot: int, scale: int) -> dict[int, int]:
    """Whole fen by the largest remainder; ``parts`` are in rule sequence, and so are ties."""
    fen = {id: part.parts // scale for id, part in parts.items()}
    odd = pot - sum(fen.values())
    if odd:
        for id in sorted(fen, key=lambda id: -(parts[id].parts % scale))[:odd]:
            fen[id] += 1
    for id, part in parts.items():
        if part.steps is not None and fen[id] * scale != part.parts:
            part.add(Why.ROUNDING, fen[id] * scale - part.parts)
    return fen


def _spread(pots: dict[int, int], fen: dict[int, int]) -> list[Share]:
    """The parties' totals over the lines.

    Each line is shared in proportion to what the parties still have to get, so that the last one
    finds exactly its own amount left.
    """
    open_fen = list(fen.values())
    shares: list[Share] = []
    for line in sorted(pots):
        got = open_fen if len(pots) == 1 else allocate(pots[line], open_fen)
        open_fen = [had - part for had, part in zip(open_fen, got, strict=True)]
        shares += [Share(line, rule, part) for rule, part in zip(fen, got, strict=True) if part]
    return shares
