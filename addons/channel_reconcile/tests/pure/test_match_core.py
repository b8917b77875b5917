"""Why a row of a bill or an entry of the books is no match."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from channel_reconcile.core.match import (
    Beyond,
    Cause,
    Finding,
    Known,
    Rules,
    Standing,
    Told,
    expected_fee,
    findings,
    plan,
)
from hypothesis import given
from hypothesis import strategies as st

AT = datetime(2026, 11, 20, 4)
TOLD = Told(1, "payment", AT.date(), AT, "K1", "S1", 10_000, 60_000)
KNOWN = Known("payment", 7, "payment", AT.date(), AT, "K1", "O1", 10_000)
RULES = Rules(fee_rate=6000, shops=frozenset({"wx1"}))
REFUND = replace(TOLD, kind="refund", amount=-10_000, fee=-60_000, status="SUCCESS")
BACK = replace(KNOWN, kind="refund", amount=-10_000)
LATE = datetime(2026, 11, 20, 15, 50)  # 23:50 in China


def causes(told, known, beyond=None, rules=RULES):
    return [each.cause for each in findings([(told, known)], beyond or Beyond(), rules)]


@pytest.mark.parametrize(
    ("told", "known", "cause"),
    [
        (TOLD, None, Cause.ONLY_BILL),
        (None, KNOWN, Cause.ONLY_BOOKS),
        (TOLD, replace(KNOWN, amount=9_999), Cause.AMOUNT),
        (replace(TOLD, fee=62_000), KNOWN, Cause.FEE),
        (replace(REFUND, status="PROCESSING"), BACK, Cause.STATUS),
        (replace(REFUND, status="FAIL"), BACK, Cause.STATUS),
        (TOLD, replace(KNOWN, day=AT.date() + timedelta(1), at=AT + timedelta(1)), Cause.DAY),
        (replace(TOLD, shop="wx2"), None, Cause.SHOP),
        (REFUND, replace(BACK, day=AT.date() + timedelta(8), at=AT + timedelta(8)), Cause.DAY),
    ],
)
def test_each_cause(told, known, cause):
    assert causes(told, known) == [cause]


@pytest.mark.parametrize(
    ("told", "known", "rules"),
    [
        (TOLD, KNOWN, RULES),
        (replace(TOLD, fee=61_000), KNOWN, RULES),  # within a fen
        (replace(TOLD, fee=0), KNOWN, Rules()),  # no fee was agreed
        (REFUND, BACK, RULES),
        (REFUND, replace(BACK, day=AT.date() + timedelta(3), at=AT + timedelta(3)), RULES),
        (
            replace(TOLD, at=LATE),
            replace(KNOWN, day=AT.date() + timedelta(1), at=LATE + timedelta(minutes=20)),
            RULES,
        ),
    ],
)
def test_what_is_tolerated(told, known, rules):
    assert causes(told, known, rules=rules) == []


def test_the_amount_matters_more_than_the_fee():
    assert causes(replace(TOLD, amount=20_000), KNOWN) == [Cause.AMOUNT]


def test_paid_twice():
    assert causes(TOLD, None, Beyond(told_twice={"S1"})) == [Cause.DUPLICATE]
    assert causes(None, KNOWN, Beyond(known_twice={"O1"})) == [Cause.DUPLICATE]


def test_a_known_shop_is_not_unknown():
    assert causes(replace(TOLD, shop="wx1"), None) == [Cause.ONLY_BILL]
    assert causes(replace(TOLD, shop="wx2"), None, rules=Rules()) == [Cause.ONLY_BILL]


def test_the_other_side_on_a_day_that_was_not_joined():
    far = replace(KNOWN, day=AT.date() + timedelta(2), at=AT + timedelta(2))
    assert causes(TOLD, None, Beyond(known={"K1": far})) == [Cause.DAY]
    near = replace(KNOWN, day=AT.date() + timedelta(1), at=AT + timedelta(minutes=5))
    assert causes(TOLD, None, Beyond(known={"K1": near})) == []
    assert causes(None, far, Beyond(told={"K1": TOLD})) == [Cause.DAY]


def test_a_pair_found_from_both_sides_is_one_difference():
    far = replace(KNOWN, day=AT.date() + timedelta(2), at=AT + timedelta(2))
    beyond = Beyond(known={"K1": far}, told={"K1": TOLD})
    found = findings([(TOLD, None), (None, far)], beyond, RULES)
    assert [(each.cause, each.told, each.known) for each in found] == [(Cause.DAY, TOLD, far)]


def test_where_a_difference_is_listed_and_how_much_it_is():
    found = Finding(Cause.AMOUNT, TOLD, replace(KNOWN, amount=9_000))
    assert (found.day, found.amount) == (TOLD.day, 1_000)
    assert Finding(Cause.ONLY_BOOKS, None, KNOWN).amount == -10_000


@given(st.integers(-(10**9), 10**9), st.integers(0, 100_000))
def test_a_fee_is_half_up_whichever_way_the_money_goes(amount, rate):
    fee = expected_fee(amount, rate)
    assert fee % 1000 == 0
    assert expected_fee(-amount, rate) == -fee
    assert abs(abs(fee) * 1000 - abs(amount) * rate) * 2 <= 1_000_000


def test_what_stands_is_known_again_by_its_row_or_its_entry():
    alone = Finding(Cause.ONLY_BILL, TOLD, None)
    both = Finding(Cause.DAY, TOLD, KNOWN)
    missing = Finding(Cause.ONLY_BOOKS, None, KNOWN)
    row, entry = Standing(11, 1, None), Standing(12, None, ("payment", 7))
    other = Standing(13, 99, None)
    assert plan([], [alone]).new == (alone,)
    done = plan([row, other], [alone])
    assert (done.new, done.kept, done.gone) == ((), ((11, alone),), (13,))
    assert plan([entry], [both]).kept == ((12, both),)
    done = plan([row, entry], [both])  # two that stood alone were one
    assert (done.kept, done.gone) == (((11, both),), (12,))
    assert plan([entry], [missing]).kept == ((12, missing),)
    assert plan([row], []).gone == (11,)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), max_size=8), st.data())
def test_the_same_findings_again_change_nothing(pairs, data):
    found, rows, entries = [], set(), set()
    for row, entry in pairs:
        if row in rows or entry in entries:
            continue
        rows.add(row)
        entries.add(entry)
        known = replace(KNOWN, id=entry) if entry else None
        found.append(Finding(Cause.AMOUNT, replace(TOLD, id=row), known))
    standing = [
        Standing(100 + n, each.told.id, each.known and (each.known.source, each.known.id))
        for n, each in enumerate(found)
    ]
    done = plan(data.draw(st.permutations(standing)), found)
    assert (done.new, done.gone) == ((), ())
    assert {id_ for id_, _each in done.kept} == {each.id for each in standing}
