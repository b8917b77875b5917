"""Who ships which order: greedy, exact, first paid first.

The order book is walked once by ``(paid_at, order_ref)``. An order is given whole to one fulfiller
or not at all, so a refused order never holds units that a later one could have. Quotas are counted
in units of the offer (the platform link), never of stock: stock was locked when the pool opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Reason = Literal["", "short", "unfillable", "no_offer", "on_hold"]


@dataclass(frozen=True, slots=True)
class Demand:
    """An order that waits for units.

    ``paid_at``: unix seconds. ``units``: (pool id, units wanted) pairs, a pool may occur twice.
    ``territory``: territory ids of the receiver from the city up to the country. ``held``: one of
    its offers is on hold, so it takes nothing, of the others either.
    """

    order_ref: str
    paid_at: int
    units: tuple[tuple[int, int], ...]
    territory: tuple[int, ...] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """What one fulfiller still holds of one pool; at most one per (pool, fulfiller)."""

    id: int
    pool_id: int
    fulfiller_id: int
    left: int


@dataclass(frozen=True, slots=True)
class FulfillerRule:
    """Whom a fulfiller serves and in which order it is asked.

    ``territories``: ids served, empty = everywhere. ``priority``: lower first, as Odoo's sequence.
    ``capacity_left``: orders it may still take today, None = unlimited. ``taken``: orders it has
    today, the base of the weighted turn.
    """

    id: int
    territories: frozenset[int] = frozenset()
    priority: int = 10
    weight: int = 1
    capacity_left: int | None = None
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """``takes``: (quota id, units) of the chosen fulfiller; empty when ``reason`` tells why not."""

    order_ref: str
    fulfiller_id: int | None
    takes: tuple[tuple[int, int], ...]
    reason: Reason = ""


def allocate(
    demands: Sequence[Demand], quotas: Sequence[Quota], fulfillers: Sequence[FulfillerRule]
) -> list[Decision]:
    """Decide for every demand, first paid first; the order of the arguments does not matter.

    :return: one decision per demand in the order they were decided
    :raise ValueError: an order, a (pool, fulfiller) or a fulfiller twice; units < 1; left < 0
    """
    book = _Book(quotas, fulfillers)
    if len({demand.order_ref for demand in demands}) != len(demands):
        raise ValueError("an order occurs twice among the demands")
    return [book.decide(d) for d in sorted(demands, key=lambda d: (d.paid_at, d.order_ref))]


class _Book:
    """The running state of one allocation pass."""

    __slots__ = ("capacity", "left", "quota", "ranking", "rules", "taken", "total")

    def __init__(self, quotas: Sequence[Quota], fulfillers: Sequence[FulfillerRule]):
        self.quota: dict[int, dict[int, int]] = {}  # pool -> fulfiller -> quota id
        self.left: dict[int, int] = {}  # quota -> units
        self.total: dict[int, int] = {}  # pool -> units over all fulfillers
        for quota in quotas:
            of_pool = self.quota.setdefault(quota.pool_id, {})
            if quota.fulfiller_id in of_pool or quota.id in self.left:
                raise ValueError(f"quota {quota.id}: its pool and fulfiller have another quota")
            if quota.left < 0:
                raise ValueError(f"quota {quota.id}: {quota.left} units left")
            of_pool[quota.fulfiller_id] = quota.id
            self.left[quota.id] = quota.left
            self.total[quota.pool_id] = self.total.get(quota.pool_id, 0) + quota.left
        self.rules = {rule.id: rule for rule in fulfillers}
        if len(self.rules) != len(fulfillers):
            raise ValueError("a fulfiller occurs twice")
        self.capacity = {rule.id: rule.capacity_left for rule in fulfillers}
        self.taken = {rule.id: rule.taken for rule in fulfillers}
        self.ranking: dict[tuple[int, ...], list[list[int]]] = {}

    def decide(self, demand: Demand) -> Decision:
        """The decision for one order; books its units when it is accepted."""
        if demand.held:
            return Decision(demand.order_ref, None, (), "on_hold")
        units = _merged(demand.units)
        total = self.total
        if not units or any(pool not in total for pool, _qty in units):
            return Decision(demand.order_ref, None, (), "no_offer")
        if any(total[pool] < qty for pool, qty in units):
            return Decision(demand.order_ref, None, (), "short")
        for group in self._ranked(demand.territory):
            able = [fulfiller for fulfiller in group if self._can_take(fulfiller, units)]
            if able:
                return self._book(demand, able[0] if len(able) == 1 else self._turn(able), units)
        return Decision(demand.order_ref, None, (), "unfillable")

    def _can_take(self, fulfiller: int, units: tuple[tuple[int, int], ...]) -> bool:
        if self.capacity[fulfiller] == 0:
            return False
        for pool, qty in units:
            quota = self.quota[pool].get(fulfiller)
            if quota is None or self.left[quota] < qty:
                return False
        return True

    def _book(self, demand: Demand, fulfiller: int, units: tuple[tuple[int, int], ...]) -> Decision:
        takes = []
        for pool, qty in units:
            quota = self.quota[pool][fulfiller]
            self.left[quota] -= qty
            self.total[pool] -= qty
            takes.append((quota, qty))
        capacity = self.capacity[fulfiller]
        if capacity is not None:
            self.capacity[fulfiller] = capacity - 1
        self.taken[fulfiller] += 1
        return Decision(demand.order_ref, fulfiller, tuple(takes))

    def _turn(self, able: list[int]) -> int:
        """Whose turn it is: the largest deficit of orders against the weights, then the id."""
        weights = [self.rules[fulfiller].weight for fulfiller in able]
        whole = sum(weights)
        if whole <= 0:
            weights, whole = [1] * len(able), len(able)
        orders = sum(self.taken[fulfiller] for fulfiller in able) + 1
        # the due share of all orders minus the orders taken, scaled by the whole to stay integer
        deficits = [
            (weight * orders - self.taken[fulfiller] * whole, -fulfiller)
            for fulfiller, weight in zip(able, weights, strict=True)
        ]
        return -max(deficits)[1]

    def _ranked(self, territory: tuple[int, ...]) -> list[list[int]]:
        """Fulfillers that may serve a territory, best group first; equal rank in one group."""
        known = self.ranking.get(territory)
        if known is None:
            known = self.ranking[territory] = self._rank(territory)
        return known

    def _rank(self, territory: tuple[int, ...]) -> list[list[int]]:
        groups: dict[tuple[int, int], list[int]] = {}
        everywhere = len(territory)
        for rule in self.rules.values():
            if rule.territories:
                step = next(
                    (i for i, node in enumerate(territory) if node in rule.territories), None
                )
                if step is None:
                    continue
            else:
                step = everywhere
            groups.setdefault((step, rule.priority), []).append(rule.id)
        return [sorted(groups[key]) for key in sorted(groups)]


def _merged(units: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """The units with each pool once, sorted by pool; refuses what is no positive number."""
    if len(units) == 1:
        if units[0][1] < 1:
            raise ValueError(f"pool {units[0][0]}: {units[0][1]} units wanted")
        return units
    wanted: dict[int, int] = {}
    for pool, qty in units:
        if qty < 1:
            raise ValueError(f"pool {pool}: {qty} units wanted")
        wanted[pool] = wanted.get(pool, 0) + qty
    return tuple(sorted(wanted.items()))
