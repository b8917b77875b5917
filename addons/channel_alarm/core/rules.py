"""When a session's figures are worth an alarm. Figures in, alarms out; no clock, no database.

Each alarm has one number that says how bad it is (orders, units, minutes), so that one that is open
is told only when it got worse, and one that was decided comes back only when it is clearly worse
or a quiet time has passed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

SPIKE = "spike"
PRICE = "price"
RECEIVER = "receiver"
STOCK = "stock"
WAITING = "waiting"
KINDS = (SPIKE, PRICE, RECEIVER, STOCK, WAITING)
# A person can put these on hold: the item, or the receiver.
HOLDABLE = frozenset({SPIKE, PRICE, RECEIVER, STOCK})
OF_ITEMS = frozenset({SPIKE, PRICE, STOCK})

BUCKET = 10  # seconds; orders are counted in buckets of this size
MINUTE = 60 // BUCKET  # buckets
WORSE = 2  # so many times the number that was decided about is clearly worse

Facts = Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind's limits. ``quiet`` and ``minutes`` are minutes.

    ``threshold``: spike: orders a minute; price: orders outside the band within ``minutes``;
    receiver: orders of one receiver; stock: units of difference; waiting: minutes.
    ``times``: spike: times the average of the ``minutes`` before.
    """

    threshold: int
    minutes: int = 1
    times: int = 1
    quiet: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a session; ``counts``: (bucket, orders, orders outside the price band).

    ``since``: bucket in which it came on sale.
    """

    id: int
    since: int
    counts: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver with orders in the session; ``shown`` is masked."""

    key: str
    shown: str
    orders: int


@dataclass(frozen=True, slots=True)
class StockDifference:
    """What a platform shows of an item, and what we have left for it."""

    item_id: int
    sku: str
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of one open session; ``now`` is the bucket of this moment.

    ``waiting``: seconds since the payment of the order that waits longest for units.
    """

    now: int
    items: tuple[Item, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    stock: tuple[StockDifference, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A reason for an alarm; ``subject`` says about what, ``item_id`` when that is an item."""

    kind: str
    subject: str
    number: int
    facts: Facts = field(hash=False)
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The newest alarm about a subject; ``quiet``: minutes since a person decided about it."""

    id: int
    open: bool
    number: int
    quiet: int = 0


def find(figures: Figures, rules: Mapping[str, Rule]) -> list[Found]:
    """Everything in the figures that a rule speaks of, kind by kind."""
    checks = {
        SPIKE: _spikes, PRICE: _prices, RECEIVER: _receivers, STOCK: _stock, WAITING: _waiting,
    }  # fmt: skip
    return [
        found for kind in KINDS if kind in rules for found in checks[kind](figures, rules[kind])
    ]


def sift(
    found: Iterable[Found],
    known: Mapping[tuple[str, str], Known],
    rules: Mapping[str, Rule],
) -> tuple[list[Found], list[tuple[int, Found]]]:
    """What is to be raised, and what got worse: (id of the open alarm, what it is now).

    :param known: (kind, subject) -> the newest alarm about it
    """
    raised, worse = [], []
    for one in found:
        last = known.get((one.kind, one.subject))
        if last is None:
            raised.append(one)
        elif last.open:
            if one.number > last.number:
                worse.append((last.id, one))
        elif one.number >= WORSE * last.number or last.quiet >= rules[one.kind].quiet:
            raised.append(one)
    return raised, worse


def _spikes(figures: Figures, rule: Rule) -> Iterable[Found]:
    """More orders in the last minute than so many times the average before, and than a floor.

    An item that has not been on sale for all these minutes has no average yet.
    """
    start = figures.now - MINUTE + 1
    first = start - rule.minutes * MINUTE
    for item in figures.items:
        last = _sum(item.counts, start, 1)
        before = _sum(item.counts, first, 1) - last
        known = item.since <= first
        if known and last >= rule.threshold and last * rule.minutes > rule.times * before:
            facts = {"orders": last, "before": before // rule.minutes, "minutes": rule.minutes}
            yield Found(SPIKE, str(item.id), last, facts, item.id)


def _prices(figures: Figures, rule: Rule) -> Iterable[Found]:
    """So many orders of one item outside its price band."""
    for item in figures.items:
        count = _sum(item.counts, figures.now - rule.minutes * MINUTE + 1, 2)
        if count >= rule.threshold:
            facts = {"orders": count, "minutes": rule.minutes}
            yield Found(PRICE, str(item.id), count, facts, item.id)


def _receivers(figures: Figures, rule: Rule) -> Iterable[Found]:
    """So many orders of one receiver."""
    for receiver in figures.receivers:
        if receiver.orders >= rule.threshold:
            facts = {"orders": receiver.orders, "shown": receiver.shown}
            yield Found(RECEIVER, receiver.key, receiver.orders, facts)


def _stock(figures: Figures, rule: Rule) -> Iterable[Found]:
    """The platform shows so many units more or less than are left here."""
    for row in figures.stock:
        gap = abs(row.ours - row.theirs)
        if gap >= rule.threshold:
            facts = {"ours": row.ours, "theirs": row.theirs, "sku": row.sku}
            yield Found(STOCK, str(row.item_id), gap, facts, row.item_id)


def _waiting(figures: Figures, rule: Rule) -> Iterable[Found]:
    """A paid order waits for units so long."""
    minutes = figures.waiting // 60
    if minutes >= rule.threshold:
        yield Found(WAITING, "", minutes, {"minutes": minutes})


def _sum(counts: Sequence[tuple[int, int, int]], first: int, column: int) -> int:
    return sum(row[column] for row in counts if row[0] >= first)
