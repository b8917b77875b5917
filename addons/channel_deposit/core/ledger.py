"""The deposit ledger's words: accounts, holds, the journal, refusals. All amounts are whole fen.

``available = posted - held + line`` is never below 0. What an operation does with them is
decided in ``decide``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from .operations import Kind

LIMIT = 10**14  # fen; a balance of so many is still exact as a float of yuan


class Purpose(Enum):
    """What the money of an account is for."""

    GOODS = "goods"  # spent on orders
    GUARANTEE = "guarantee"  # never spent on orders
    REBATE = "rebate"  # no money: spent as a discount, never paid out or moved


class State(Enum):
    """An account works between its review and its closing."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class HoldState(Enum):
    """A hold is active until it is resolved, once."""

    ACTIVE = "active"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it stands under its lock.

    :ivar book: creditor, company, currency: money moves between accounts of one book only
    :ivar line: the credit line
    :ivar number: of its last entry; entries are numbered from 1 without gaps
    :ivar overdue: what the holder owes beyond its terms; blocks new holds
    """

    id: int
    purpose: Purpose
    book: tuple[int, ...] = ()
    state: State = State.DRAFT
    posted: int = 0
    held: int = 0
    line: int = 0
    number: int = 0
    overdue: int = 0

    @property
    def available(self) -> int:
        """What can still be set aside."""
        return self.posted - self.held + self.line

    @property
    def own(self) -> int:
        """What can be paid out: money that is there and not set aside; no credit."""
        return max(0, self.posted - self.held)


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside, named by the key of the operation that placed it.

    :ivar source: the document it is for, also of what a capture keeps
    """

    key: str
    account: int
    amount: int
    expires_at: int | None = None
    state: HoldState = HoldState.ACTIVE
    captured: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: what an operation changed on one account, and what stood then.

    :ivar leg: 0, or 1 for the receiving side of a transfer
    :ivar number: 1, 2, 3 … of the account
    :ivar posted: ``held`` and ``line`` likewise: the signed change
    :ivar places: an active hold has the operation's key as its name from now on
    :ivar resolves: name of the hold that it resolves, or ""
    :ivar reverses: key of the operation that it reverses, or ""
    :ivar lapses_at: unix seconds from which what is left of a rebate lapses; None: never
    """

    key: str
    leg: int
    account: int
    number: int
    kind: Kind
    digest: str
    posted: int
    held: int
    line: int
    posted_after: int
    held_after: int
    line_after: int
    places: bool = False
    resolves: str = ""
    reverses: str = ""
    source: str = ""
    note: str = ""
    lapses_at: int | None = None


class Why(Enum):
    """Why an operation is refused. A refused operation changes nothing; its key is still free."""

    KEY_MISSING = "key_missing"
    KEY_REUSED = "key_reused"  # the key stands for another content
    AMOUNT = "amount"  # no whole number of fen above 0 and up to the limit
    ACCOUNT_UNKNOWN = "account_unknown"
    ACCOUNT_DRAFT = "account_draft"
    ACCOUNT_OPEN = "account_open"  # it is open already
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_USED = "account_used"  # money, holds or a credit line stand against closing it
    PURPOSE = "purpose"  # not with an account of this purpose
    SHORT = "short"  # wanted is above allowed
    OVERDUE = "overdue"  # allowed is 0, wanted what is overdue
    SAME_ACCOUNT = "same_account"
    OTHER_BOOK = "other_book"
    HOLD_UNKNOWN = "hold_unknown"
    HOLD_RESOLVED = "hold_resolved"
    HOLD_EXCEEDED = "hold_exceeded"  # wanted is above the hold's amount
    HOLD_NOT_DUE = "hold_not_due"
    REVERSE_UNKNOWN = "reverse_unknown"  # there is no operation of that key
    REVERSE_KIND = "reverse_kind"  # it has no amount, or is a reversal
    REVERSE_TWICE = "reverse_twice"
    REASON_MISSING = "reason_missing"
    LINKED = "linked"  # another operation of its chain was refused


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused operation: why, on which account, and by how much.

    :ivar wanted: fen that would have been needed; ``allowed``: fen that there are
    """

    key: str
    why: Why
    account: int | None = None
    wanted: int = 0
    allowed: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """An operation that took effect, now or (``replayed``) earlier, and its entries."""

    entries: tuple[Entry, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Books:
    """All that a batch touches, gathered under the accounts' locks; see ``operations.needs``.

    :ivar done: key -> entries, of the keys that took effect
    :ivar reversed: keys that were reversed
    """

    accounts: Mapping[int, Account] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)
    done: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    reversed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What to write, and what to answer.

    :ivar results: one an operation, in the order of the batch, chains flattened
    :ivar accounts: the changed ones, as they become
    :ivar entries: to insert, in this order
    :ivar placed: holds to insert (some resolved already, by the same batch)
    :ivar resolved: holds that were there and are active no more
    """

    results: tuple[Done | Refusal, ...]
    accounts: tuple[Account, ...] = ()
    entries: tuple[Entry, ...] = ()
    placed: tuple[Hold, ...] = ()
    resolved: tuple[Hold, ...] = ()
