"""What number a SKU should show on its platform, and what is told to get there.

The platform lowers its own number with every sale and raises it with every refund before
shipping; we hear of both later. So only two things are ever told: **0**, absolutely, and
**+n / -n** under a key that the platform counts once. Neither can bring back what was sold
meanwhile. Why: ``docs/decisions/0007-stock-to-platforms.md``.

All numbers are units of the SKU.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

SETTLE = 2.0  # seconds by which a platform may show a change late
WHOLE = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class Books:
    """What our own books say of a SKU.

    :ivar supply: what its offers have to sell in all: the quantity of open ones; of held and
        closed ones what they have given out, no more
    :ivar taken: what these offers have given to orders, ever
    :ivar waiting: units of paid orders that have none yet (queued, held, exceptions)
    :ivar free: the part of the free stock that is shown besides
    :ivar stamp: differs whenever units were given out or came back in between, even if as many
    """

    supply: int
    taken: int
    waiting: int = 0
    free: int = 0
    stamp: str = ""

    @property
    def used(self) -> int:
        """What the platform sold and did not give back, as far as we have heard."""
        return self.taken + self.waiting

    @property
    def wanted(self) -> int:
        """What the platform should show if we had heard of everything."""
        return max(0, self.supply + self.free - self.used)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the platform answered: its number with what it holds for unpaid orders.

    :ivar used: ``Books.used`` just before it was asked; ``stamp`` likewise
    :ivar at: unix seconds
    """

    number: int
    used: int
    at: float
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of the platform's number.

    :ivar base: its number plus all that was used; it stays the same through sales and refunds.
        None: not known, because 0 was told while sales may have been on their way
    :ivar zeroed: 0 is the last thing that was told
    :ivar confirmed: a reading has agreed with the base since 0 was told last
    :ivar accepted: a difference that a person has accepted
    :ivar difference: what a reading showed above (+) or below (-) our number
    """

    base: int | None = None
    zeroed: bool = False
    confirmed: bool = False
    reading: Reading | None = None
    accepted: int = 0
    difference: int = 0


class Kind(Enum):
    """What to do next for a SKU."""

    NOTHING = "nothing"
    ZERO = "zero"  # tell 0
    ADD = "add"  # tell +n or -n
    READ = "read"  # ask for the platform's number
    WAIT = "wait"  # until all the platform did before the reading has been heard of


@dataclass(frozen=True, slots=True)
class Step:
    """A :class:`Kind`, the units to add, and the base once the platform has agreed."""

    kind: Kind
    units: int = 0
    base: int | None = None


def decide(books: Books, known: Known, due: bool = False) -> Step:
    """What to do next.

    :param due: the offers of the SKU have changed; an offer that ended is told even when 0 was
        told before, because the platform may have given back refunded units since
    """
    # What it sold beyond our number it cannot show as less than 0: the next units go there.
    base = None if known.base is None else max(known.base, books.used)
    shown = None if base is None else base - books.used
    if books.wanted == 0:
        ended = books.supply + books.free <= books.taken
        if shown or (not known.zeroed and (ended or base is None)) or (due and ended):
            return Step(Kind.ZERO, base=base if shown == 0 else None)
    elif base is None and not known.zeroed:
        return Step(Kind.ZERO)
    if base is None or shown is None:
        return Step(Kind.WAIT if known.reading else Kind.READ)
    units = books.wanted - shown
    return Step(Kind.ADD, units, base + units) if units else Step(Kind.NOTHING, base=base)


def acknowledged(known: Known, step: Step) -> Known:
    """What we know once the platform has agreed to a step that told it something."""
    if step.kind is Kind.ZERO:
        return Known(base=step.base, zeroed=True)
    return replace(known, base=step.base, zeroed=False, reading=None, difference=0)


def refused(known: Known) -> Known:
    """What we know when the platform refused to take units away: it has fewer than we thought."""
    return Known(accepted=known.accepted)


def measure(known: Known, books: Books, horizon: float) -> Known:
    """Compare a reading with what we know, once it can be said.

    It can when we have heard of all that the platform did until the reading, and nothing was
    used since. What our own 0 may have swallowed is put right without asking; any other
    difference is somebody else's doing, and a person decides.

    :param horizon: unix seconds; all that the platform did before is in our books
    """
    reading = known.reading
    if reading is None or horizon < reading.at + SETTLE:
        return known
    if (books.used, books.stamp) != (reading.used, reading.stamp):
        return replace(known, reading=None)
    base = reading.number + reading.used
    if known.base is None or not known.confirmed:
        return replace(known, base=base, confirmed=True, reading=None, accepted=0, difference=0)
    difference = base - max(known.base, books.used) - known.accepted
    return replace(known, reading=None, difference=difference)


def accept(known: Known) -> Known:
    """A person leaves the platform's number as it is: from now on it is expected to be so."""
    return replace(known, accepted=known.accepted + known.difference, difference=0)


def insist(known: Known) -> Known:
    """A person wants our number told: what was read is what the platform counts from."""
    if known.base is None:
        return known
    base = known.base + known.accepted + known.difference
    return replace(known, base=base, accepted=0, difference=0)


def shown_free(
    free: Mapping[int, Mapping[int, int]], need: Mapping[int, int], share: int, safety: int
) -> int:
    """The part of the free stock that a SKU shows.

    :param free: {warehouse: {product: whole free units}}
    :param need: {product: units of it in one SKU}
    :param share: basis points of what is left after the safety stock, rounded down
    :param safety: units of the SKU that are never shown
    """
    if not need:
        return 0
    whole = sum(
        max(0, min(units.get(product, 0) // quantity for product, quantity in need.items()))
        for units in free.values()
    )
    return max(0, whole - max(0, safety)) * min(max(0, share), WHOLE) // WHOLE
