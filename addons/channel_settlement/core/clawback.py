"""What a refund takes back from each party.

The refunds of an order are counted together: each party is to have what the split of the remaining
order gives, so only the difference to what is written is new. Any sequence of refunds therefore
ends in the same shares, and the full amount in none (decision 0015).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from odoo.addons.channel_order.core.credits import due

from .scheme import Bucket, Scheme
from .split import FREIGHT, Line, Order, Share, split

MONEY = ("list", "paid", "fee", *(bucket.value for bucket in Bucket))


@dataclass(frozen=True, slots=True)
class Refund:
    """Fen of a line (``FREIGHT``: of the freight) that the buyer got back, and units sent back."""

    line: int
    fen: int
    units: int = 0


def remaining(order: Order, refunds: Iterable[Refund]) -> Order:
    """What is left of an order after all its refunds.

    All amounts of a line fall as what was paid does, or as the units do when nothing was paid.
    A line that is refunded in full counts no unit any more. What is above the paid amount takes
    off no more.

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
    whole, back = (line.paid, fen) if line.paid else (line.quantity, units)
    amounts = {name: getattr(line, name) - due(getattr(line, name), whole, back) for name in MONEY}
    gone = bool(line.paid) and fen >= line.paid
    return replace(line, quantity=0 if gone else max(line.quantity - units, 0), **amounts)


def clawback(
    order: Order, scheme: Scheme, written: Iterable[Share], refunds: Iterable[Refund]
) -> tuple[Share, ...]:
    """The shares to write so that each party has its part of what is left; none when it has.

    :param written: all shares of the order so far, earlier clawbacks too
    :param refunds: all refunds of the order so far
    """
    owed: Counter[tuple[int, int]] = Counter()
    for share in split(remaining(order, refunds), scheme).shares:
        owed[share.line, share.rule] += share.fen
    for share in written:
        owed[share.line, share.rule] -= share.fen
    return tuple(Share(line, rule, fen) for (line, rule), fen in sorted(owed.items()) if fen)
