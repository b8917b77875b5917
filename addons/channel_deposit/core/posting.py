"""Which journal items the entries of deposits become. Amounts are whole fen.

Source: ``accounting.md``. A deposit is a liability, so what raises an account credits it. Holds
and credit lines move no money and never come here; entries of a rebate come only when the company
accrues rebates, entries kept by a dealer never.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from .ledger import Purpose
from .operations import Kind

ZONE = ZoneInfo("Asia/Shanghai")  # whose days deposits are posted and told by


# what pays an invoice, or is paid by a credit note
PAYS = frozenset({Kind.CAPTURE, Kind.GIVE_BACK})


class Role(Enum):
    """What a ledger account is used for; the company says which account it is."""

    GOODS = "goods"
    GUARANTEE = "guarantee"
    REBATE = "rebate"
    CONTRA = "contra"  # revenue given away as rebates
    RECEIPTS = "receipts"  # money between the bank and the deposits, to be claimed
    RECEIVABLE = "receivable"  # the member's, or the invoice's


@dataclass(frozen=True, slots=True)
class Item:
    """An entry that is not posted yet.

    :ivar account: the deposit account's id; ``partner``: of its holder
    :ivar amount: the signed change of the balance
    :ivar day: in Shanghai
    :ivar invoice: that a capture pays, or the credit note that gives back; or 0
    :ivar original: id of the entry that this one reverses, or 0
    :ivar of: that entry's kind
    :ivar original_posted: whether it stands in the general ledger
    """

    id: int
    key: str
    kind: Kind
    company: int
    account: int
    purpose: Purpose
    partner: int
    amount: int
    day: date
    invoice: int = 0
    original: int = 0
    of: Kind | None = None
    original_posted: bool = False

    @property
    def act(self) -> Kind:
        """What is booked, forwards or backwards."""
        return self.of or self.kind


@dataclass(frozen=True, slots=True)
class Line:
    """A journal item.

    :ivar balance: debit is above 0
    :ivar covers: entries of which this is the deposit's line
    :ivar faces: the entry to which this is the other side, or 0
    :ivar invoice: whose receivable it pays, or 0
    """

    role: Role
    partner: int
    balance: int
    covers: tuple[int, ...] = ()
    faces: int = 0
    invoice: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A journal entry to be made: balanced, of one company and day."""

    company: int
    day: date
    kind: Kind
    items: tuple[Item, ...]
    lines: tuple[Line, ...]


def drafts(items: Iterable[Item], daily: frozenset[int] = frozenset()) -> tuple[Draft, ...]:
    """The journal entries of deposit entries: one an operation.

    What cannot stand by itself is left for the next run: a transfer of which only one side is
    given, a reversal before what it reverses.

    :param daily: companies where captures of one account and day make one journal entry
    """
    ordered = sorted(items, key=lambda item: item.id)
    there = {item.id for item in ordered}
    groups: dict[tuple, list[Item]] = {}
    for item in ordered:
        if not item.original or item.original_posted or item.original in there:
            groups.setdefault(_group(item, daily), []).append(item)
    return tuple(
        _draft(group) for group in groups.values() if group[0].act is not Kind.TRANSFER or group[1:]
    )


def day_of(moment: datetime) -> date:
    """The day of a moment (UTC, without zone, as stored)."""
    return moment.replace(tzinfo=UTC).astimezone(ZONE).date()


def end_of(day: date) -> datetime:
    """The first moment after a day (UTC, without zone, as stored)."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZONE)
    return midnight.astimezone(UTC).replace(tzinfo=None)


def first_open(day: date, closed: Iterable[date]) -> date:
    """The day, or the one after the last day of the periods that are closed for it."""
    return max([day, *(last + timedelta(days=1) for last in closed)])


def _group(item: Item, daily: frozenset[int]) -> tuple:
    if item.kind is Kind.CAPTURE and item.company in daily:
        return item.company, item.account, item.day
    return item.company, item.key


def _draft(group: list[Item]) -> Draft:
    first = group[0]
    return Draft(
        first.company,
        first.day,
        first.kind,
        tuple(group),
        (*_deposit_lines(group), *(line for item in group for line in _other_side(item))),
    )


def _deposit_lines(group: list[Item]) -> Iterable[Line]:
    accounts: dict[int, list[Item]] = {}
    for item in group:
        accounts.setdefault(item.account, []).append(item)
    for items in accounts.values():
        yield Line(
            Role(items[0].purpose.value),
            items[0].partner,
            -sum(item.amount for item in items),
            covers=tuple(item.id for item in items),
        )


def _other_side(item: Item) -> Iterable[Line]:
    if item.act is Kind.TRANSFER:
        return
    if item.purpose is Purpose.REBATE:
        role = Role.CONTRA
    else:
        role = Role.RECEIVABLE if item.act in PAYS else Role.RECEIPTS
    yield Line(role, item.partner, item.amount, faces=item.id, invoice=item.invoice)
