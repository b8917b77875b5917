"""What a batch of operations does to accounts, holds and the journal.

The caller locks the accounts, gathers the :class:`~.ledger.Books`, asks :func:`decide` and
writes what the :class:`~.ledger.Decision` says, in one transaction. Why it is built so:
``docs/decisions/0008-deposit-ledger.md``. All amounts are whole fen.

Available is checked when money is set aside, so that a capture never fails for want of money.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .ledger import (
    LIMIT,
    Account,
    Books,
    Decision,
    Done,
    Entry,
    Hold,
    HoldState,
    Purpose,
    Refusal,
    State,
    Why,
)
from .operations import (
    Batch,
    Capture,
    Close,
    Expire,
    GiveBack,
    Kind,
    Lapse,
    Open,
    Operation,
    PlaceHold,
    Refit,
    Refund,
    Release,
    Reverse,
    SetCreditLine,
    TopUp,
    Transfer,
    digest,
)
from .work import Move, Plan, Refused, Work


def decide(books: Books, batch: Batch, now: int = 0) -> Decision:
    """Decide a batch, one operation after the other.

    An operation stands alone: others are not touched when it is refused. Operations in a tuple
    are a chain: all of them take effect or none.

    :param now: unix seconds
    """
    work = Work(dict(books.accounts), dict(books.holds), dict(books.done), set(books.reversed), now)
    results: list[Done | Refusal] = []
    for item in batch:
        if isinstance(item, tuple):
            work, answers = _chain(work, item)
            results += answers
        else:
            results.append(_one(work, item))
    changed = {entry.account: work.accounts[entry.account] for entry in work.entries}
    placed = {entry.key: work.holds[entry.key] for entry in work.entries if entry.places}
    resolved = [work.holds[entry.resolves] for entry in work.entries if entry.resolves]
    return Decision(
        results=tuple(results),
        accounts=tuple(changed.values()),
        entries=tuple(work.entries),
        placed=tuple(placed.values()),
        resolved=tuple(hold for hold in resolved if hold.key not in placed),
    )


# -- one operation ---------------------------------------------------------------------------


def _chain(work: Work, chain: tuple[Operation, ...]) -> tuple[Work, list[Done | Refusal]]:
    """All operations of a chain, or none; with the books to go on with."""
    trial = work.branch()
    answers = [_one(trial, operation) for operation in chain]
    if not any(isinstance(answer, Refusal) for answer in answers):
        return trial, answers
    for index, (answer, operation) in enumerate(zip(answers, chain, strict=True)):
        if isinstance(answer, Done) and operation.key not in work.done:
            answers[index] = Refusal(operation.key, Why.LINKED)
    return work, answers


def _one(work: Work, operation: Operation) -> Done | Refusal:
    """Decide one operation and, unless it is refused, carry it into the books."""
    try:
        if not isinstance(operation.key, str) or not operation.key.strip():
            raise Refused(Why.KEY_MISSING)
        if first := work.done.get(operation.key):
            if first[0].digest != digest(operation):
                raise Refused(Why.KEY_REUSED, first[0].account)
            return Done(first, replayed=True)
        return _apply(work, operation, _PLANS[type(operation)](work, operation))
    except Refused as refused:
        return Refusal(operation.key, *refused.facts)


def _apply(work: Work, operation: Operation, plan: Plan) -> Done:
    """Carry a plan into the books.

    :raise AssertionError: a plan breaks the rule of available; nothing has changed then
    """
    afters = [move.after for move in plan.moves]
    for after in afters:
        if abs(after.posted) > LIMIT:
            raise Refused(Why.AMOUNT, after.id, abs(after.posted), LIMIT)
        if min(after.available, after.held, after.line) < 0:
            raise AssertionError(f"{operation} would break the rule of available: {after}")
    work.accounts.update((after.id, after) for after in afters)
    if plan.resolves:
        work.holds[plan.resolves.key] = plan.resolves
    if plan.places:
        work.holds[plan.places.key] = plan.places
    if plan.reverses:
        work.reversed.add(plan.reverses)
    entries = _entries(operation, plan, afters)
    work.entries += entries
    work.done[operation.key] = entries
    return Done(entries)


def _entries(operation: Operation, plan: Plan, afters: list[Account]) -> tuple[Entry, ...]:
    """One line of the journal for each account that changes."""
    fingerprint = digest(operation)
    return tuple(
        Entry(
            operation.key, leg, after.id, after.number, operation.kind, fingerprint,
            move.posted, move.held, move.line, after.posted, after.held, after.line,
            places=plan.places is not None,
            resolves=plan.resolves.key if plan.resolves else "",
            reverses=plan.reverses,
            source=operation.source,
            note=operation.note,
            lapses_at=getattr(operation, "lapses_at", None),
        )
        for leg, (move, after) in enumerate(zip(plan.moves, afters, strict=True))
    )  # fmt: skip


# -- plans -----------------------------------------------------------------------------------


def _whole(amount: object, least: int = 1) -> None:
    """Refuse what is no whole number of fen from ``least`` up to the limit."""
    if not isinstance(amount, int) or isinstance(amount, bool) or not least <= amount <= LIMIT:
        raise Refused(Why.AMOUNT, allowed=LIMIT)


def _covered(account: Account, wanted: int, allowed: int) -> None:
    if wanted > allowed:
        raise Refused(Why.SHORT, account.id, wanted, allowed)


def _purpose(account: Account, *purposes: Purpose) -> None:
    if account.purpose not in purposes:
        raise Refused(Why.PURPOSE, account.id)


def _settable(account: Account, wanted: int) -> None:
    """Refuse to set more aside when something is overdue or too little is available."""
    if account.overdue > 0:
        raise Refused(Why.OVERDUE, account.id, account.overdue)
    _covered(account, wanted, account.available)


def _open(work: Work, op: Open) -> Plan:
    return Plan((Move(work.account(op.account, State.DRAFT)),))


def _close(work: Work, op: Close) -> Plan:
    account = work.account(op.account)
    if account.posted or account.held or account.line:
        raise Refused(Why.ACCOUNT_USED, op.account)
    return Plan((Move(account, state=State.CLOSED),))


def _top_up(work: Work, op: TopUp) -> Plan:
    _whole(op.amount)
    account = work.account(op.account)
    if op.lapses_at is not None:
        _purpose(account, Purpose.REBATE)
    return Plan((Move(account, op.amount),))


def _lapse(work: Work, op: Lapse) -> Plan:
    _whole(op.amount)
    account = work.account(op.account)
    _purpose(account, Purpose.REBATE)
    _covered(account, op.amount, account.own)
    return Plan((Move(account, -op.amount),))


def _refund(work: Work, op: Refund) -> Plan:
    _whole(op.amount)
    account = work.account(op.account)
    _purpose(account, Purpose.GOODS, Purpose.GUARANTEE)
    _covered(account, op.amount, account.own)
    return Plan((Move(account, -op.amount),))


def _transfer(work: Work, op: Transfer) -> Plan:
    _whole(op.amount)
    if op.account == op.target:
        raise Refused(Why.SAME_ACCOUNT, op.account)
    account, target = work.account(op.account), work.account(op.target)
    for side in (account, target):
        _purpose(side, Purpose.GOODS, Purpose.GUARANTEE)
    if account.book != target.book:
        raise Refused(Why.OTHER_BOOK, op.account)
    _covered(account, op.amount, account.own)
    return Plan((Move(account, -op.amount), Move(target, op.amount)))


def _set_credit_line(work: Work, op: SetCreditLine) -> Plan:
    _whole(op.line, least=0)
    account = work.account(op.account)
    _purpose(account, Purpose.GOODS)
    change = op.line - account.line
    _covered(account, -change, account.available)
    return Plan((Move(account, line=change),))


def _place(work: Work, op: PlaceHold) -> Plan:
    _whole(op.amount)
    account = work.account(op.account)
    _purpose(account, Purpose.GOODS, Purpose.REBATE)
    _settable(account, op.amount)
    hold = Hold(op.key, account.id, op.amount, op.expires_at, source=op.source)
    return Plan((Move(account, held=op.amount),), places=hold)


def _refit(work: Work, op: Refit) -> Plan:
    _whole(op.amount)
    hold, account = work.active(op.hold)
    more = op.amount - hold.amount
    if more > 0:
        _settable(account, more)
    source = op.source or hold.source
    return Plan(
        (Move(account, held=more),),
        places=Hold(op.key, account.id, op.amount, hold.expires_at, source=source),
        resolves=replace(hold, state=HoldState.RELEASED),
    )


def _capture(work: Work, op: Capture) -> Plan:
    _whole(op.amount)
    _whole(op.keep, least=0)
    hold, account = work.active(op.hold)
    if op.amount + op.keep > hold.amount:
        raise Refused(Why.HOLD_EXCEEDED, account.id, op.amount + op.keep, hold.amount)
    kept = Hold(op.key, account.id, op.keep, hold.expires_at, source=hold.source)
    return Plan(
        (Move(account, -op.amount, op.keep - hold.amount),),
        places=kept if op.keep else None,
        resolves=replace(hold, state=HoldState.CAPTURED, captured=op.amount),
    )


def _give_back(work: Work, op: GiveBack) -> Plan:
    _whole(op.amount)
    account = work.account(op.account)
    _purpose(account, Purpose.GOODS, Purpose.REBATE)
    return Plan((Move(account, op.amount),))


def _release(work: Work, op: Release) -> Plan:
    hold, account = work.active(op.hold)
    resolved = replace(hold, state=HoldState.RELEASED)
    return Plan((Move(account, held=-hold.amount),), resolves=resolved)


def _expire(work: Work, op: Expire) -> Plan:
    hold, account = work.active(op.hold)
    if hold.expires_at is None or work.now < hold.expires_at:
        raise Refused(Why.HOLD_NOT_DUE, account.id)
    resolved = replace(hold, state=HoldState.EXPIRED)
    return Plan((Move(account, held=-hold.amount),), resolves=resolved)


REVERSIBLE = {
    Kind.TOP_UP, Kind.REFUND, Kind.TRANSFER, Kind.CAPTURE, Kind.GIVE_BACK, Kind.LAPSE,
}  # fmt: skip


def _reverse(work: Work, op: Reverse) -> Plan:
    """Other way round, whole; a captured hold stays resolved."""
    if not op.note.strip():
        raise Refused(Why.REASON_MISSING)
    entries = work.done.get(op.of)
    if not entries:
        raise Refused(Why.REVERSE_UNKNOWN)
    if entries[0].kind not in REVERSIBLE:
        raise Refused(Why.REVERSE_KIND, entries[0].account)
    if op.of in work.reversed:
        raise Refused(Why.REVERSE_TWICE, entries[0].account)
    moves = tuple(Move(work.account(entry.account), -entry.posted) for entry in entries)
    for move in moves:
        _covered(move.account, -move.posted, move.account.available)
    return Plan(moves, reverses=op.of)


_PLANS: dict[type[Operation], Callable[[Work, Any], Plan]] = {
    Open: _open,
    Close: _close,
    TopUp: _top_up,
    Refund: _refund,
    Transfer: _transfer,
    SetCreditLine: _set_credit_line,
    PlaceHold: _place,
    Refit: _refit,
    Capture: _capture,
    GiveBack: _give_back,
    Release: _release,
    Expire: _expire,
    Lapse: _lapse,
    Reverse: _reverse,
}
