"""What is left of rebates that lapse, from the journal of one account. Amounts are whole fen.

A rebate is used before another that lapses later; among equals the older one. What comes back
(a credit note, a reset invoice) goes back to where it was taken from, the last taken first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .operations import Kind


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry that changed the balance.

    :ivar posted: the signed change
    :ivar lapses_at: unix seconds from which what is left of it lapses; None: never
    :ivar reverses: key of the operation that it reverses, or ""
    """

    key: str
    kind: Kind
    posted: int
    lapses_at: int | None = None
    reverses: str = ""


@dataclass(slots=True)
class Grant:
    """A rebate that was given, and what is left of it."""

    key: str
    left: int
    lapses_at: int | None = None

    def lapsed(self, now: int) -> bool:
        """Whether its time is over."""
        return self.lapses_at is not None and self.lapses_at <= now


def grants(facts: Iterable[Fact]) -> list[Grant]:
    """What is left of every rebate given, the first to lapse first.

    :param facts: the account's, in the order of their numbers
    """
    given: list[Grant] = []
    taken: list[tuple[Grant, int]] = []  # by orders, the last at the end
    kinds: dict[str, Kind] = {}
    for fact in facts:
        kinds[fact.key] = fact.kind
        act = kinds.get(fact.reverses, fact.kind)
        if fact.kind is Kind.REVERSE and act is Kind.TOP_UP:
            own = [grant for grant in given if grant.key == fact.reverses]
            _take(-fact.posted, own + _in_order(given))
        elif fact.posted < 0:
            spent = _take(-fact.posted, _in_order(given))
            taken += spent if act is not Kind.LAPSE else ()
        elif fact.kind is Kind.TOP_UP or act is Kind.LAPSE:
            given.append(Grant(fact.key, fact.posted, fact.lapses_at))
        else:
            rest = _put_back(fact.posted, taken)
            if rest:
                given.append(Grant(fact.key, rest))
    return _in_order(given)


def due(facts: Iterable[Fact], own: int, now: int) -> int:
    """What lapses now: left of what is over, but never what is set aside.

    :param own: the balance less what is on hold
    """
    left = sum(grant.left for grant in grants(facts) if grant.lapsed(now))
    return max(0, min(own, left))


def soon(facts: Iterable[Fact], now: int, until: int) -> list[tuple[int, int]]:
    """(when, how much) will lapse after ``now`` and up to ``until``, the first one first."""
    sums: dict[int, int] = {}
    for grant in grants(facts):
        if grant.left and grant.lapses_at is not None and now < grant.lapses_at <= until:
            sums[grant.lapses_at] = sums.get(grant.lapses_at, 0) + grant.left
    return sorted(sums.items())


def _in_order(given: list[Grant]) -> list[Grant]:
    return sorted(given, key=lambda grant: (grant.lapses_at is None, grant.lapses_at or 0))


def _take(amount: int, given: Iterable[Grant]) -> list[tuple[Grant, int]]:
    taken = []
    for grant in given:
        part = min(amount, grant.left)
        if part:
            grant.left -= part
            amount -= part
            taken.append((grant, part))
    return taken


def _put_back(amount: int, taken: list[tuple[Grant, int]]) -> int:
    """Undo what was taken last; what was never taken is left over."""
    while amount and taken:
        grant, part = taken.pop()
        back = min(amount, part)
        grant.left += back
        amount -= back
        if back < part:
            taken.append((grant, part - back))
    return amount
