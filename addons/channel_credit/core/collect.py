"""Which lines of an order a refund takes money off, and which units go back with it.

A platform tells an amount for a line or for the whole order; what it takes off each product, with
the discounts that others bear, says ``channel_order.core.credits``. Amounts are whole fen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from odoo.addons.channel_order.core.credits import Sold, spread_refund, take_off

WHOLE_ORDER = ""


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that a platform gave back for goods that had left.

    :ivar line_ref: the platform's line; empty: the whole order
    :ivar goods: fen without freight
    :ivar day: in China, when it succeeded
    """

    aftersale: int
    line_ref: str
    goods: int
    freight: int
    day: date


@dataclass(frozen=True, slots=True)
class Part:
    """A product of a platform line that was invoiced; ``product`` our product's id."""

    line_ref: str
    product: int
    sold: Sold


@dataclass(frozen=True, slots=True)
class Order:
    """A shipped order with what refunds took off it before.

    :ivar given: fen of goods given back before, by platform line
    :ivar freight: fen of freight invoiced; ``freight_taken``: of it taken off before
    """

    id: int
    parts: tuple[Part, ...]
    given: dict[str, int] = field(default_factory=dict)
    freight: int = 0
    freight_taken: int = 0


@dataclass(frozen=True, slots=True)
class Credit:
    """Fen that a refund takes off a line, or off the freight (``line`` and ``product`` 0).

    :ivar units: of the product when all of the line goes back at once, at the prices it was
        invoiced with; else 0
    :ivar given: fen that the buyer got for the platform line; on its first product only
    """

    aftersale: int
    line: int
    product: int
    units: int
    fen: int
    day: date
    given: int = 0


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Fen that a platform gave back beyond what the buyer paid: a person has to look at it."""

    aftersale: int
    fen: int


def collect(
    order: Order, refunds: Iterable[Refund]
) -> tuple[tuple[Credit, ...], tuple[Unexplained, ...]]:
    """What the refunds take off the order, the older first; and what they gave too much."""
    credits: list[Credit] = []
    over: list[Unexplained] = []
    for refund in sorted(refunds, key=lambda refund: (refund.day, refund.aftersale)):
        news, order, rest = _one(order, refund)
        credits += news
        if rest:
            over.append(Unexplained(refund.aftersale, rest))
    return tuple(credits), tuple(over)


def _one(order: Order, refund: Refund) -> tuple[list[Credit], Order, int]:
    credits, order, rest = _goods(order, refund)
    freight = min(refund.freight, order.freight - order.freight_taken)
    if freight:
        credits.append(Credit(refund.aftersale, 0, 0, 0, freight, refund.day))
        order = replace(order, freight_taken=order.freight_taken + freight)
    return credits, order, rest + refund.freight - freight


def _goods(order: Order, refund: Refund) -> tuple[list[Credit], Order, int]:
    rooms = {
        ref: sum(p.sold.paid for p in order.parts if p.line_ref == ref) - order.given.get(ref, 0)
        for ref in dict.fromkeys(part.line_ref for part in order.parts)
        if refund.line_ref in (WHOLE_ORDER, ref)
    }
    amount = min(refund.goods, sum(rooms.values()))
    shares = dict(zip(rooms, spread_refund(amount, list(rooms.values())), strict=True))
    credits: list[Credit] = []
    taken: dict[int, int] = {}
    for ref, share in shares.items():
        parts = [part for part in order.parts if part.line_ref == ref]
        for off in take_off([part.sold for part in parts], order.given.get(ref, 0), share):
            part = next(part for part in parts if part.sold.line_id == off.line_id)
            whole = off.fen == part.sold.owed and not part.sold.taken
            credits.append(
                Credit(
                    refund.aftersale, off.line_id, part.product,
                    part.sold.units if whole else 0, off.fen, refund.day, share,
                )
            )  # fmt: skip
            share = 0
            taken[off.line_id] = off.fen
    parts = tuple(
        replace(
            p, sold=replace(p.sold, taken=p.sold.taken + taken.get(p.sold.line_id, 0))
        )
        for p in order.parts
    )  # fmt: skip
    given = order.given | {ref: order.given.get(ref, 0) + share for ref, share in shares.items()}
    return credits, replace(order, parts=parts, given=given), refund.goods - amount
