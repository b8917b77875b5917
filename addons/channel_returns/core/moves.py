"""How the units of a trolley become stock moves, each at the cost at which it left."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class To(StrEnum):
    """Where units go: good ones into the stock, defects where nothing is promised from."""

    STOCK = "stock"
    DEFECTS = "defects"


@dataclass(frozen=True, slots=True)
class Found:
    """Counted units of a product. ``wave_id`` None: the order left by another way than a wave."""

    product_id: int
    wave_id: int | None
    good: int
    defect: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery move of a wave: ``units`` left with it, ``back`` of them have come back."""

    move_id: int
    wave_id: int
    product_id: int
    units: int
    back: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """Units of a product into one place. ``origin_id`` is the delivery move that they return, None
    when none is known: then they come in at the product's present cost."""

    product_id: int
    to: To
    units: int
    origin_id: int | None


def plan(found: Iterable[Found], delivered: Iterable[Delivered]) -> list[Move]:
    """Moves of all good and defect units, as few as possible, in the order of the products.

    Units return the delivery moves of their wave, the first one first, never more than left with
    it. Wrong and missing units are no part of it: they move no stock.
    """
    room: dict[tuple[int, int], list[list[int]]] = {}
    for move in sorted(delivered, key=lambda move: move.move_id):
        key = (move.wave_id, move.product_id)
        room.setdefault(key, []).append([move.move_id, max(move.units - move.back, 0)])
    units: dict[tuple[int, To, int | None], int] = {}
    for one in found:
        for to, count in ((To.STOCK, one.good), (To.DEFECTS, one.defect)):
            for origin, part in _take(room.get((one.wave_id, one.product_id), []), count):
                key = (one.product_id, to, origin)
                units[key] = units.get(key, 0) + part
    moves = [Move(product, to, count, origin) for (product, to, origin), count in units.items()]
    return sorted(moves, key=lambda move: (move.product_id, move.to, move.origin_id or 0))


def _take(room: list[list[int]], count: int):
    """(move id or None, units) of ``count`` units; what is taken is gone from ``room``."""
    for slot in room:
        part = min(slot[1], count)
        if part:
            slot[1] -= part
            count -= part
            yield slot[0], part
    if count:
        yield None, count
