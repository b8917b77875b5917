"""What a refund takes back from each party.

The refunds of an order are counted together: each party is to have what the split of the remaining
order gives, so only the difference to what is written is new. Any sequence of refunds therefore
ends in the same shares, and the full amount in none (decision 0015).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from odoo.addons.channel_network.core.money import allocate
from odoo.addons.channel_order.core.credits import due

from .scheme import Scheme
from .split import FREIGHT, Line, Order, Share, shares

OWED = ("paid", "platform", "talent", "payment")  # what the platform owes for a line
BESIDE = ("list", "shop")


@dataclass(frozen=True, slots=True)
class Refund:
    """What a refund takes off a line (``FREIGHT``: off the freight), and units sent back.

    :ivar fen: off what the platform owes for the line, as the credit notes say
        (``channel_order.core.credits``)
    """

    line: int
    fen: int
    units: int = 0


def remaining(order: Order, refunds: Iterable[Refund]) -> Order:
    """What is left of an order after all its refunds.

    What is owed falls by what is taken off, to the fen, its parts in proportion; the other amounts
    of the line fall with it, or as the units do when nothing is owed. A line that is refunded in
    full counts no unit any more. What is above the owed amount takes off no more.

    :param order: as it was sold, at least one unit a line
    :raise ValueError: a refund below 0, or of a line that the order does not have
    """
    fen: Counter[int] = Counter()
    units: Counter[int] = Counter()
    known = {FREIGHT, *(line.id for line in order.lines)}
    for refund in refunds:
        if refund.line not in known:
            raise ValueError(f"the order has no line {refund.line}")
        if refund.fen < 0 or refund.units < 0:
            raise ValueError(f"a refund of line {refund.line} is below 0")
        fen[refund.line] += refund.fen
        units[refund.line] += refund.units
    lines = tuple(_left(line, fen[line.id], units[line.id]) for line in order.lines)
    return Order(lines, max(order.freight - fen[FREIGHT], 0))


def _left(line: Line, fen: int, units: int) -> Line:
    parts = [getattr(line, name) for name in OWED]
    owed = sum(parts)
    off = allocate(min(fen, owed), parts) if owed else parts
    left = {name: part - gone for name, part, gone in zip(OWED, parts, off, strict=True)}
    whole, back = (owed, fen) if owed else (line.quantity, units)
    left |= {name: getattr(line, name) - due(getattr(line, name), whole, back) for name in BESIDE}
    gone = bool(owed) and fen >= owed
    return line._replace(quantity=0 if gone else max(line.quantity - units, 0), **left)


def clawback(
    order: Order, scheme: Scheme, written: Iterable[Share], refunds: Iterable[Refund]
) -> tuple[Share, ...]:
    """The shares to write so that each party has its part of what is left; none when it has.

    :param written: all shares of the order so far, earlier clawbacks too
    :param refunds: all refunds of the order so far
    """
    owed: Counter[tuple[int, int]] = Counter()
    for share in shares(remaining(order, refunds), scheme):
        owed[share.line, share.rule] += share.fen
    for share in written:
        owed[share.line, share.rule] -= share.fen
    return tuple(Share(line, rule, fen) for (line, rule), fen in sorted(owed.items()) if fen)
