"""What of a shop's sales is expected to come back after the end of a month, in whole fen.

Sales can be returned for some days. Of those that still can at the end of the month, as much is
expected back as came back of older ones, less what has come back already (accounting.md, expected
returns; CAS 14, sales with a right of return). Amounts are without VAT.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Sales:
    """What was shipped in some days: revenue and cost, and what of both has come back."""

    revenue: int = 0
    credited: int = 0
    cost: int = 0
    cost_back: int = 0
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """Fen that are expected to come back: revenue, and the cost of the goods."""

    revenue: int
    cost: int


def measured_rate(older: Sales, at_least: int) -> Fraction | None:
    """Which part of the revenue came back of sales that cannot be returned any more.

    :param at_least: orders; fewer say nothing
    """
    if older.orders < max(at_least, 1) or older.revenue <= 0:
        return None
    return min(max(Fraction(older.credited, older.revenue), Fraction(0)), Fraction(1))


def expect(recent: Sales, rate: Fraction) -> Expected:
    """What of sales that can still be returned will come back.

    :param rate: part of the revenue that comes back in the end, 0 to 1
    :raise ValueError: the rate is no such part
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"{rate} is no part of the revenue")
    left = max(recent.revenue - recent.credited, 0)
    revenue = min(max(int(recent.revenue * rate) - recent.credited, 0), left)
    goods = max(recent.cost - recent.cost_back, 0)
    return Expected(revenue, goods * revenue // left if left else 0)
