"""What differs between a bill and the books, and why: 长款, 短款 and the rest.

Set-based SQL joins both by their keys and gives only what does not agree to this module. Amounts
are fen, above 0 towards us; fees 1/1000 fen, above 0 taken from us. Days are the channel's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from .bill import FEE_UNITS

# What WeChat Pay says of a refund that has not reached the buyer; a bill is never updated.
UNFINISHED = frozenset({"PROCESSING", "CHANGE", "FAIL", "ABNORMAL", "CLOSED"})


class Cause(StrEnum):
    """Why a row is no match."""

    ONLY_BILL = "only_bill"  # 长款: the channel has money for which there is nothing in the books
    ONLY_BOOKS = "only_books"  # 短款: the books expect money that the channel does not tell
    AMOUNT = "amount"
    FEE = "fee"
    STATUS = "status"  # the refund is not finished, or failed
    DUPLICATE = "duplicate"  # paid, or entered, a second time
    DAY = "day"  # the bill has it on another day
    SHOP = "shop"  # of a shop or an app that is not known here


@dataclass(frozen=True, slots=True)
class Told:
    """A row of a bill.

    :ivar key: what names the movement on both sides: the channel's number of a payment, ours of a
        refund
    :ivar own: our number of the payment
    :ivar shop: the app or the store that the bill names
    """

    id: int
    kind: str
    day: date
    at: datetime
    key: str
    own: str
    amount: int
    fee: int = 0
    status: str = ""
    shop: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the books expect: a payment or a refund, and the record that says so."""

    source: str
    id: int
    kind: str
    day: date
    at: datetime
    key: str
    own: str
    amount: int


Pair = tuple[Told | None, Known | None]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is tolerated.

    :ivar fee_rate: of the amount in millionths (0.6 % is 6,000); None: fees are not checked
    :ivar fee_tolerance: 1/1000 fen
    :ivar near_cut: so close to the end of the channel's day both may stand on another day
    :ivar refund_lag: the bill has a refund when it was asked for, the books when it succeeded
    :ivar shops: apps and stores that are known; empty: all are
    """

    fee_rate: int | None = None
    fee_tolerance: int = FEE_UNITS
    near_cut: timedelta = timedelta(minutes=30)
    refund_lag: timedelta = timedelta(days=7)
    shops: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Beyond:
    """What else there is of the rows that stand alone, on days that were not joined.

    :ivar known: by key; ``told``: by key
    :ivar told_twice: our numbers under which the bill has another payment that has matched
    :ivar known_twice: our numbers under which the books have another payment that has matched
    """

    known: Mapping[str, Known] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    told_twice: Collection[str] = ()
    known_twice: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference. ``day`` is where it is listed: the bill's, where it is in one."""

    cause: Cause
    told: Told | None
    known: Known | None

    @property
    def day(self) -> date:
        return self.told.day if self.told else self.known.day

    @property
    def amount(self) -> int:
        """Fen that the bill has more than the books."""
        return (self.told.amount if self.told else 0) - (self.known.amount if self.known else 0)


def expected_fee(amount: int, rate: int) -> int:
    """The fee of a payment, or given back with a refund, in 1/1000 fen: whole fen, half up.

    :param rate: in millionths of the amount
    """
    fen = (abs(amount) * rate + 500_000) // 1_000_000
    return (fen if amount >= 0 else -fen) * FEE_UNITS


def findings(pairs: Iterable[Pair], beyond: Beyond, rules: Rules) -> list[Finding]:
    """The differences among rows that the join did not let through; a row stands in one at most."""
    found: list[Finding] = []
    taken: set[int] = set()
    for told, known in pairs:
        if told and not known:
            known = beyond.known.get(told.key)
            found += _of_pair(told, known, rules) if known else _alone(told, beyond, rules)
            taken.add(told.id)
        elif told and known:
            found += _of_pair(told, known, rules)
            taken.add(told.id)
    for told, known in pairs:
        if told or not known:
            continue
        told = beyond.told.get(known.key)
        if told is None:
            twice = known.own in beyond.known_twice
            found.append(Finding(Cause.DUPLICATE if twice else Cause.ONLY_BOOKS, None, known))
        elif told.id not in taken:
            found += _of_pair(told, known, rules)
    return found


def _alone(told: Told, beyond: Beyond, rules: Rules) -> Sequence[Finding]:
    if told.own in beyond.told_twice:
        cause = Cause.DUPLICATE
    elif rules.shops and told.shop and told.shop not in rules.shops:
        cause = Cause.SHOP
    else:
        cause = Cause.ONLY_BILL
    return (Finding(cause, told, None),)


def _of_pair(told: Told, known: Known, rules: Rules) -> Sequence[Finding]:
    """The first thing in which the two differ, by how much it matters."""
    apart = rules.refund_lag if told.kind == "refund" else rules.near_cut
    if told.amount != known.amount:
        cause = Cause.AMOUNT
    elif told.kind == "refund" and told.status in UNFINISHED:
        cause = Cause.STATUS
    elif told.day != known.day and abs(told.at - known.at) > apart:
        cause = Cause.DAY
    elif (
        rules.fee_rate is not None
        and abs(told.fee - expected_fee(told.amount, rules.fee_rate)) > rules.fee_tolerance
    ):
        cause = Cause.FEE
    else:
        return ()
    return (Finding(cause, told, known),)


@dataclass(frozen=True, slots=True)
class Standing:
    """A difference that is here already. ``row``: of the bill; ``entry``: source and id."""

    id: int
    row: int | None
    entry: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the differences of some days.

    :ivar new: findings that were not here; ``kept``: (standing, finding) that may have changed
    :ivar gone: ids that nothing is found for any more
    """

    new: tuple[Finding, ...]
    kept: tuple[tuple[int, Finding], ...]
    gone: tuple[int, ...]


def plan(standing: Iterable[Standing], found: Iterable[Finding]) -> Plan:
    """Which findings are those that stand already: of the same row, else of the same entry."""
    standing = list(standing)
    by_row = {each.row: each.id for each in standing if each.row}
    by_entry = {each.entry: each.id for each in standing if each.entry and not each.row}
    by_entry |= {each.entry: each.id for each in standing if each.entry and each.row}
    new, kept, used = [], [], set()
    for finding in found:
        row = finding.told and finding.told.id
        entry = finding.known and (finding.known.source, finding.known.id)
        mine = next(
            (
                each
                for each in (by_row.get(row), by_entry.get(entry))
                if each is not None and each not in used
            ),
            None,
        )
        if mine is None:
            new.append(finding)
        else:
            used.add(mine)
            kept.append((mine, finding))
    gone = tuple(each.id for each in standing if each.id not in used)
    return Plan(tuple(new), tuple(kept), gone)
