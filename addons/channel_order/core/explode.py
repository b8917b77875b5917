"""One platform line into lines of products, every amount shared to the fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .snapshot import LineSnapshot

INT_MAX = 2**31 - 1  # what an integer column holds; an absurd quantity must still be stored


class Amounts(NamedTuple):
    """Fen of a line. ``list`` is before discounts, ``paid`` what the buyer paid."""

    list: int = 0
    paid: int = 0
    shop: int = 0
    platform: int = 0
    talent: int = 0
    payment: int = 0

    @property
    def owed(self) -> int:
        """Fen the platform owes: all discounts but the shop's own are paid to us."""
        return self.paid + self.platform + self.talent + self.payment

    @property
    def adds_up(self) -> bool:
        """Whether the list amount is what was paid and all discounts."""
        return self.list == self.owed + self.shop


@dataclass(frozen=True, slots=True)
class Component:
    """A product of a link; ``share`` is its weight in the price, 0 for a gift."""

    product_id: int
    quantity: int
    share: int


@dataclass(frozen=True, slots=True)
class Link:
    """A version of a platform link; days are ordinals of China's calendar, None is open."""

    id: int
    sku_ref: str
    components: tuple[Component, ...]
    day_from: int | None = None
    day_to: int | None = None

    def valid_on(self, day: int) -> bool:
        """Whether the version holds on a day."""
        return (self.day_from is None or self.day_from <= day) and (
            self.day_to is None or day <= self.day_to
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A line of an order: one component of a platform line."""

    line: LineSnapshot
    part: int
    link_id: int | None
    product_id: int | None
    quantity: int
    item_quantity: int
    amounts: Amounts
    gift: bool


def line_amounts(line: LineSnapshot) -> Amounts:
    """The amounts of a platform line."""
    return Amounts(
        line.list_amount,
        line.paid,
        line.discount_shop,
        line.discount_platform,
        line.discount_talent,
        line.discount_payment,
    )


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split fen by weights with the largest remainder, ties to the earlier weight.

    The rule of ``channel_network.core.money.allocate``; a test holds the two equal. It stands
    here because a pure module cannot import from another addon.
    """
    if total < 0:
        return [-part for part in share(-total, weights)]
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = [total * weight // whole for weight in weights]
    rest = total - sum(parts)
    if rest:
        ranked = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
        for index in ranked[:rest]:
            parts[index] += 1
    return parts


def share_amounts(amounts: Amounts, weights: Sequence[int]) -> list[Amounts]:
    """Split every amount of a line; each part adds up when the line does."""
    columns = [share(value, weights) for value in amounts]
    if amounts.adds_up:
        columns[0] = [sum(parts) for parts in zip(*columns[1:], strict=True)]
    return [Amounts(*parts) for parts in zip(*columns, strict=True)]


def explode(line: LineSnapshot, link: Link | None) -> list[Part]:
    """The lines of an order that a platform line stands for; one without product when unknown."""
    items = max(0, min(line.quantity, INT_MAX))
    if link is None:
        return [Part(line, 0, None, None, items, items, line_amounts(line), line.gift)]
    components = link.components
    if len(components) == 1:
        split = [line_amounts(line)]
    else:
        split = share_amounts(line_amounts(line), [component.share for component in components])
    return [
        Part(
            line=line,
            part=index,
            link_id=link.id,
            product_id=component.product_id,
            quantity=min(component.quantity * items, INT_MAX),
            item_quantity=0 if index else items,
            amounts=split[index],
            gift=line.gift or not component.share,
        )
        for index, component in enumerate(components)
    ]
