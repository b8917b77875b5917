"""Where targets stand."""

from datetime import date, timedelta

from channel_sale.core.target import Standing, percent, standing
from hypothesis import given
from hypothesis import strategies as st

BEGIN, END = date(2026, 6, 1), date(2026, 6, 30)


def on(day, achieved, goal=300):
    return standing(achieved, goal, BEGIN, END, BEGIN + timedelta(days=day))


def test_by_the_days_that_are_over():
    assert on(-1, 0) is Standing.TO_COME
    assert on(0, 0) is Standing.ON_TRACK
    assert on(1, 9) is Standing.BEHIND
    assert on(1, 10) is Standing.ON_TRACK
    assert on(29, 289) is Standing.BEHIND
    assert on(30, 299) is Standing.MISSED


def test_reached_is_reached_whenever():
    for day in (-1, 0, 15, 30, 300):
        assert on(day, 300) is Standing.REACHED


def test_percent():
    assert percent(1, 3) == 33.3
    assert percent(450, 300) == 150.0
    assert percent(-5, 300) == 0.0


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 10**12), st.integers(0, 29))
def test_more_is_never_worse(achieved, more, goal, day):
    ranks = [Standing.BEHIND, Standing.ON_TRACK, Standing.REACHED]
    assert ranks.index(on(day, achieved, goal)) <= ranks.index(on(day, achieved + more, goal))
