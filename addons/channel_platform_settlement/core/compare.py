"""What the platform settled for an order, against what we know of it; all amounts are fen.

A difference above 0 is money that came beyond what was expected, below 0 money that is missing.
When the shares are known and all lines are settled, the differences of an order sum to what the
platform paid out less what was expected: owed − credited − shares.
"""

from __future__ import annotations

from collections import Counter
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
    ROUNDING = "rounding"


# Fees that no share of an order is about: each stands for itself.
UNSHARED = (Cause.FREIGHT_INSURANCE, Cause.SMALL_PAYMENT, Cause.FINE)
SHARED = (
    Cause.PLATFORM_FEE, Cause.COMMISSION, Cause.COLONEL_FEE, Cause.CHANNEL_SHARE, Cause.PROMOTION,
    Cause.OTHER_SHARING,
)  # fmt: skip
# The parties of a share that the platform settles; all others stand under other sharing.
_ROLES = {
    "platform": Cause.PLATFORM_FEE,
    "host": Cause.COMMISSION,
    "affiliate": Cause.COMMISSION,
    "colonel": Cause.COLONEL_FEE,
}


@dataclass(frozen=True, slots=True)
class Bill:
    """All rows of one order. ``refunded`` (≤ 0) is within ``income``; ``fees`` by cause.

    A fee may differ by a fen for each of the ``rows``: the platform rounds row by row.
    """

    income: int
    refunded: int = 0
    fees: Mapping[str, int] | None = None
    rows: int = 1


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


def by_cause(shares: Mapping[str, int]) -> dict[Cause, int]:
    """Shares by party as what the platform is to take off, by cause."""
    found: Counter[Cause] = Counter()
    for role, fen in shares.items():
        found[_ROLES.get(role, Cause.OTHER_SHARING)] += fen
    return dict(found)


def compare(bill: Bill, books: Books | None) -> list[tuple[Cause, int]]:
    """The differences of one order, by cause; none when everything agrees.

    :param books: None when we have no such order
    """
    fees = bill.fees or {}
    found = [(cause, -fees.get(cause, 0)) for cause in UNSHARED]
    if books is None:
        found.append((Cause.UNKNOWN, bill.income))
        found += [(cause, -fees.get(cause, 0)) for cause in SHARED]
    elif books.complete:
        found.append(_income(bill, books))
        if books.shares is not None:
            found += _shares(bill, fees, books.shares)
    return [(cause, fen) for cause, fen in found if fen]


def _income(bill: Bill, books: Books) -> tuple[Cause, int]:
    """A difference is laid to refunds where the two sides do not tell the same of them."""
    gap = bill.income - (books.owed - books.credited)
    return Cause.INCOME if -bill.refunded == books.credited else Cause.REFUND, gap


def _shares(bill: Bill, fees, shares) -> list[tuple[Cause, int]]:
    """What was to be taken off less what was; what is only rounding stands apart, in one sum."""
    gaps = [(cause, shares.get(cause, 0) - fees.get(cause, 0)) for cause in SHARED]
    rounding = sum(gap for _cause, gap in gaps if abs(gap) <= bill.rows)
    return [gap for gap in gaps if abs(gap[1]) > bill.rows] + [(Cause.ROUNDING, rounding)]
