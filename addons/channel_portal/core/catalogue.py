"""How many of a product may be ordered, and what a dealer is told of the stock.

Quantities are thousandths of the product's own unit, as in the review; what people order is
whole units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from math import lcm

from odoo.addons.channel_sale.core.review import MILLI, Kind, Outcome, Rule, Together


class Stock(Enum):
    """What a dealer is told; never how many there are."""

    PLENTY = "plenty"
    FEW = "few"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """Whole units: of how many a pack is, and how many are the least."""

    pack: int = 1
    least: int = 1

    def up(self, quantity: int) -> int:
        """The next quantity above that can be ordered.

        >>> Step(pack=6, least=12).up(0), Step(pack=6, least=12).up(13)
        (12, 18)
        """
        return max(self.least, (quantity // self.pack + 1) * self.pack)

    def fit(self, quantity: int) -> int:
        """The quantity itself, or the next one above it that can be ordered.

        >>> Step(pack=6, least=12).fit(7), Step(pack=6, least=12).fit(18)
        (12, 18)
        """
        return max(self.least, -(-quantity // self.pack) * self.pack)

    def down(self, quantity: int) -> int:
        """The next quantity below that can be ordered; 0 below the least.

        >>> Step(pack=6, least=12).down(18), Step(pack=6, least=12).down(12)
        (12, 0)
        """
        lower = -(-quantity // self.pack) * self.pack - self.pack
        return lower if lower >= self.least else 0


def stock_words(free: int, few: int) -> Stock:
    """Plenty from ``few`` on, both in thousandths."""
    if free >= few and free > 0:
        return Stock.PLENTY
    return Stock.FEW if free > 0 else Stock.NONE


def step(rules: Iterable[Rule], member: int, grade: int, categories: Iterable[int]) -> Step:
    """What the rules that stop an order ask of one product.

    Rules that look at the order's amount, or add up several lines, ask nothing of one product.
    """
    categories = frozenset(categories)
    packs, leasts = [MILLI], [MILLI]
    for rule in rules:
        fits = (
            rule.outcome is not Outcome.PASS
            and (not rule.members or member in rule.members)
            and (not rule.grades or grade in rule.grades)
            and (not rule.categories or categories & rule.categories)
            and not rule.amount_from
            and not rule.amount_to
        )
        if fits and rule.kind is Kind.PACK:
            packs.append(rule.least)
        elif fits and rule.kind is Kind.QUANTITY and rule.together is Together.LINE:
            leasts.append(rule.least)
    pack = lcm(*packs)
    least = -(-max(leasts) // pack) * pack
    return Step(pack // MILLI, least // MILLI)
