"""The lines of a credit note from what refunds took off: grouped as the wave was invoiced.

Whole units go back at the prices they were invoiced with (``channel_fulfilment.core.wave_lines``);
a part of a line's money is a line of quantity 1 for each product. The sum is exact to the fen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from odoo.addons.channel_fulfilment.core.wave_lines import UnitLine, group_lines

from .collect import Credit

FREIGHT = 0  # product of a freight credit


@dataclass(frozen=True, slots=True)
class NoteLine:
    """``quantity`` of a product at ``fen`` each; ``part``: money off, no units.

    Product 0 is the freight.
    """

    product: int
    quantity: int
    fen: int
    part: bool = False


def note_lines(credits: Iterable[Credit]) -> tuple[NoteLine, ...]:
    """The lines of the credit note, by product; their total is the sum of the credits."""
    credits = [credit for credit in credits if credit.fen]
    units = group_lines(UnitLine(c.product, c.units, c.fen) for c in credits if c.units)
    parts: dict[int, int] = {}
    for credit in credits:
        if not credit.units:
            parts[credit.product] = parts.get(credit.product, 0) + credit.fen
    lines = [NoteLine(product, count, fen) for (product, fen), count in units.items()]
    lines += [NoteLine(product, 1, fen, part=True) for product, fen in parts.items()]
    return tuple(
        sorted(lines, key=lambda line: (not line.product, line.product, line.part, line.fen))
    )


def total(lines: Iterable[NoteLine]) -> int:
    """Fen of the credit note."""
    return sum(line.quantity * line.fen for line in lines)
