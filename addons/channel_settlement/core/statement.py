"""What a statement pays a party for a period, what it keeps back, and what it leaves for the next.

A share is due on a day; a statement takes in all that are due until its last day and stand on none
before, so a late event falls into the next one. A part of what comes in may be kept in reserve for
some days. What has to be taken back is taken from the period's shares, then from reserves, the
oldest first, and what is still missing is carried on. Amounts are whole fen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from fractions import Fraction


class When(str, Enum):
    """From which day the days of a term are counted."""

    SALE = "sale"  # the order left
    RECEIPT = "receipt"  # the buyer confirmed that it came
    SETTLEMENT = "settlement"  # the platform paid it out


@dataclass(frozen=True, slots=True)
class Term:
    """A share is due so many days after a moment; days in China."""

    when: When = When.SALE
    days: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """Days in the life of an order; None: not yet."""

    left: date
    received: date | None = None
    settled: date | None = None


def due_day(term: Term, order: Order, taken_back: date | None = None) -> date | None:
    """The day a share is due; None while that is not known.

    :param taken_back: the day of the refund of a share that takes back. It is due with its sale, or
        at once when that was due before.
    """
    start = {
        When.SALE: order.left, When.RECEIPT: order.received, When.SETTLEMENT: order.settled,
    }[term.when]  # fmt: skip
    if start is None:
        return None
    day = start + timedelta(term.days)
    return day if taken_back is None else max(day, taken_back)


@dataclass(frozen=True, slots=True)
class Due:
    """A share; below 0 when it takes back."""

    id: int
    fen: int
    day: date


@dataclass(frozen=True, slots=True)
class Reserve:
    """``rate`` of what comes in is kept for so many days after the period."""

    rate: Fraction
    days: int


@dataclass(frozen=True, slots=True)
class Held:
    """Fen that an earlier statement kept back, and still holds; free on ``until``."""

    id: int
    fen: int
    until: date


@dataclass(frozen=True, slots=True)
class Freed:
    """Fen of a held amount that come into this statement; ``early``: to cover what is missing."""

    held: int
    fen: int
    early: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A period of one party.

    ``brought + shares + freed - kept = payable + carried``; ``carried`` is never above 0 and
    ``payable`` never below.

    :ivar shares: ids of the shares that are on it
    :ivar brought: what the statement before left to be taken back, 0 or below
    :ivar kept: fen kept in reserve, until ``kept_until``
    """

    end: date
    shares: tuple[int, ...]
    amount: int
    brought: int
    freed: tuple[Freed, ...]
    kept: int
    kept_until: date | None
    payable: int
    carried: int

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: no share, nothing freed."""
        return not self.shares and not self.freed


def make(
    end: date,
    dues: Iterable[Due],
    brought: int = 0,
    held: Iterable[Held] = (),
    reserve: Reserve | None = None,
) -> Statement:
    """The statement of a period that ends on a day.

    :param dues: shares that stand on no statement yet
    :param brought: ``carried`` of the statement before
    :param held: what is still kept of statements before
    :raise ValueError: ``brought`` above 0, or nothing held
    """
    if brought > 0:
        raise ValueError("what is brought on is taken back: 0 or below")
    taken = sorted((due for due in dues if due.day <= end), key=lambda due: (due.day, due.id))
    amount = sum(due.fen for due in taken)
    freed: list[Freed] = []
    waiting: list[Held] = []
    for each in sorted(held, key=lambda each: (each.until, each.id)):
        if each.fen <= 0:
            raise ValueError(f"nothing is held under {each.id}")
        if each.until <= end:
            freed.append(Freed(each.id, each.fen))
        else:
            waiting.append(each)
    balance = brought + amount + sum(each.fen for each in freed)
    for each in waiting:
        if balance < 0:
            part = min(each.fen, -balance)
            freed.append(Freed(each.id, part, early=True))
            balance += part
    kept = 0
    if reserve and balance > 0:
        kept = min(int(max(amount, 0) * reserve.rate), balance)
    balance -= kept
    return Statement(
        end=end,
        shares=tuple(due.id for due in taken),
        amount=amount,
        brought=brought,
        freed=tuple(freed),
        kept=kept,
        kept_until=end + timedelta(reserve.days) if reserve and kept else None,
        payable=max(balance, 0),
        carried=min(balance, 0),
    )
