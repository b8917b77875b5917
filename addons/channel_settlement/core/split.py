"""What each party gets of an order, in whole fen, and why.

Amounts are exact rationals until the end; then the largest remainder, equal ones by rule sequence.
A party's total is made for the order (so are minimum, maximum and tiers) and then spread over the
lines: lines and parties both add up to the fen. Nothing depends on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from odoo.addons.channel_network.core.money import allocate

from .scheme import EVERYONE, OUTSIDE, Basis, Bucket, Rule, Scheme

FREIGHT = 0  # line id of the freight


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order, fen of all its units; a gift is a line with nothing paid.

    :ivar id: above 0
    :ivar fee: what the platform keeps for itself
    """

    id: int
    quantity: int
    list: int = 0
    paid: int = 0
    shop: int = 0
    platform: int = 0
    talent: int = 0
    payment: int = 0
    fee: int = 0


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
    """Split what an order brings.

    :raise ValueError: a negative amount, a line twice, or a scheme that leaves money to nobody
        (``validate.problems`` says so before)
    """
    _check(order)
    rules = scheme.ordered
    pots = _pots(order, scheme)
    reasons = _earned(order, scheme, sum(pots.values()))
    _bear(reasons, order, scheme)
    fen = _round(reasons, sum(pots.values()))
    shares = _spread(pots, [rule.id for rule in rules], fen)
    if scheme.freight != EVERYONE and order.freight:
        reasons[scheme.freight].append(Reason(Why.FREIGHT, Fraction(order.freight)))
        fen[scheme.freight] += order.freight
        shares.insert(0, Share(FREIGHT, scheme.freight, order.freight))
    parties = (Party(rule.id, fen[rule.id], tuple(reasons[rule.id])) for rule in rules)
    return Split(sum(fen.values()), tuple(parties), tuple(shares))


def _check(order: Order) -> None:
    ids = {line.id for line in order.lines}
    if len(ids) < len(order.lines) or min(ids, default=1) <= FREIGHT:
        raise ValueError("each line needs an id of its own above 0")
    for line in order.lines:
        if min(line.quantity, line.list, line.paid, line.fee, *_discounts(line)) < 0:
            raise ValueError(f"line {line.id} has a negative amount")
    if order.freight < 0:
        raise ValueError("freight must not be negative")


def _discounts(line: Line) -> tuple[int, ...]:
    return tuple(getattr(line, bucket.value) for bucket in Bucket)


def _pots(order: Order, scheme: Scheme) -> dict[int, int]:
    """Fen to split by line: what the buyer paid and the discounts that come in from outside."""
    outside = [bucket for bucket in Bucket if scheme.bearer(bucket) == OUTSIDE]
    pots = {
        line.id: line.paid + sum(getattr(line, bucket.value) for bucket in outside)
        for line in order.lines
    }
    if scheme.freight == EVERYONE:
        pots[FREIGHT] = order.freight
    return pots


def _borne(order: Order, scheme: Scheme) -> dict[Bucket, int]:
    """Fen of the discounts that a party of the scheme bears."""
    return {
        bucket: sum(getattr(line, bucket.value) for line in order.lines)
        for bucket in Bucket
        if scheme.bearer(bucket) not in (EVERYONE, OUTSIDE)
    }


def _earned(order: Order, scheme: Scheme, pot: int) -> dict[int, list[Reason]]:
    """What each rule gives as if nobody had to bear a discount, exactly."""
    gross = pot + sum(_borne(order, scheme).values())
    bases = {
        Basis.PAID: gross,
        Basis.NET: gross - sum(line.fee for line in order.lines),
        Basis.LIST: sum(line.list for line in order.lines),
        Basis.QUANTITY: sum(line.quantity for line in order.lines),
    }
    reasons: dict[int, list[Reason]] = {rule.id: [] for rule in scheme.ordered}
    left = Fraction(gross)
    for rule in scheme.ordered:
        if rule.basis in bases:
            reasons[rule.id] = _take(rule, Fraction(bases[rule.basis]), left)
            left -= _sum(reasons[rule.id])
    rest = left
    for rule in scheme.ordered:
        if rule.basis is Basis.REST:
            reasons[rule.id] = _take(rule, rest, left)
            left -= _sum(reasons[rule.id])
    for rule in scheme.ordered:
        if rule.basis is Basis.REMAINDER:
            reasons[rule.id] = [Reason(Why.REMAINDER, left)]
            left = Fraction(0)
    if left:
        raise ValueError(f"the scheme leaves {left} fen to nobody")
    return reasons


def _take(rule: Rule, base: Fraction, left: Fraction) -> list[Reason]:
    steps: list[Reason] = []
    ends: Sequence[int | Fraction] = [tier.above for tier in rule.tiers[1:]] + [base]
    for tier, end in zip(rule.tiers, ends, strict=True):
        part = min(base, end) - tier.above
        if part > 0:
            steps.append(Reason(Why.RATE, tier.rate * part, rule.basis, tier.rate, part))
    amount = _sum(steps)
    if amount < rule.minimum:
        steps.append(Reason(Why.MINIMUM, rule.minimum - amount))
        amount = Fraction(rule.minimum)
    if rule.maximum is not None and amount > rule.maximum:
        steps.append(Reason(Why.MAXIMUM, rule.maximum - amount))
        amount = Fraction(rule.maximum)
    if amount > left:
        steps.append(Reason(Why.SHORT, left - amount))
    return steps


def _bear(reasons: dict[int, list[Reason]], order: Order, scheme: Scheme) -> None:
    """Take each discount off its bearer; off the remainder and then the last when it has less."""
    lasts = sorted(scheme.ordered, key=lambda rule: rule.basis is Basis.REMAINDER)[::-1]
    for bucket, fen in _borne(order, scheme).items():
        bearer = scheme.bearer(bucket)
        for id in dict.fromkeys([bearer, *(rule.id for rule in lasts)]):
            part = min(Fraction(fen), _sum(reasons[id]))
            if part:
                why = Why.BEARS if id == bearer else Why.BEARS_FOR
                reasons[id].append(Reason(why, -part, bucket=bucket))
            fen -= part


def _round(reasons: dict[int, list[Reason]], pot: int) -> dict[int, int]:
    """Whole fen by the largest remainder; ``reasons`` are in rule sequence, and so are ties."""
    exact = {id: _sum(steps) for id, steps in reasons.items()}
    fen = {id: int(amount) for id, amount in exact.items()}
    odd = pot - sum(fen.values())
    for id in sorted(exact, key=lambda id: fen[id] - exact[id])[:odd]:
        fen[id] += 1
    for id, amount in exact.items():
        if fen[id] != amount:
            reasons[id].append(Reason(Why.ROUNDING, fen[id] - amount))
    return fen


def _spread(pots: dict[int, int], rules: list[int], fen: dict[int, int]) -> list[Share]:
    """The parties' totals over the lines.

    Each line is shared in proportion to what the parties still have to get, so that the last one
    finds exactly its own amount left.
    """
    open_fen = [fen[rule] for rule in rules]
    shares: list[Share] = []
    for line in sorted(pots):
        parts = allocate(pots[line], open_fen)
        open_fen = [had - part for had, part in zip(open_fen, parts, strict=True)]
        shares += [Share(line, rule, part) for rule, part in zip(rules, parts, strict=True) if part]
    return shares


def _sum(steps: list[Reason]) -> Fraction:
    return sum((step.fen for step in steps), Fraction(0))
