"""An after-sale from the request to the money: where it stands, and what may be decided.

A platform asks the merchant at most two things (platforms.md §3.5): whether the request is granted,
and, when goods come back, whether they are as they should be. Each answer carries the version
(``update_time``) that the person saw, so that a request changed meanwhile is never granted blindly.
"""

from dataclasses import dataclass
from enum import StrEnum

from . import stages
from .snapshot import AfterSaleKind as Kind
from .snapshot import AfterSaleStatus as Status

GOODS_BACK = frozenset({Kind.RETURN, Kind.EXCHANGE, Kind.REPAIR})
GOODS_OUT = frozenset({Kind.EXCHANGE, Kind.RESEND, Kind.REPAIR})
MONEY = frozenset({Kind.REFUND_BEFORE_SHIP, Kind.REFUND_ONLY, Kind.RETURN, Kind.PRICE})


class Gate(StrEnum):
    """What the merchant is asked."""

    REQUEST = "request"
    GOODS = "goods"


class Step(StrEnum):
    """Where an after-sale stands, by what has to happen next."""

    REQUEST = "request"  # we decide about the request
    INTERCEPT = "intercept"  # the carrier is to stop the parcel
    WAIT_GOODS = "wait_goods"  # the buyer is to send, or the carrier to bring back
    INSPECT = "inspect"  # a parcel is here: count its units
    GOODS = "goods"  # the units are counted: we decide about them
    TELL = "tell"  # decided; the platform has not confirmed yet
    SHIP = "ship"  # a replacement is to leave
    DONE = "done"
    REFUSED = "refused"
    CLOSED = "closed"


_ENDS = {Status.SUCCEEDED: Step.DONE, Status.REFUSED: Step.REFUSED, Status.CLOSED: Step.CLOSED}


class Where(StrEnum):
    """Where the goods of an after-sale are when it is looked at."""

    HERE = "here"
    UNDER_WAY = "under_way"
    DELIVERED = "delivered"


def where_of(stage: str | None) -> Where:
    """Where the goods of an order are, by its stage (None: the order has not come in)."""
    if stage == stages.DONE:
        return Where.DELIVERED
    return Where.UNDER_WAY if stage == stages.SHIPPED else Where.HERE


def expected_units(asked: int, items: int, units: int) -> int:
    """Units of products that an after-sale is about.

    :param asked: units of the platform's SKU; 0: all of the line
    :param items: units of the SKU that left, 0 while nobody knows
    :param units: units of its products that left: several a SKU where it is a bundle
    """
    if not items:
        return max(asked, 1)
    return units * min(asked or items, items) // items


class Fate(StrEnum):
    """What becomes of a parcel that a carrier was asked to stop."""

    ASKED = "asked"
    STOPPED = "stopped"
    REFUSED = "refused"  # by the receiver
    DELIVERED = "delivered"
    BACK = "back"
    LOST = "lost"


# Fates that bring the parcel back to us.
RETURNING = frozenset({Fate.STOPPED, Fate.REFUSED})


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of an after-sale: what is expected back, and what was found in its parcels.

    ``wrong`` are units of another product: they stand for none that was expected.
    """

    expected: int = 0
    good: int = 0
    defect: int = 0
    wrong: int = 0

    @property
    def arrived(self) -> int:
        return self.good + self.defect

    @property
    def missing(self) -> int:
        return max(self.expected - self.arrived, 0)

    @property
    def clean(self) -> bool:
        """Everything that was expected is here and can be sold again."""
        return self.good >= self.expected and not self.wrong


@dataclass(frozen=True, slots=True)
class GoodsFacts:
    """What a warehouse knows of the goods of an after-sale; the fields as in :class:`Case`.

    ``goods.expected`` 0: the units that the after-sale is about.
    """

    goods: Goods = Goods()
    fate: Fate | None = None
    parcels: int = 0
    complete: bool = False
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Fen that a buyer paid, and that other after-sales of the order have given or granted.

    ``line_*``: of the line that the after-sale names (of all, when it names none), ``goods_*``: of
    all lines, ``freight_*``: of the freight; ``otherwise``: given for the order by no after-sale.
    """

    line_paid: int
    line_given: int
    goods_paid: int
    goods_given: int
    freight_paid: int
    freight_given: int
    otherwise: int = 0

    def room(self, freight: int = 0) -> int:
        """Fen that may still be given, when ``freight`` of them are asked of the freight."""
        goods = self.goods_paid - self.goods_given
        carriage = self.freight_paid - self.freight_given
        line = max(min(self.line_paid - self.line_given, goods), 0)
        rest = goods + carriage - self.otherwise
        return max(min(line + min(freight, max(carriage, 0)), rest), 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What we decided at a gate; ``version`` is what the person saw."""

    gate: Gate
    accept: bool
    version: int


@dataclass(frozen=True, slots=True)
class Case:
    """An after-sale with everything that says where it stands.

    ``where`` its goods are; ``fate`` of the parcel that a carrier was asked to stop; ``parcels``
    with its goods that are here and not counted. ``complete``: a person said that nothing more
    comes. ``replaced``: the replacement has left.
    """

    kind: Kind
    status: Status
    version: int
    where: Where
    goods: Goods = Goods()
    answers: tuple[Answer, ...] = ()
    fate: Fate | None = None
    parcels: int = 0
    complete: bool = False
    replaced: bool = False

    def answer(self, gate: Gate) -> Answer | None:
        """Our answer to the version that stands now."""
        found = (a for a in self.answers if a.gate is gate and a.version == self.version)
        return next(found, None)

    @property
    def awaits_goods(self) -> bool:
        """Units are to come back that are not here."""
        return self.kind in GOODS_BACK and bool(self.goods.missing) and not self.complete


def step_of(case: Case) -> Step:
    """Where an after-sale stands. Goods are followed to the end, whatever the platform says."""
    if case.parcels:
        return Step.INSPECT
    if case.fate is Fate.ASKED:
        return Step.INTERCEPT
    if case.fate in RETURNING:
        return Step.WAIT_GOODS
    if case.status in _ENDS:
        return _ENDS[case.status]
    if case.status is Status.APPLIED:
        return Step.TELL if case.answer(Gate.REQUEST) else Step.REQUEST
    return _granted(case)


def _granted(case: Case) -> Step:
    """The next step of a request that is granted and not over."""
    answer = case.answer(Gate.GOODS)
    if answer and not (answer.accept and case.kind in GOODS_OUT):
        return Step.TELL
    if case.awaits_goods:
        return Step.WAIT_GOODS
    if case.kind is Kind.RETURN or (
        case.kind in GOODS_BACK and not case.goods.clean and not answer
    ):
        return Step.GOODS
    if case.kind in GOODS_OUT and not case.replaced:
        return Step.SHIP
    return Step.TELL


class Why(StrEnum):
    """Why an answer is not taken."""

    CHANGED = "changed"  # another version stands now
    ANSWERED = "answered"  # somebody was first
    OVER = "over"  # the platform has ended it
    NOT_ASKED = "not_asked"  # not at this gate
    TOO_MUCH = "too_much"  # more than is left of what the buyer paid
    REASON = "reason"  # units are missing, wrong or spoilt: say why the money goes back


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not taken; amounts are fen."""

    why: Why
    wanted: int = 0
    allowed: int = 0


def check_answer(
    case: Case, answer: Answer, *, amount: int, room: int, reason: str = ""
) -> Refusal | None:
    """Whether an answer may be given.

    :param amount: fen that the buyer gets by it
    :param room: fen of what he paid that no other after-sale has given or granted
    :return: why not, or None
    """
    if case.status in _ENDS:
        return Refusal(Why.OVER)
    if answer.version != case.version:
        return Refusal(Why.CHANGED)
    if case.answer(answer.gate):
        return Refusal(Why.ANSWERED)
    if step_of(case) is not (Step.REQUEST if answer.gate is Gate.REQUEST else Step.GOODS):
        return Refusal(Why.NOT_ASKED)
    if not answer.accept:
        return None if reason.strip() else Refusal(Why.REASON)
    if amount > room:
        return Refusal(Why.TOO_MUCH, amount, room)
    if answer.gate is Gate.GOODS and not case.goods.clean and not reason.strip():
        return Refusal(Why.REASON)
    return None


def releases(case: Case) -> bool:
    """Whether the money may go back without a person: all units are here and good."""
    return case.kind is Kind.RETURN and step_of(case) is Step.GOODS and case.goods.clean


def stops_parcel(case: Case) -> bool:
    """Whether the carrier is to be asked to stop the parcel: the buyer wants the money for goods
    that are under way, it is granted, and nobody has asked yet."""
    answer = case.answer(Gate.REQUEST)
    granted = case.status in (Status.AGREED, Status.SUCCEEDED) or bool(answer and answer.accept)
    wanted = case.kind in MONEY and case.kind is not Kind.PRICE
    return granted and wanted and case.where is Where.UNDER_WAY and case.fate is None
