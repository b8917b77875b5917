"""What a statement pays a party for a period, what it keeps back, and what it leaves for the next.

A part of what comes in may be kept in reserve for some days. What has to be taken back is taken from
the period's shares, then from reserves, the oldest first, and what is still missing is carried on.
Amounts are whole fen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction


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

    ``brought + shares + fees + freed - kept = payable + carried``; ``carried`` is never above 0 and
    ``payable`` never below.

    :ivar brought: what the statement before left to be taken back, 0 or below
    :ivar kept: fen kept in reserve, until ``kept_until``
    """

    shares: int
    fees: int
    brought: int
    freed: tuple[Freed, ...]
    kept: int
    kept_until: date | None
    payable: int
    carried: int


def make(
    end: date,
    shares: int,
    fees: int = 0,
    *,
    brought: int = 0,
    held: Iterable[Held] = (),
    reserve: Reserve | None = None,
) -> Statement:
    """The statement of a period that ends on a day.

    :param shares: all that are due until then and stand on no other statement
    :param fees: the same of fees and corrections; nothing of them is kept in reserve
    :param brought: ``carried`` of the statement before
    :param held: what is still kept of statements before
    :raise ValueError: ``brought`` above 0, or nothing held
    """
    if brought > 0:
        raise ValueError("what is brought on is taken back: 0 or below")
    freed: list[Freed] = []
    waiting: list[Held] = []
    for each in sorted(held, key=lambda each: (each.until, each.id)):
        if each.fen <= 0:
            raise ValueError(f"nothing is held under {each.id}")
        if each.until <= end:
            freed.append(Freed(each.id, each.fen))
        else:
            waiting.append(each)
    balance = brought + shares + fees + sum(each.fen for each in freed)
    for each in waiting:
        if balance < 0:
            part = min(each.fen, -balance)
            freed.append(Freed(each.id, part, early=True))
            balance += part
    kept = 0
    if reserve and balance > 0:
        kept = min(int(max(shares, 0) * reserve.rate), balance)
    balance -= kept
    return Statement(
        shares=shares,
        fees=fees,
        brought=brought,
        freed=tuple(freed),
        kept=kept,
        kept_until=end + timedelta(reserve.days) if reserve and kept else None,
        payable=max(balance, 0),
        carried=min(balance, 0),
    )
