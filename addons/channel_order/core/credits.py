"""What a refund after shipment takes off an order, line by line, exact to the fen.

The platform owes for a line what the buyer paid and the discounts that others bear. When it gives
the buyer a part of what he paid, the discounts fall in the same proportion (decision 0012): of
``owed`` fen the first ``refunded`` of ``paid`` fen take off ``owed x refunded // paid``. As this is
cumulative, any sequence of refunds comes to the same, and the last fen takes the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .explode import share


@dataclass(frozen=True, slots=True)
class Sold:
    """A component of a platform line that left: ``units`` of a product, amounts of all of them.

    ``taken``: fen that refunds took off ``owed`` before.
    """

    line_id: int
    units: int
    paid: int
    owed: int
    taken: int = 0

    @property
    def left(self) -> int:
        return self.owed - self.taken


@dataclass(frozen=True, slots=True)
class TakenOff:
    """Fen that a refund takes off a line."""

    line_id: int
    fen: int


def due(owed: int, paid: int, refunded: int) -> int:
    """Fen off ``owed`` when ``refunded`` of ``paid`` fen are back.

    Nothing paid: nothing falls by money (``take_off`` says what falls by units).
    """
    if refunded < 0:
        raise ValueError(f"{refunded} fen cannot be refunded")
    return owed * min(refunded, paid) // paid if paid else 0


def take_off(lines: Sequence[Sold], before: int, amount: int) -> tuple[TakenOff, ...]:
    """What a refund takes off the components of one platform line.

    :param before: fen of the line given back by earlier after-sales
    :param amount: fen given back by this one; above what is left it counts as all of it
    """
    paid, owed = sum(line.paid for line in lines), sum(line.owed for line in lines)
    fen = due(owed, paid, before + amount) - sum(line.taken for line in lines)
    if fen <= 0:
        return ()
    parts = share(fen, [line.left for line in lines])
    return tuple(
        TakenOff(line.line_id, part) for line, part in zip(lines, parts, strict=True) if part
    )


def spread_refund(amount: int, rooms: Sequence[int]) -> list[int]:
    """A refund of the whole order over its platform lines, by what each has left.

    :param rooms: fen of what the buyer paid that are not given back, for each line
    :raise ValueError: more than is left
    """
    if amount > sum(rooms):
        raise ValueError(f"{amount} fen of {sum(rooms)} cannot be given back")
    return share(amount, rooms) if amount else [0] * len(rooms)
