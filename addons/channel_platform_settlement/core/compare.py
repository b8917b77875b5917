"""What the platform settled for an order, against what we know of it; all amounts are fen.

A difference above 0 is money that came beyond what was expected, below 0 money that is missing.
When the shares are known and all lines are settled, the differences of an order sum to what the
platform paid out less what was expected: owed − credited − shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a bill and our books differ."""

    UNKNOWN = "unknown"
    INCOME = "income"
    REFUND = "refund"
    PLATFORM_FEE = "platform_fee"
    COMMISSION = "commission"
    COLONEL_FEE = "colonel_fee"
    CHANNEL_SHARE = "channel_share"
    PROMOTION = "promotion"
    OTHER_SHARING = "other_sharing"
    FREIGHT_INSURANCE = "freight_insurance"
    SMALL_PAYMENT = "small_payment"
    FINE = "fine"


# Fees that no share of an order is about: each stands for itself.
UNSHARED = (Cause.FREIGHT_INSURANCE, Cause.SMALL_PAYMENT, Cause.FINE)
SHARED = (
    Cause.PLATFORM_FEE, Cause.COMMISSION, Cause.COLONEL_FEE, Cause.CHANNEL_SHARE, Cause.PROMOTION,
    Cause.OTHER_SHARING,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bill:
    """All rows of one order. ``refunded`` (≤ 0) is within ``income``; ``fees`` by cause."""

    income: int
    refunded: int = 0
    fees: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """What we know of the order.

    ``shares``: what the platform itself is to take off, by cause; None: not known here.
    ``complete``: every line that is owed something was settled.
    """

    owed: int
    credited: int = 0
    shares: Mapping[str, int] | None = None
    complete: bool = True


def compare(bill: Bill, books: Books | None) -> list[tuple[Cause, int]]:
    """The differences of one order, by cause; none when everything agrees.

    :param books: None when we have no such order
    """
    fees = bill.fees or {}
    found = [(cause, -fees.get(cause, 0)) for cause in UNSHARED]
    if books is None:
        found.append((Cause.UNKNOWN, bill.income))
    elif books.complete:
        found.append(_income(bill, books))
    if books is None or (books.complete and books.shares is not None):
        shares = books.shares if books else {}
        found += [(cause, shares.get(cause, 0) - fees.get(cause, 0)) for cause in SHARED]
    return [(cause, fen) for cause, fen in found if fen]


def _income(bill: Bill, books: Books) -> tuple[Cause, int]:
    """A difference is laid to refunds where the two sides do not tell the same of them."""
    gap = bill.income - (books.owed - books.credited)
    return Cause.INCOME if -bill.refunded == books.credited else Cause.REFUND, gap
