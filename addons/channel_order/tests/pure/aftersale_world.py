"""A platform and us around one order: the platform keeps its own books, we act by the pure core.

The platform's messages lie in ``wire`` until somebody delivers them: late, twice, in any order.
"""

from dataclasses import dataclass, field, replace

from channel_order.core import aftersales, credits, refunds, stages
from channel_order.core.aftersales import Answer, Case, Fate, Gate, Goods, Step, Where
from channel_order.core.explode import Amounts
from channel_order.core.facts import Claim, Stored, StoredLine
from channel_order.core.snapshot import AfterSaleKind as Kind
from channel_order.core.snapshot import AfterSaleStatus as Status
from channel_order.core.snapshot import PlatformStatus

BEFORE = Kind.REFUND_BEFORE_SHIP
ENDED = (Status.SUCCEEDED, Status.REFUSED, Status.CLOSED)


class No(Exception):
    """The platform refuses."""


@dataclass
class Request:
    """An after-sale in the platform's own books."""

    id: int
    line: int
    kind: Kind
    items: int
    amount: int
    status: Status = Status.APPLIED
    version: int = 0


@dataclass
class Platform:
    """What the platform knows: lines as (items, paid, owed), what it gave back, its requests."""

    lines: list[tuple[int, int, int]]
    shipped: bool = False
    delivered: bool = False
    given: dict[int, int] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    wire: list[Request] = field(default_factory=list)
    clock: int = 0

    def tell(self, request):
        self.clock += 1
        request.version = self.clock
        self.wire.append(replace(request))

    def room(self, line):
        """Fen and items that no open or paid request of the line covers."""
        alive = [r for r in self.requests
                 if r.line == line and r.status not in (Status.REFUSED, Status.CLOSED)]  # fmt: skip
        items, paid, _owed = self.lines[line]
        return (
            paid - sum(r.amount for r in alive),
            items - sum(r.items for r in alive if r.kind not in (Kind.PRICE, Kind.REFUND_ONLY)),
        )

    def ask(self, line, kind, items, amount):
        """A buyer asks; only before or only after shipment, as the kind is."""
        fen, left = self.room(line)
        if (kind is BEFORE) == self.shipped or amount > fen or items > left:
            raise No
        if kind is BEFORE and (amount, items) != (self.lines[line][1], self.lines[line][0]):
            raise No  # before shipment a line is refunded whole
        if kind is Kind.RETURN and not (self.delivered and items):
            raise No
        if kind in (Kind.EXCHANGE, Kind.RESEND) and (amount or not items or not self.delivered):
            raise No
        request = Request(len(self.requests), line, kind, items, amount)
        self.requests.append(request)
        self.tell(request)
        return request

    def operate(self, number, version, status):
        """The merchant moves a request on; refused when the version is not the one that stands."""
        request = self.requests[number]
        if request.status in ENDED or request.version != version:
            raise No
        self.set(request, status)

    def set(self, request, status):
        request.status = status
        if status is Status.SUCCEEDED and request.kind in aftersales.MONEY:
            self.given[request.line] = self.given.get(request.line, 0) + request.amount
        self.tell(request)

    def owed_off(self, line):
        """The subsidies fall as the buyer's money does; the platform's own arithmetic."""
        _items, paid, owed = self.lines[line]
        given = self.given.get(line, 0)
        return (owed * given - owed * given % paid) // paid if given else 0


@dataclass
class Ours:
    """What we know and did. ``credits``: {after-sale: {line id: fen}}, written once; ``small``: fen
    that we paid outside any refund."""

    order: Stored
    known: dict[int, Request] = field(default_factory=dict)
    answers: dict[int, list[Answer]] = field(default_factory=dict)
    goods: dict[int, Goods] = field(default_factory=dict)
    parcels: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    fates: dict[int, Fate] = field(default_factory=dict)
    complete: set[int] = field(default_factory=set)
    replaced: set[int] = field(default_factory=set)
    credits: dict[int, dict[int, int]] = field(default_factory=dict)
    delivered: bool = False
    small: int = 0

    # -- the order ---------------------------------------------------------------------------

    def move(self, stage, put_back=False):
        assert stages.can_move(self.order.stage, stage, put_back=put_back), (
            self.order.stage, stage,
        )  # fmt: skip
        self.order = replace(self.order, stage=stage)

    @property
    def left(self):
        return self.order.stage in stages.LEFT

    def live(self):
        """Lines that were shipped or would be."""
        return [line for line in self.order.lines if line.state != "refunded"]

    # -- messages ----------------------------------------------------------------------------

    def take(self, told):
        """A message: an older one or a repeated one changes nothing."""
        before = self.known.get(told.id)
        if before and told.version <= before.version:
            return
        self.known[told.id] = told
        self._settle()
        if told.status is Status.SUCCEEDED and told.kind in aftersales.MONEY:
            self._credit(told)

    def _settle(self):
        claims = tuple(
            Claim(str(r.line), r.status not in ENDED, r.status is Status.SUCCEEDED, r.version)
            for r in self.known.values() if r.kind is BEFORE
        )  # fmt: skip
        result = refunds.settle(self.order, claims)
        states = dict(result.states)
        lines = tuple(replace(x, state=states.get(x.id, x.state)) for x in self.order.lines)
        self.order = replace(self.order, lines=lines, refund_open=result.refund_open)
        if result.stage != self.order.stage:
            self.move(result.stage)

    def _credit(self, told):
        """Money of goods that had left; what had not left was never invoiced."""
        sold = self._sold(told.line)
        if not self.left or not sold:
            return
        before = sum(
            self.known[number].amount for number in self.credits
            if self.known[number].line == told.line
        )  # fmt: skip
        assert told.id not in self.credits
        taken = credits.take_off(sold, before, told.amount)
        self.credits[told.id] = {part.line_id: part.fen for part in taken}

    def _sold(self, line):
        return [
            credits.Sold(x.id, x.quantity, x.amounts.paid, x.amounts.owed, self.taken(x.id))
            for x in self.live() if x.line_ref == str(line)
        ]  # fmt: skip

    def taken(self, line_id):
        return sum(credit.get(line_id, 0) for credit in self.credits.values())

    # -- after-sales -------------------------------------------------------------------------

    def case(self, number):
        told = self.known[number]
        goods = self.goods.get(number, Goods(told.items))
        where = Where.DELIVERED if self.delivered else Where.UNDER_WAY
        return Case(
            told.kind, told.status, told.version, where if self.left else Where.HERE,
            goods, tuple(self.answers.get(number, ())), self.fates.get(number),
            len(self.parcels.get(number, ())), number in self.complete, number in self.replaced,
        )  # fmt: skip

    def step(self, number):
        return aftersales.step_of(self.case(number))

    def paid(self, line=None):
        """Fen that were paid for a line, or for all."""
        return sum(
            x.amounts.paid for x in self.order.lines if line is None or x.line_ref == str(line)
        )

    def given(self, line=None):
        """Fen of a line, or of all, that after-sales have given or were granted."""
        given = 0
        for number, told in self.known.items():
            granted = any(a.accept for a in self.answers.get(number, ()))
            if (
                line in (None, told.line)
                and told.kind in aftersales.MONEY
                and (
                    told.status is Status.SUCCEEDED
                    or (told.status not in ENDED and (granted or told.status is not Status.APPLIED))
                )
            ):
                given += told.amount
        return given

    def room(self, line=None):
        """Fen of a line, or of all, that may still be given."""
        return aftersales.Limits(
            self.paid(line), self.given(line), self.paid(), self.given(), 0, 0, self.small
        ).room()

    def pay_small(self, fen):
        """A payment outside any refund, when nothing speaks against it."""
        if 0 < fen <= self.room():
            self.small += fen
            self._never_more_than_owed()

    def _never_more_than_owed(self):
        assert self.given() + self.small <= self.paid(), "we gave more than was paid"

    def answer(self, number, gate, accept, version, reason=""):
        """Take an answer, or the refusal of it."""
        case, told = self.case(number), self.known[number]
        answer = Answer(gate, accept, version)
        asks = gate is Gate.REQUEST and told.kind in aftersales.MONEY
        refusal = aftersales.check_answer(
            case, answer, amount=told.amount if asks else 0, room=self.room(told.line),
            reason=reason,
        )  # fmt: skip
        if refusal is None:
            self.answers.setdefault(number, []).append(answer)
            if accept and asks and told.amount:
                self._never_more_than_owed()
        return refusal

    def inspect(self, number):
        """Count the first parcel that is here."""
        good, defect, wrong = self.parcels[number].pop(0)
        before = self.goods.get(number, Goods(self.known[number].items))
        self.goods[number] = replace(
            before, good=before.good + good, defect=before.defect + defect,
            wrong=before.wrong + wrong,
        )  # fmt: skip


def stored(lines, freight=0):
    """An order of lines ``(components, items, paid, platform discount)``."""
    result, number = [], 100
    for position, (parts, items, paid, discount) in enumerate(lines):
        for part in range(parts):
            paid_part = paid // parts + (paid % parts if part == 0 else 0)
            off = discount // parts + (discount % parts if part == 0 else 0)
            result.append(
                StoredLine(
                    number,
                    str(position),
                    part,
                    "sku",
                    1,
                    None,
                    items,
                    0 if part else items,
                    Amounts(paid_part + off, paid_part, 0, off),
                    "live",
                    False,
                )
            )
            number += 1
    return Stored(
        1, "A1", stages.QUEUED, PlatformStatus.READY, 0, freight=freight, lines=tuple(result)
    )


__all__ = ["Fate", "Gate", "Goods", "No", "Ours", "Platform", "Request", "Step", "stored"]
