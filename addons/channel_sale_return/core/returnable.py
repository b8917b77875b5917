"""What a dealer may send back: within the days, within the quota, never more than was delivered.

Values are whole fen, quantities whole thousandths of a unit (``MILLI``), days ordinals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MILLI = 1000


class Why(StrEnum):
    """Why a line of a request cannot be approved as it is asked."""

    UNKNOWN = "unknown"  # not delivered to this dealer
    QUANTITY = "quantity"  # not a quantity above 0
    MORE = "more"  # more than is left of what was delivered
    LATE = "late"  # delivered too long ago
    EXCLUDED = "excluded"  # the policy takes none of it back
    REASON = "reason"  # the policy does not know the reason
    PICTURE = "picture"  # the reason wants a picture


@dataclass(frozen=True, slots=True)
class Delivered:
    """A line of a dealer order, as far as it was delivered.

    :ivar day: of the last delivery
    :ivar delivered: thousandths of a unit that are with the dealer: less what came back
    :ivar asked: of them on other requests that are not over
    :ivar value: fen that all delivered units were invoiced with, less rebate; 0 for a gift
    :ivar marks: what a policy may exclude it by: ("category", id), ("brand", id)
    """

    line: int
    day: date
    delivered: int
    asked: int = 0
    value: int = 0
    marks: frozenset[tuple[str, int]] = frozenset()

    @property
    def left(self) -> int:
        return max(self.delivered - self.asked, 0)

    def worth(self, quantity: int) -> int:
        """Fen that so many thousandths were invoiced with, rounded down to the fen."""
        return self.value * quantity // self.delivered if self.delivered else 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a dealer sends goods back.

    :ivar counts: it uses the quota (a defect of ours does not)
    """

    id: int
    counts: bool = True
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What a brand takes back.

    :ivar days: since delivery; 0: for ever
    :ivar percent: of what was delivered in ``period`` days may come back in them; 0: without quota
    """

    days: int = 0
    percent: int = 0
    period: int = 90
    reasons: Mapping[int, Reason] | None = None
    excluded: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Wish:
    """A line of a request: so many thousandths of an order line."""

    line: int
    quantity: int
    reason: int = 0
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a line fails; ``allowed``: how many thousandths of it could come back, or which day it
    had to be asked until."""

    line: int
    why: Why
    allowed: int = 0
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """The quota of the period, in fen: ``used`` by earlier returns, ``wanted`` by this one."""

    most: int
    used: int
    wanted: int

    @property
    def exceeded(self) -> int:
        return max(self.used + self.wanted - self.most, 0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says to a request. ``quota`` is None where there is none."""

    failures: tuple[Failure, ...]
    worth: int
    quota: Quota | None

    @property
    def passes(self) -> bool:
        return not self.failures and not (self.quota and self.quota.exceeded)


def judge(
    wishes: Iterable[Wish],
    delivered: Mapping[int, Delivered],
    policy: Policy,
    today: date,
    *,
    bought: int = 0,
    returned: int = 0,
) -> Verdict:
    """Judge a request. Two wishes of one line are added up.

    :param bought: fen delivered to the dealer in the policy's period
    :param returned: fen of returns of the period that count
    """
    wishes = tuple(wishes)
    failures: list[Failure] = []
    worth = counted = 0
    asked: dict[int, int] = {}
    for wish in wishes:
        there = delivered.get(wish.line)
        before = asked.get(wish.line, 0)
        failure = _failure(wish, there, before, policy, today)
        if failure:
            failures.append(failure)
            continue
        asked[wish.line] = before + wish.quantity
        value = there.worth(before + wish.quantity) - there.worth(before)
        worth += value
        counted += value if _counts(policy, wish) else 0
    quota = None
    if policy.percent:
        quota = Quota(bought * policy.percent // 100, returned, counted)
    return Verdict(tuple(failures), worth, quota)


def spread(quantity: int, rooms: Iterable[tuple[int, int]]) -> tuple[dict[int, int], int]:
    """Divide a quantity among what has room for it, in the order given.

    :param rooms: (key, room) pairs
    :return: {key: part above 0}, and what found no room
    """
    parts: dict[int, int] = {}
    for key, room in rooms:
        part = min(quantity, max(room, 0))
        if part:
            parts[key] = parts.get(key, 0) + part
            quantity -= part
    return parts, quantity


def _counts(policy: Policy, wish: Wish) -> bool:
    reason = (policy.reasons or {}).get(wish.reason)
    return reason is None or reason.counts


def _failure(
    wish: Wish, there: Delivered | None, before: int, policy: Policy, today: date
) -> Failure | None:
    if there is None or not there.delivered:
        return Failure(wish.line, Why.UNKNOWN)
    left = max(there.left - before, 0)
    if wish.quantity <= 0:
        return Failure(wish.line, Why.QUANTITY, left)
    if there.marks & policy.excluded:
        return Failure(wish.line, Why.EXCLUDED)
    age = (today - there.day).days
    if policy.days and age > policy.days:
        return Failure(
            wish.line, Why.LATE, until=date.fromordinal(there.day.toordinal() + policy.days)
        )
    if wish.quantity > left:
        return Failure(wish.line, Why.MORE, left)
    if policy.reasons is not None:
        reason = policy.reasons.get(wish.reason)
        if reason is None:
            return Failure(wish.line, Why.REASON)
        if reason.picture and not wish.pictures:
            return Failure(wish.line, Why.PICTURE)
    return None
