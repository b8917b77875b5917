"""When a member has gone quiet, when it is about to be short."""

from datetime import date, timedelta

import pytest
from channel_sale.core.rhythm import change_percent, days_quiet, near_limit, usual_gap
from hypothesis import given
from hypothesis import strategies as st

START = date(2026, 3, 2)


def on(*offsets):
    return [START + timedelta(days=offset) for offset in offsets]


def test_two_orders_make_no_rhythm():
    assert usual_gap([]) is None
    assert usual_gap(on(0, 7)) is None
    assert usual_gap(on(0, 0, 7)) is None, "two orders of one day are one"
    assert days_quiet(on(0, 7), START + timedelta(days=400)) is None


def test_one_long_holiday_counts_little():
    assert usual_gap(on(0, 7, 14, 60, 67, 74)) == 7


def test_quiet_is_more_than_twice_the_usual_gap():
    days = on(0, 7, 14)
    assert days_quiet(days, START + timedelta(days=28)) is None
    assert days_quiet(days, START + timedelta(days=29)) == 15


days_ = st.lists(st.integers(0, 400), min_size=3, max_size=30, unique=True)


@given(days_, st.randoms())
def test_the_order_of_days_is_no_matter(offsets, random):
    mixed = on(*offsets)
    random.shuffle(mixed)
    assert usual_gap(mixed) == usual_gap(sorted(mixed))
    gaps = [b - a for a, b in zip(sorted(offsets), sorted(offsets)[1:], strict=False)]
    assert min(gaps) <= usual_gap(mixed) <= max(gaps)


@given(days_, st.integers(0, 900))
def test_who_is_quiet_stays_quiet_until_the_next_order(offsets, later):
    days, today = on(*offsets), START + timedelta(days=max(offsets) + later)
    quiet = days_quiet(days, today)
    assert (quiet is not None) == (later > 2 * usual_gap(days))
    if quiet is not None:
        assert days_quiet(days, today + timedelta(days=1)) == quiet + 1
        assert days_quiet([*days, today], today) is None


@pytest.mark.parametrize(
    ("available", "credit", "week", "near"),
    [(199, 1000, 0, True), (200, 1000, 0, False), (99, 0, 100, True), (100, 0, 100, False),
     (0, 0, 0, False), (500, 1000, 600, True)],
)  # fmt: skip
def test_near_the_limit(available, credit, week, near):
    assert near_limit(available, credit, week, 20, 100) is near


def test_change():
    assert change_percent(150, 100) == 50
    assert change_percent(50, 100) == -50
    assert change_percent(5, 0) is None
