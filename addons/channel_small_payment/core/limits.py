"""How much may be paid to a buyer outside any refund, and when a second person has to agree.

What belongs to the price (a difference, goods that were missing, a compensation) and what was
refunded never come to more than the buyer paid. Return freight is what the buyer spent beyond it, so
it stands outside that sum, below the company's limits alone. Amounts are whole fen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Purpose(StrEnum):
    """What a small payment is for."""

    RETURN_FREIGHT = "return_freight"
    PRICE = "price"
    COMPENSATION = "compensation"
    MISSING = "missing"


BEYOND_THE_PRICE = frozenset({Purpose.RETURN_FREIGHT})


@dataclass(frozen=True, slots=True)
class Rules:
    """A company's limits: of one payment, of all of an order, and of what one person may decide."""

    each: int
    order: int
    alone: int


@dataclass(frozen=True, slots=True)
class Stands:
    """What an order stands at.

    :ivar paid: by the buyer, with freight
    :ivar given: of it refunded, or granted by us, by after-sales
    :ivar price: live small payments that belong to the price; ``beyond``: those that do not
    """

    paid: int
    given: int = 0
    price: int = 0
    beyond: int = 0

    @property
    def small(self) -> int:
        """All live small payments."""
        return self.price + self.beyond

    @property
    def owed(self) -> int:
        """What of the price could still be given back."""
        return max(self.paid - self.given - self.price, 0)

    def without(self, purpose: Purpose, fen: int) -> Stands:
        """As if this live small payment were none."""
        if purpose in BEYOND_THE_PRICE:
            return replace(self, beyond=self.beyond - fen)
        return replace(self, price=self.price - fen)


class Why(StrEnum):
    """Why a small payment is not made."""

    NOTHING = "nothing"  # it is of no amount
    EACH = "each"
    ORDER = "order"
    UNPAID = "unpaid"
    OWED = "owed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it is not made; ``allowed``: fen that would be."""

    why: Why
    allowed: int = 0


def check(purpose: Purpose, fen: int, stands: Stands, rules: Rules) -> Refusal | None:
    """Whether a small payment may be made beside those that the order has."""
    if fen <= 0:
        return Refusal(Why.NOTHING)
    if not stands.paid:
        return Refusal(Why.UNPAID)
    if fen > rules.each:
        return Refusal(Why.EACH, rules.each)
    left = max(rules.order - stands.small, 0)
    if fen > left:
        return Refusal(Why.ORDER, left)
    if purpose not in BEYOND_THE_PRICE and fen > stands.owed:
        return Refusal(Why.OWED, stands.owed)
    return None


def needs_second(fen: int, stands: Stands, rules: Rules) -> bool:
    """Whether another person has to agree. All of an order counts, so that parts are no way around."""
    return stands.small + fen > rules.alone


def overpaid(purpose: Purpose, fen: int, stands: Stands) -> int:
    """Fen that would go out beyond what is owed, because a refund came after it was agreed."""
    return 0 if purpose in BEYOND_THE_PRICE else max(fen - stands.owed, 0)
