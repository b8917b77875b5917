"""What is wrong with a scheme, before any order meets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from .scheme import EVERYONE, OUTSIDE, Basis, Bucket, Rule, Scheme

AFTER_FEES = (Basis.NET, Basis.REST, Basis.REMAINDER)


class Wrong(str, Enum):
    """A kind of mistake."""

    EMPTY = "empty"  # no rule
    TWICE = "twice"  # ids that are not above 0 and different
    REMAINDERS = "remainders"  # more than one rule takes the remainder
    OVER = "over"  # more than all of the order's money in percents
    OVER_REST = "over_rest"  # more than all of the rest in percents
    UNSHARED = "unshared"  # money may be left that nobody gets
    TIERS = "tiers"  # not from 0 upwards, or a rate below 0
    CAPS = "caps"  # minimum above maximum, or below 0
    REMAINDER_TERMS = "remainder_terms"  # the remainder has tiers, minimum or maximum
    FEE = "fee"  # the platform's fee depends on what others leave
    BEARER = "bearer"  # a discount or the freight goes to a rule that is not there


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake, the rules that make it, and the sum of rates where that is what is wrong."""

    wrong: Wrong
    rules: tuple[int, ...] = ()
    rate: Fraction | None = None


def problems(scheme: Scheme) -> tuple[Problem, ...]:
    """All mistakes of a scheme; none: ``split`` shares any order out to the last fen."""
    if not scheme.rules:
        return (Problem(Wrong.EMPTY),)
    return (*_of_rules(scheme), *_of_sums(scheme), *_of_bearers(scheme))


def _of_rules(scheme: Scheme) -> Iterator[Problem]:
    counts = Counter(rule.id for rule in scheme.rules)
    twice = tuple(sorted(id for id, count in counts.items() if count > 1 or id <= EVERYONE))
    if twice:
        yield Problem(Wrong.TWICE, twice)
    for rule in scheme.ordered:
        if rule.basis is Basis.REMAINDER:
            if rule.tiers or rule.minimum or rule.maximum is not None:
                yield Problem(Wrong.REMAINDER_TERMS, (rule.id,))
            continue
        starts = [tier.above for tier in rule.tiers]
        ascending = starts[:1] == [0] and starts == sorted(set(starts))
        if not ascending or any(tier.rate < 0 for tier in rule.tiers):
            yield Problem(Wrong.TIERS, (rule.id,))
        if rule.minimum < 0 or (rule.maximum is not None and rule.maximum < rule.minimum):
            yield Problem(Wrong.CAPS, (rule.id,))
    fees = [rule for rule in scheme.ordered if rule.fee and rule.basis in AFTER_FEES]
    if fees:
        yield Problem(Wrong.FEE, tuple(rule.id for rule in fees))


def _of_sums(scheme: Scheme) -> Iterator[Problem]:
    money = [rule for rule in scheme.ordered if rule.basis.is_money]
    rest = [rule for rule in scheme.ordered if rule.basis is Basis.REST]
    for wrong, rules in ((Wrong.OVER, money), (Wrong.OVER_REST, rest)):
        rate = sum(map(_top_rate, rules), Fraction(0))
        if rate > 1:
            yield Problem(wrong, tuple(rule.id for rule in rules), rate)
    remainders = tuple(rule.id for rule in scheme.ordered if rule.basis is Basis.REMAINDER)
    if len(remainders) > 1:
        yield Problem(Wrong.REMAINDERS, remainders)
    if not remainders and not _shares_all(scheme):
        yield Problem(Wrong.UNSHARED)


def _of_bearers(scheme: Scheme) -> Iterator[Problem]:
    known = {rule.id for rule in scheme.rules} | {EVERYONE}
    named = {scheme.bearer(bucket) for bucket in Bucket} - {OUTSIDE} | {scheme.freight}
    if not named <= known:
        yield Problem(Wrong.BEARER, tuple(sorted(named - known)))


def _top_rate(rule: Rule) -> Fraction:
    return max((tier.rate for tier in rule.tiers), default=Fraction(0))


def _shares_all(scheme: Scheme) -> bool:
    """Without a remainder only plain percents of what is split, or of the rest, leave nothing."""
    for basis in (Basis.PAID, Basis.REST):
        rules = [rule for rule in scheme.rules if rule.basis is basis]
        flat = all(len(rule.tiers) == 1 and rule.maximum is None for rule in rules)
        if flat and sum(map(_top_rate, rules), Fraction(0)) == 1:
            return True
    return False
