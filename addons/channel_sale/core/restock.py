"""When a member runs out of a product, and how much it should order.

What a member has on its shelf is not known; it is estimated from its orders. All that was ordered
before the last order is taken to be used up on the day of the last one, so the pace is what those
orders came to a day, and what is left is the last order less the pace since then. Quantities are
whole thousandths of the product's own unit; no clock, no database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median

LEAST_ORDERS = 3  # days with orders: two make no pace


@dataclass(frozen=True, slots=True)
class Bought:
    """What was ordered of a product on a day."""

    day: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Level:
    """What a member should have: remind below ``least``, fill up to ``most``."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a member is taken to have of a product.

    :ivar left: what is left of the last order
    :ivar sold: what was used up in ``span`` days; both 0 without a pace
    :ivar usual: what it orders at a time
    """

    left: int
    sold: int = 0
    span: int = 0
    usual: int = 0

    @property
    def days(self) -> int | None:
        """Whole days until nothing is left; None without a pace."""
        return self.left * self.span // self.sold if self.sold else None


def estimate(bought: Iterable[Bought], today: date) -> Shelf:
    """What a member is taken to have today of a product, after these orders of it."""
    days: dict[date, int] = {}
    for one in bought:
        days[one.day] = days.get(one.day, 0) + one.quantity
    if not days:
        return Shelf(left=0)
    last = max(days)
    usual = round(median(days.values()))
    if len(days) < LEAST_ORDERS:
        return Shelf(left=days[last], usual=usual)
    sold, span = sum(days.values()) - days[last], (last - min(days)).days
    left = max(0, days[last] - sold * (today - last).days // span)
    return Shelf(left, sold, span, usual)


def to_order(shelf: Shelf, level: Level | None, cover_days: int) -> int:
    """How much to order today; 0 while there is enough.

    :param level: what was agreed for the product; it goes before the pace
    :param cover_days: without a level: order when what is left lasts for fewer days; 0: never
    """
    if level is not None:
        return max(0, level.most - shelf.left) if shelf.left < level.least else 0
    if not cover_days or shelf.days is None or shelf.days >= cover_days:
        return 0
    return shelf.usual
