"""A month of payments with planted differences: what a bill tells, what the books say, and why.

Shares no code with what has to find them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .bill_files import Trade

APP, FOREIGN_APP = "wx0000000000000000", "wx9999999999999999"
BEGIN = datetime(2026, 10, 1)
DAYS = 30
RATE = 6000  # millionths
CAUSES = ("only_bill", "only_books", "amount", "fee", "status", "duplicate", "day", "shop")


@dataclass(frozen=True)
class Entry:
    """What the books say. ``order`` is the order's place; ``amount`` is fen, above 0."""

    kind: str
    key: str
    at: datetime
    amount: int
    order: int


@dataclass(frozen=True)
class Planted:
    """Rows of the bill and entries of the books about one order, and the cause that was planted."""

    trades: tuple[Trade, ...]
    entries: tuple[Entry, ...]
    cause: str = ""


def month(orders: int, every: int = 1000) -> Iterator[Planted]:
    """Payments in time, a tenth with a refund; each cause once in ``every`` orders.

    Half of what is planted lies around midnight, where both sides may stand on another day.
    """
    step = timedelta(days=DAYS) / orders
    for number in range(orders):
        at = (BEGIN + number * step).replace(microsecond=0)
        amount = 100 + number * 7919 % 90_000
        trade = Trade(f"42{number:026d}", f"S{number}", at, amount, 0, _fee(amount))
        entry = Entry("payment", trade.ref, at, amount, number)
        place = number % every
        if place < len(CAUSES):
            yield _planted(CAUSES[place], trade, entry, number // every)
        elif number % 10 == 9:
            back = 1 + amount // 3
            yield Planted(
                (trade, _refund(trade, number, back)),
                (entry, Entry("refund", f"R{number}", _after(at), back, number)),
            )
        elif number % 997 == 500:  # a second apart, and midnight between
            late = at.replace(hour=23, minute=59, second=59)
            entry = replace(entry, at=late + timedelta(seconds=2))
            yield Planted((replace(trade, at=late),), (entry,))
        else:
            yield Planted((trade,), (entry,))


def _planted(cause: str, trade: Trade, entry: Entry, turn: int) -> Planted:
    number = entry.order
    match cause:
        case "only_bill":
            return Planted((trade,), (), cause)
        case "only_books":
            return Planted((), (entry,), cause)
        case "amount":
            return Planted((trade,), (replace(entry, amount=entry.amount + 1),), cause)
        case "fee":
            return Planted((replace(trade, fee=trade.fee + 2000),), (entry,), cause)
        case "status":
            refund = replace(_refund(trade, number, 50), status=("FAIL", "PROCESSING")[turn % 2])
            back = Entry("refund", f"R{number}", _after(trade.at), 50, number)
            return Planted((trade, refund), (entry, back), cause)
        case "duplicate":
            if turn % 2:
                again = replace(trade, ref=f"43{number:026d}", at=_after(trade.at))
                return Planted((trade, again), (entry,), cause)
            again = replace(entry, key=f"43{number:026d}", at=_after(entry.at))
            return Planted((trade,), (entry, again), cause)
        case "day":
            days = -1 if trade.at - BEGIN > timedelta(days=DAYS / 2) else 1
            noon = trade.at.replace(hour=12)
            return Planted(
                (replace(trade, at=noon),), (replace(entry, at=noon + timedelta(days=days)),), cause
            )
        case _:
            return Planted((replace(trade, app=FOREIGN_APP),), (), cause)


def _refund(trade: Trade, number: int, amount: int) -> Trade:
    return replace(
        trade, at=_after(trade.at), gross=amount, fee=_fee(amount), refund_ref=f"50{number:026d}",
        refund_own=f"R{number}", status="SUCCESS",
    )  # fmt: skip


def _after(at: datetime) -> datetime:
    """A minute later, on the same day."""
    later = at + timedelta(minutes=1)
    return later if later.day == at.day else at


def _fee(amount: int) -> int:
    return (amount * RATE + 500_000) // 1_000_000 * 1000
