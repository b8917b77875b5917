"""How the planned units of offers are spread over the fulfillers that hold their stock.

Offers are served in the order given; what one offer takes is gone for the next one that shares a
product with it. Within an offer the units go by weight (largest remainder), never above what a
fulfiller can build from its free stock; what it cannot hold goes to the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """``units`` of an offer to lock; ``components``: (product id, units of product per unit)."""

    id: int
    units: int
    components: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """A fulfiller with its free stock (product id -> whole units)."""

    id: int
    free: Mapping[int, int]
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Share:
    """``quantity`` units of an offer held by a fulfiller."""

    offer_id: int
    holder_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """What is missing: product units wanted for the offer and free for it, over all fulfillers."""

    offer_id: int
    product_id: int
    wanted: int
    free: int


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of every offer that can be locked whole, shortages of every other."""

    shares: tuple[Share, ...]
    shortages: tuple[Shortage, ...]


def split(offers: Sequence[Offer], holders: Sequence[Holder]) -> Split:
    """Spread every offer; an offer that cannot be locked whole takes nothing and is reported.

    :raise ValueError: a component quantity below 1
    """
    free = {holder.id: dict(holder.free) for holder in holders}
    weights = {holder.id: holder.weight for holder in holders}
    shares: list[Share] = []
    shortages: list[Shortage] = []
    for offer in offers:
        need = _components(offer)
        room = {holder: _room(offer, need, stock) for holder, stock in free.items()}
        if not holders or sum(room.values()) < offer.units:
            shortages += _shortages(offer, need, free)
            continue
        for holder, quantity in spread(offer.units, room, weights).items():
            shares.append(Share(offer.id, holder, quantity))
            for product, qty in need.items():
                free[holder][product] -= qty * quantity
    return Split(tuple(shares), tuple(shortages))


def spread(units: int, room: Mapping[int, int], weights: Mapping[int, int]) -> dict[int, int]:
    """``units`` over holders by weight, never above ``room``; who gets nothing is left out.

    Largest remainder, ties to the lower id. The caller has checked that the room is enough.
    """
    given = dict.fromkeys(room, 0)
    left = units
    while left:
        open_to = sorted(holder for holder in room if given[holder] < room[holder])
        if not open_to:
            raise ValueError(f"{left} of {units} units do not fit")
        whole = sum(weights[holder] for holder in open_to)
        parts = {h: weights[h] if whole else 1 for h in open_to}
        whole = whole or len(open_to)
        ideal = {h: left * parts[h] // whole for h in open_to}
        spare = left - sum(ideal.values())
        by_remainder = sorted(open_to, key=lambda h: (-(left * parts[h] % whole), h))
        for holder in by_remainder[:spare]:
            ideal[holder] += 1
        for holder in open_to:
            step = min(ideal[holder], room[holder] - given[holder])
            given[holder] += step
            left -= step
    return {holder: quantity for holder, quantity in given.items() if quantity}


def _components(offer: Offer) -> dict[int, int]:
    need: dict[int, int] = {}
    for product, qty in offer.components:
        if qty < 1:
            raise ValueError(f"offer {offer.id}: {qty} units of product {product}")
        need[product] = need.get(product, 0) + qty
    return need


def _room(offer: Offer, need: Mapping[int, int], stock: Mapping[int, int]) -> int:
    """Units of the offer a holder can build; an offer that needs no stock fits everywhere."""
    if not need:
        return offer.units
    return min(max(stock.get(product, 0), 0) // qty for product, qty in need.items())


def _shortages(
    offer: Offer, need: Mapping[int, int], free: Mapping[int, Mapping[int, int]]
) -> list[Shortage]:
    """The missing products; the scarcest one when only their places do not fit together."""
    rows, missing = [], []
    for product, qty in sorted(need.items()):
        stocks = [max(stock.get(product, 0), 0) for stock in free.values()]
        row = Shortage(offer.id, product, qty * offer.units, sum(stocks))
        rows.append(row)
        if sum(stock // qty for stock in stocks) < offer.units:
            missing.append(row)
    return missing or [min(rows, key=lambda row: (row.free - row.wanted, row.product_id))]
