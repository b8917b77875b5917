"""The books while a batch is decided, and what an operation plans to do with them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .ledger import Account, Entry, Hold, HoldState, State, Why


class Refused(Exception):
    """Ends a plan; becomes a Refusal."""

    def __init__(self, why: Why, account: int | None = None, wanted: int = 0, allowed: int = 0):
        super().__init__(why)
        self.facts = (why, account, wanted, allowed)


@dataclass(slots=True)
class Work:
    """The books while a batch is decided, and the entries so far."""

    accounts: dict[int, Account]
    holds: dict[str, Hold]
    done: dict[str, tuple[Entry, ...]]
    reversed: set[str]
    now: int
    entries: list[Entry] = field(default_factory=list)

    def branch(self) -> Work:
        return Work(
            dict(self.accounts),
            dict(self.holds),
            dict(self.done),
            set(self.reversed),
            self.now,
            list(self.entries),
        )

    def account(self, account_id: int, state: State = State.OPEN) -> Account:
        """The account, if it is in that state."""
        account = self.accounts.get(account_id)
        if account is None:
            raise Refused(Why.ACCOUNT_UNKNOWN)
        if account.state is not state:
            raise Refused(Why["ACCOUNT_" + account.state.name], account_id)
        return account

    def active(self, key: str) -> tuple[Hold, Account]:
        """A hold that is not resolved, and its account."""
        hold = self.holds.get(key)
        if hold is None:
            raise Refused(Why.HOLD_UNKNOWN)
        if hold.state is not HoldState.ACTIVE:
            raise Refused(Why.HOLD_RESOLVED, hold.account)
        return hold, self.account(hold.account)


@dataclass(frozen=True, slots=True)
class Move:
    """The change of one account."""

    account: Account
    posted: int = 0
    held: int = 0
    line: int = 0
    state: State = State.OPEN

    @property
    def after(self) -> Account:
        account = self.account
        return replace(
            account,
            posted=account.posted + self.posted,
            held=account.held + self.held,
            line=account.line + self.line,
            number=account.number + 1,
            state=self.state,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What an operation does when nothing speaks against it."""

    moves: tuple[Move, ...]
    places: Hold | None = None
    resolves: Hold | None = None
    reverses: str = ""
