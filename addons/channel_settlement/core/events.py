"""The shares of an order event by event: its sale, then each refund.

An order is cut into groups: lines of one scheme with the same parties are split together. The
freight belongs to the first group. What an event writes is the difference between what the parties
are to have after it and what was written before, so an event that was written writes nothing again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from .choose import Claim
from .clawback import Refund, clawback
from .scheme import Scheme
from .split import Order, Share, shares

SALE = 0  # an event without an after-sale


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of an order that are split together, and who gets what of them.

    :ivar claims: by rule of ``scheme``
    :ivar rates: what contracts gave to rules of ``scheme``, in basis points
    """

    terms: int
    scheme: Scheme
    order: Order
    claims: Mapping[int, Claim]
    rates: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Back:
    """What an after-sale takes off the lines of an order, on a day in China."""

    aftersale: int
    day: date
    refunds: tuple[Refund, ...]


class Written(NamedTuple):
    """A share and the claim it goes to."""

    share: Share
    claim: Claim


@dataclass(frozen=True, slots=True)
class Event:
    """Shares to write for the sale of an order or for a refund; they add up to ``amount``."""

    aftersale: int
    day: date
    amount: int
    shares: tuple[Written, ...]


def sale(groups: Sequence[Group], day: date) -> Event:
    """The shares of an order that left on a day."""
    return _event(SALE, day, ((group, shares(group.order, group.scheme)) for group in groups))


def refunds(
    groups: Sequence[Group],
    written: Mapping[tuple[int, int], int],
    before: Iterable[Back],
    news: Iterable[Back],
) -> list[Event]:
    """The shares that each new refund takes back, or gives, in the order of their days.

    :param written: fen by (line, rule) of all events of the order so far
    :param before: refunds that have their event already
    """
    fen = Counter(written)
    told = [refund for back in before for refund in back.refunds]
    events = []
    for back in sorted(news, key=lambda back: (back.day, back.aftersale)):
        told += back.refunds
        event = _event(
            back.aftersale, back.day, ((group, _taken(group, fen, told)) for group in groups)
        )
        for each in event.shares:
            fen[each.share.line, each.share.rule] += each.share.fen
        events.append(event)
    return events


def _taken(
    group: Group, written: Mapping[tuple[int, int], int], told: Iterable[Refund]
) -> Sequence[Share]:
    ours = {line.id for line in group.order.lines}
    if group.order.freight:
        ours.add(0)
    had = [Share(line, rule, fen) for (line, rule), fen in written.items() if line in ours]
    return clawback(group.order, group.scheme, had, [one for one in told if one.line in ours])


def _event(aftersale: int, day: date, found: Iterable[tuple[Group, Sequence[Share]]]) -> Event:
    rows = [Written(share, group.claims[share.rule]) for group, news in found for share in news]
    return Event(aftersale, day, sum([row.share.fen for row in rows]), tuple(rows))
