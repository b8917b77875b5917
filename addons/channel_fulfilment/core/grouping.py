"""Which orders make a wave: pure planning, no database.

A wave costs Odoo by its lines, not by its orders: orders of one hot product therefore get waves
of their own (one line, one bin, no sorting), and what is left goes into mixed waves, first paid
first. Orders of one receiver stay together, so that they can share a parcel.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """An allocated order that may go into a wave. ``paid_at`` is in Unix seconds."""

    order_id: int
    paid_at: int
    merge_key: str
    product_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Limits:
    """The rule of one shop and fulfiller.

    ``max_orders`` bounds a wave (the orders of one receiver are never cut apart, so a receiver
    with more orders gets a wave of that size). A product gets waves of its own when at least
    ``hot_minimum`` orders want nothing else; 0 turns that off.
    """

    max_orders: int
    hot_minimum: int
    merge_receivers: bool

    def __post_init__(self) -> None:
        if self.max_orders < 1 or self.hot_minimum < 0:
            raise ValueError("max_orders must be at least 1, hot_minimum at least 0")


@dataclass(frozen=True, slots=True)
class PlannedWave:
    """Orders picked together. ``parcels`` holds the ids of the orders of each parcel."""

    hot_product_id: int | None
    parcels: tuple[tuple[int, ...], ...]

    @property
    def order_count(self) -> int:
        return sum(map(len, self.parcels))

    @property
    def order_ids(self) -> list[int]:
        return [order_id for parcel in self.parcels for order_id in parcel]


@dataclass(frozen=True, slots=True)
class _Group:
    """Orders that stay together: those of one receiver."""

    paid_at: int
    order_ids: tuple[int, ...]
    product_ids: frozenset[int]


def plan_waves(candidates: Iterable[Candidate], limits: Limits) -> list[PlannedWave]:
    """Plan the waves of one shop and fulfiller; every candidate is in exactly one of them.

    One-product waves come first, the product with the most orders before the others; a last
    one-product wave below the minimum is not made: its orders go into the mixed waves.
    """
    groups = _groups(candidates, limits.merge_receivers)
    waves, mixed = _hot_waves(groups, limits)
    mixed.sort(key=lambda group: (group.paid_at, group.order_ids))
    return waves + [PlannedWave(None, _parcels(cut)) for cut in _cut(mixed, limits.max_orders)]


def _groups(candidates: Iterable[Candidate], merge_receivers: bool) -> list[_Group]:
    by_receiver: dict[tuple[str, int], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        alone = not (merge_receivers and candidate.merge_key)
        by_receiver[candidate.merge_key, candidate.order_id if alone else 0].append(candidate)
    groups = []
    for orders in by_receiver.values():
        orders.sort(key=lambda order: (order.paid_at, order.order_id))
        groups.append(
            _Group(
                paid_at=orders[0].paid_at,
                order_ids=tuple(order.order_id for order in orders),
                product_ids=frozenset().union(*(order.product_ids for order in orders)),
            )
        )
    return groups


def _hot_waves(groups: list[_Group], limits: Limits) -> tuple[list[PlannedWave], list[_Group]]:
    by_product: dict[int, list[_Group]] = defaultdict(list)
    mixed: list[_Group] = []
    for group in groups:
        if limits.hot_minimum and len(group.product_ids) == 1:
            by_product[next(iter(group.product_ids))].append(group)
        else:
            mixed.append(group)
    waves: list[PlannedWave] = []
    for product_id, alike in sorted(
        by_product.items(), key=lambda item: (-_orders(item[1]), item[0])
    ):
        alike.sort(key=lambda group: (group.paid_at, group.order_ids))
        for cut in _cut(alike, limits.max_orders):
            if _orders(cut) >= min(limits.hot_minimum, limits.max_orders):
                waves.append(PlannedWave(product_id, _parcels(cut)))
            else:
                mixed.extend(cut)
    return waves, mixed


def _cut(groups: Sequence[_Group], max_orders: int) -> list[list[_Group]]:
    """Cut the groups, in order, into pieces of at most ``max_orders`` orders."""
    pieces: list[list[_Group]] = []
    filled = 0
    for group in groups:
        size = len(group.order_ids)
        if not pieces or filled + size > max_orders:
            pieces.append([])
            filled = 0
        pieces[-1].append(group)
        filled += size
    return pieces


def _orders(groups: Iterable[_Group]) -> int:
    return sum(len(group.order_ids) for group in groups)


def _parcels(groups: Iterable[_Group]) -> tuple[tuple[int, ...], ...]:
    return tuple(group.order_ids for group in groups)
