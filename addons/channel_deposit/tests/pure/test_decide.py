"""The ledger's sentences, one by one, with the figures that people will read."""

import math
from dataclasses import dataclass, replace

import pytest
from channel_deposit.core.decide import decide
from channel_deposit.core.ledger import (
    LIMIT,
    Account,
    Books,
    Done,
    Hold,
    HoldState,
    Purpose,
    Refusal,
    State,
    Why,
)
from channel_deposit.core.operations import (
    Capture,
    Close,
    Expire,
    Needs,
    Open,
    PlaceHold,
    Refit,
    Refund,
    Release,
    Reverse,
    SetCreditLine,
    TopUp,
    Transfer,
    digest,
    needs,
)

ACCOUNT = Account(1, Purpose.GOODS, state=State.OPEN, posted=1000, held=300, line=200, number=7)
HOLD = Hold("so 1", 1, 300, expires_at=500)
BOOKS = Books({1: ACCOUNT}, {"so 1": HOLD})


def ask(op, books=BOOKS, now=0):
    (result,) = decide(books, [op], now).results
    return result


def with_account(**values):
    return replace(BOOKS, accounts={1: replace(ACCOUNT, **values)})


@pytest.mark.parametrize(
    "amount", [0, -1, 1.0, math.nan, True, "100", None, LIMIT + 1, 10**15], ids=repr
)
def test_an_amount_is_a_whole_number_of_fen(amount):
    for op in (
        TopUp(key="k", account=1, amount=amount),
        Refund(key="k", account=1, amount=amount),
        Transfer(key="k", account=1, target=2, amount=amount),
        PlaceHold(key="k", account=1, amount=amount),
        Refit(key="k", hold="so 1", amount=amount),
        Capture(key="k", hold="so 1", amount=amount),
    ):
        assert ask(op).why is Why.AMOUNT


@pytest.mark.parametrize("line", [-1, 0.5, LIMIT + 1])
def test_a_credit_line_is_a_whole_number_of_fen(line):
    assert ask(SetCreditLine(key="k", account=1, line=line)).why is Why.AMOUNT


def test_a_balance_stays_below_the_limit():
    books = with_account(posted=LIMIT - 5)
    assert isinstance(ask(TopUp(key="k", account=1, amount=5), books), Done)
    assert ask(TopUp(key="k", account=1, amount=6), books).why is Why.AMOUNT


@pytest.mark.parametrize("key", ["", "  ", None])
def test_an_operation_needs_a_key(key):
    assert ask(TopUp(key=key, account=1, amount=1)).why is Why.KEY_MISSING


def test_a_hold_may_use_the_credit_line_and_a_refusal_says_by_how_much_it_is_short():
    assert isinstance(ask(PlaceHold(key="k", account=1, amount=900)), Done)
    refusal = ask(PlaceHold(key="k", account=1, amount=901))
    assert refusal == Refusal("k", Why.SHORT, 1, wanted=901, allowed=900)


def test_only_unspent_money_leaves_an_account():
    books = replace(BOOKS, accounts={1: ACCOUNT, 2: replace(ACCOUNT, id=2)})
    for op in (
        Refund(key="k", account=1, amount=701),
        Transfer(key="k", account=1, target=2, amount=701),
    ):
        assert ask(op, books) == Refusal("k", Why.SHORT, 1, wanted=701, allowed=700)
        assert isinstance(ask(replace(op, amount=700), books), Done)


def test_overdue_credit_blocks_new_holds_but_not_what_is_set_aside():
    books = with_account(overdue=45)
    assert ask(PlaceHold(key="k", account=1, amount=1), books) == Refusal("k", Why.OVERDUE, 1, 45)
    assert ask(Refit(key="k", hold="so 1", amount=301), books).why is Why.OVERDUE
    assert isinstance(ask(Refit(key="k", hold="so 1", amount=300), books), Done)
    assert isinstance(ask(Capture(key="k", hold="so 1", amount=100, keep=200), books), Done)


def test_a_capture_frees_the_rest_and_keeps_what_is_asked():
    decision = decide(BOOKS, [Capture(key="inv 1", hold="so 1", amount=100, keep=150)])
    (account,) = decision.accounts
    assert (account.posted, account.held, account.number) == (900, 150, 8)
    assert decision.resolved == (replace(HOLD, state=HoldState.CAPTURED, captured=100),)
    assert decision.placed == (Hold("inv 1", 1, 150, expires_at=500),)
    (entry,) = decision.entries
    assert (entry.posted, entry.held, entry.places, entry.resolves) == (-100, -150, True, "so 1")


def test_a_hold_placed_and_resolved_by_one_batch_is_inserted_as_it_ends():
    decision = decide(BOOKS, [PlaceHold(key="a", account=1, amount=5), Release(key="b", hold="a")])
    assert [hold.state for hold in decision.placed] == [HoldState.RELEASED]
    assert decision.resolved == ()


def test_a_hold_is_resolved_once():
    again = (
        Capture(key="2", hold="so 1", amount=1),
        Release(key="3", hold="so 1"),
        Expire(key="4", hold="so 1"),
        Refit(key="5", hold="so 1", amount=1),
    )
    decision = decide(BOOKS, [Release(key="1", hold="so 1"), *again], now=999)
    assert [result.why for result in decision.results[1:]] == [Why.HOLD_RESOLVED] * 4
    assert len(decision.entries) == 1


def test_a_hold_expires_when_it_is_due_and_can_be_captured_until_it_has():
    assert ask(Expire(key="k", hold="so 1"), now=499).why is Why.HOLD_NOT_DUE
    assert isinstance(ask(Expire(key="k", hold="so 1"), now=500), Done)
    assert isinstance(ask(Capture(key="k", hold="so 1", amount=300), now=501), Done)


def test_the_credit_line_does_not_fall_below_what_is_used_of_it():
    books = with_account(posted=250)
    refusal = ask(SetCreditLine(key="k", account=1, line=49), books)
    assert refusal == Refusal("k", Why.SHORT, 1, wanted=151, allowed=150)
    assert isinstance(ask(SetCreditLine(key="k", account=1, line=50), books), Done)


@pytest.mark.parametrize(
    ("purpose", "refused"),
    [(Purpose.GUARANTEE, {"hold", "credit_line"}), (Purpose.REBATE, {"refund", "credit_line"})],
)
def test_what_an_account_is_not_for(purpose, refused):
    books = with_account(purpose=purpose)
    operations = {
        "hold": PlaceHold(key="k", account=1, amount=1),
        "refund": Refund(key="k", account=1, amount=1),
        "credit_line": SetCreditLine(key="k", account=1, line=0),
        "top_up": TopUp(key="k", account=1, amount=1),
    }
    got = {name for name, op in operations.items() if isinstance(ask(op, books), Refusal)}
    assert got == refused


def test_an_account_works_between_review_and_closing():
    top_up = TopUp(key="t", account=1, amount=1)
    draft = Books({1: Account(1, Purpose.GOODS)})
    assert ask(top_up, draft).why is Why.ACCOUNT_DRAFT
    assert ask(Open(key="o", account=1)).why is Why.ACCOUNT_OPEN
    assert ask(Close(key="c", account=1)).why is Why.ACCOUNT_USED
    decision = decide(draft, [Open(key="o", account=1), Close(key="c", account=1), top_up])
    assert [account.state for account in decision.accounts] == [State.CLOSED]
    assert decision.results[2].why is Why.ACCOUNT_CLOSED
    assert ask(top_up, Books()).why is Why.ACCOUNT_UNKNOWN


def test_a_reversal_is_whole_once_and_has_a_reason():
    wrong = TopUp(key="t", account=1, amount=50)
    back = Reverse(key="r", of="t", note="wrong dealer")
    decision = decide(BOOKS, [wrong, back, replace(back, key="r2"), Reverse(key="r3", of="t")])
    assert [getattr(result, "why", None) for result in decision.results] == [
        None, None, Why.REVERSE_TWICE, Why.REASON_MISSING,
    ]  # fmt: skip
    assert decision.entries[1].posted == -50 and decision.entries[1].reverses == "t"
    assert ask(Reverse(key="r", of="never", note="x")).why is Why.REVERSE_UNKNOWN


def test_a_top_up_that_was_spent_is_not_reversed_without_a_credit_line():
    first = decide(BOOKS, [TopUp(key="t", account=1, amount=50)])
    books = replace(
        BOOKS, accounts={1: replace(ACCOUNT, posted=100, line=249)}, done={"t": first.entries}
    )
    refusal = ask(Reverse(key="r", of="t", note="bounced"), books)
    assert refusal == Refusal("r", Why.SHORT, 1, wanted=50, allowed=49)


def test_a_chain_takes_effect_whole_or_not_at_all():
    ops = (TopUp(key="a", account=1, amount=5), PlaceHold(key="b", account=1, amount=10**6))
    decision = decide(BOOKS, [ops, TopUp(key="c", account=1, amount=1)])
    assert [getattr(result, "why", None) for result in decision.results] == [
        Why.LINKED, Why.SHORT, None,
    ]  # fmt: skip
    assert [entry.key for entry in decision.entries] == ["c"]


def test_a_refused_key_is_free_and_a_used_one_answers_what_it_answered():
    large = PlaceHold(key="k", account=1, amount=10**6)
    small = replace(large, amount=5)
    decision = decide(BOOKS, [large, small, small, large])
    assert [getattr(result, "why", None) for result in decision.results] == [
        Why.SHORT, None, None, Why.KEY_REUSED,
    ]  # fmt: skip
    assert decision.results[2] == replace(decision.results[1], replayed=True)


def test_a_field_added_later_leaves_the_stored_fingerprints_as_they_are():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Later(TopUp):
        bonus: int = 0

    old = TopUp(key="k", account=1, amount=5)
    assert digest(Later(key="k", account=1, amount=5)) == digest(old)
    assert digest(Later(key="k", account=1, amount=5, bonus=1)) != digest(old)
    assert digest(old) == "baf918597b86114b13ad06e705c54e16"  # stored in databases: never changes


def test_what_a_batch_needs():
    batch = [
        (Transfer(key="a", account=1, target=2, amount=1), Release(key="b", hold="h")),
        Reverse(key="c", of="d", note="x"),
    ]
    assert needs(batch) == Needs(
        accounts=frozenset({1, 2}),
        holds=frozenset({"h"}),
        keys=frozenset({"a", "b", "c", "d"}),
        reverses=frozenset({"d"}),
        sets_aside=False,
    )
    assert needs([PlaceHold(key="e", account=1, amount=1)]).sets_aside
    assert needs([(Refit(key="f", hold="e", amount=2),)]).sets_aside
