"""From the lines of channel orders to the lines of a wave's sale order, exact to the fen.

A wave line is (product, fen per unit) with a quantity. What is owed for a line that does not
divide by its quantity is spread as whole fen per unit (3 units for 10.00 are two units of 3.33
and one of 3.34), so that the sum of price times quantity is always the sum owed: an average
price times a delivered quantity would not be (spec/accounting.md, wave lines).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A live line of a channel order: ``quantity`` units of a product, ``owed`` fen for all."""

    product_id: int
    quantity: int
    owed: int


WaveKey = tuple[int, int]
"""(product id, fen per unit)."""


def spread(quantity: int, owed: int) -> tuple[tuple[int, int], ...]:
    """Whole fen per unit: ``((fen, units), …)`` with Σ fen × units = owed, Σ units = quantity.

    At most two prices, one fen apart. Raises ValueError for a quantity below 1 or a negative
    amount: neither can be shipped.
    """
    if quantity < 1 or owed < 0:
        raise ValueError(f"cannot spread {owed} fen over {quantity} units")
    low, rest = divmod(owed, quantity)
    parts = ((low, quantity - rest), (low + 1, rest))
    return tuple((fen, units) for fen, units in parts if units)


def group_lines(lines: Iterable[UnitLine]) -> dict[WaveKey, int]:
    """Units of each (product, fen per unit), in the order first seen."""
    units: dict[WaveKey, int] = {}
    for line in lines:
        for fen, count in spread(line.quantity, line.owed):
            key = (line.product_id, fen)
            units[key] = units.get(key, 0) + count
    return units


def group_freight(freights: Iterable[int]) -> dict[int, int]:
    """Orders of each freight amount in fen; orders without freight are left out."""
    orders: dict[int, int] = {}
    for fen in freights:
        if fen < 0:
            raise ValueError(f"freight cannot be negative: {fen} fen")
        if fen:
            orders[fen] = orders.get(fen, 0) + 1
    return dict(sorted(orders.items()))


def total(units: Mapping[WaveKey, int], freight: Mapping[int, int]) -> int:
    """What the lines come to, in fen."""
    return sum(fen * count for (_product, fen), count in units.items()) + sum(
        fen * count for fen, count in freight.items()
    )
