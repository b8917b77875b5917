from dataclasses import replace
from datetime import date

import pytest
from channel_sale_return.core.returnable import (
    MILLI,
    Delivered,
    Failure,
    Policy,
    Quota,
    Reason,
    Why,
    Wish,
    judge,
)
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 3, 31)
TEA = Delivered(1, date(2026, 3, 1), 10 * MILLI, value=100_00)
GIFT = Delivered(2, date(2026, 3, 1), 2 * MILLI)
THERE = {1: TEA, 2: GIFT}
DEFECT, CHANGED = Reason(1, counts=False, picture=True), Reason(2)
POLICY = Policy(days=30, percent=10, reasons={1: DEFECT, 2: CHANGED})


def ask(*wishes, policy=POLICY, there=None, bought=1_000_00, returned=0):
    return judge(wishes, there or THERE, policy, TODAY, bought=bought, returned=returned)


def test_what_is_within_everything_passes_at_the_price_that_was_paid():
    verdict = ask(Wish(1, 3 * MILLI, 2), Wish(2, MILLI, 2))
    assert verdict.passes and verdict.worth == 30_00
    assert verdict.quota == Quota(100_00, 0, 30_00)


@pytest.mark.parametrize(
    "wish, there, failure",
    [
        (Wish(9, MILLI, 2), {}, Failure(9, Why.UNKNOWN)),
        (Wish(1, 0, 2), {}, Failure(1, Why.QUANTITY, 10 * MILLI)),
        (Wish(1, -MILLI, 2), {}, Failure(1, Why.QUANTITY, 10 * MILLI)),
        (Wish(1, 11 * MILLI, 2), {}, Failure(1, Why.MORE, 10 * MILLI)),
        (Wish(1, 8 * MILLI, 2), {"asked": 3 * MILLI}, Failure(1, Why.MORE, 7 * MILLI)),
        (Wish(1, MILLI, 2), {"day": date(2026, 2, 28)},
         Failure(1, Why.LATE, until=date(2026, 3, 30))),
        (Wish(1, MILLI, 2), {"marks": frozenset({("brand", 4)})}, Failure(1, Why.EXCLUDED)),
        (Wish(1, MILLI, 7), {}, Failure(1, Why.REASON)),
        (Wish(1, MILLI, 1), {}, Failure(1, Why.PICTURE)),
    ],
)  # fmt: skip
def test_what_fails_says_what_would_not(wish, there, failure):
    policy = replace(POLICY, excluded=frozenset({("brand", 4)}))
    verdict = ask(wish, policy=policy, there={1: replace(TEA, **there)})
    assert verdict.failures == (failure,) and not verdict.passes


def test_a_defect_uses_no_quota():
    verdict = ask(Wish(1, 10 * MILLI, 1, pictures=1), bought=100_00)
    assert verdict.passes and verdict.quota.wanted == 0


def test_the_quota_says_by_how_much_it_is_exceeded():
    verdict = ask(Wish(1, 5 * MILLI, 2), returned=60_00)
    assert not verdict.passes and verdict.quota.exceeded == 10_00


def test_two_wishes_of_a_line_are_one():
    verdict = ask(Wish(1, 6 * MILLI, 2), Wish(1, 5 * MILLI, 2))
    assert verdict.failures == (Failure(1, Why.MORE, 4 * MILLI),)


def test_without_a_policy_everything_that_is_there_may_come_back():
    assert ask(Wish(1, 10 * MILLI), policy=Policy()).passes


@given(st.integers(1, 10**6), st.integers(1, 50), st.lists(st.integers(1, 5), max_size=12))
def test_returns_in_parts_are_worth_the_whole(value, units, parts):
    line = Delivered(1, TODAY, units * MILLI, value=value)
    verdict = judge([Wish(1, n * MILLI) for n in parts], {1: line}, Policy(), TODAY)
    for failure in verdict.failures:
        assert failure.why is Why.MORE
    assert 0 <= verdict.worth <= value
    if sum(parts) == units and not verdict.failures:
        assert verdict.worth == value
