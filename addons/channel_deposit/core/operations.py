"""What may be asked of the deposit ledger. Amounts are whole fen above 0, unless said otherwise.

Every operation has a key, by which it takes effect once however often it is asked. A hold and
an operation to be reversed are named by the key that made them, so that one batch can place a
hold and capture it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import Enum
from typing import ClassVar


class Kind(Enum):
    """What an operation, and each entry it makes, is."""

    OPEN = "open"
    CLOSE = "close"
    TOP_UP = "top_up"
    REFUND = "refund"
    TRANSFER = "transfer"
    CREDIT_LINE = "credit_line"
    HOLD = "hold"
    REFIT = "refit"
    CAPTURE = "capture"
    GIVE_BACK = "give_back"
    RELEASE = "release"
    EXPIRE = "expire"
    LAPSE = "lapse"
    REVERSE = "reverse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What all operations have.

    :ivar key: names the operation for ever, in the words of the caller: ``voucher,12``
    :ivar source: the document behind it, as ``model,id``
    :ivar note: words for people; not a part of the content that a replay must repeat
    """

    kind: ClassVar[Kind]
    key: str
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Operation):
    """A reviewed account begins to work."""

    kind: ClassVar[Kind] = Kind.OPEN
    account: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Operation):
    """An account with nothing on it, held or granted ends for good."""

    kind: ClassVar[Kind] = Kind.CLOSE
    account: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp(Operation):
    """Money (or rebate) comes in.

    :ivar lapses_at: unix seconds from which what is left of a rebate lapses; None: never
    """

    kind: ClassVar[Kind] = Kind.TOP_UP
    account: int
    amount: int
    lapses_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(Operation):
    """Unspent money goes back to the holder: what is neither held nor granted."""

    kind: ClassVar[Kind] = Kind.REFUND
    account: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Operation):
    """Unspent money goes to another account of the same book."""

    kind: ClassVar[Kind] = Kind.TRANSFER
    account: int
    target: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCreditLine(Operation):
    """The credit line becomes ``line``, 0 or more."""

    kind: ClassVar[Kind] = Kind.CREDIT_LINE
    account: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(Operation):
    """Money is set aside; the operation's key is the hold's name.

    :ivar expires_at: unix seconds from which the hold may be expired; None: never
    """

    kind: ClassVar[Kind] = Kind.HOLD
    account: int
    amount: int
    expires_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refit(Operation):
    """A hold is released and one of another amount takes its place, named by this key."""

    kind: ClassVar[Kind] = Kind.REFIT
    hold: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Operation):
    """Held money is spent; the rest of the hold is free again.

    :ivar keep: what of the rest stays set aside for the same document, in a new hold named by
        this key: a delivery is paid, the next is still to come. 0 or more
    """

    kind: ClassVar[Kind] = Kind.CAPTURE
    hold: str
    amount: int
    keep: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack(Operation):
    """A part of what was spent comes back, because its invoice is credited."""

    kind: ClassVar[Kind] = Kind.GIVE_BACK
    account: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Operation):
    """The whole hold is free again."""

    kind: ClassVar[Kind] = Kind.RELEASE
    hold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire(Operation):
    """The whole hold is free again because its time is over."""

    kind: ClassVar[Kind] = Kind.EXPIRE
    hold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse(Operation):
    """What is left of rebates whose time is over is gone; ``core.lapse`` says how much that is."""

    kind: ClassVar[Kind] = Kind.LAPSE
    account: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverse(Operation):
    """The amounts of an earlier operation are booked the other way round; the note says why."""

    kind: ClassVar[Kind] = Kind.REVERSE
    of: str


Batch = Iterable[Operation | tuple[Operation, ...]]


def digest(operation: Operation) -> str:
    """A fingerprint of what is asked, without the key and the note.

    It is stored with the entries. Fields at their default do not count, so that a field added
    later leaves the fingerprints of stored operations as they are.
    """
    facts = {
        field.name: getattr(operation, field.name)
        for field in fields(operation)
        if field.name not in ("key", "note") and getattr(operation, field.name) != field.default
    }
    text = json.dumps([operation.kind.value, facts], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def flatten(batch: Batch) -> Iterator[Operation]:
    """The operations of a batch, those of chains too, in order."""
    for item in batch:
        yield from item if isinstance(item, tuple) else (item,)


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be gathered before a batch can be decided.

    :ivar accounts: ids named by the batch; those of the holds and of ``reverses`` come besides
    :ivar holds: names of holds
    :ivar keys: whose entries, if any, must be known: for replays and for what is reversed
    :ivar reverses: keys of which must be known whether they were reversed
    :ivar sets_aside: something is set aside, so that what is overdue must be known
    """

    accounts: frozenset[int]
    holds: frozenset[str]
    keys: frozenset[str]
    reverses: frozenset[str]
    sets_aside: bool


def needs(batch: Batch) -> Needs:
    """What to lock and gather for a batch."""
    operations = list(flatten(batch))

    def named(*names: str) -> frozenset:
        return frozenset(
            value for op in operations for name in names if (value := getattr(op, name, None))
        )

    return Needs(
        accounts=named("account", "target"),
        holds=named("hold"),
        keys=named("key", "of"),
        reverses=named("of"),
        sets_aside=any(isinstance(op, PlaceHold | Refit) for op in operations),
    )
