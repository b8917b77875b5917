import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel_live.core.pace import Count, ItemPace, item_pace, lasting, per_minute


def test_rate_is_scaled_from_the_time_that_really_passed():
    assert per_minute(7, Count(130.0, {7: 300}), Count(100.0, {7: 200})) == 200.0


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (Count(100.0, {7: 5}), None),
        (Count(100.0, {7: 5}), Count(97.0, {7: 1})),  # too short a time
        (Count(100.0, {7: 5}), Count(40.0, {})),  # was not on sale then
        (Count(100.0, {}), Count(40.0, {7: 1})),
        (Count(100.0, {7: 5}), Count(160.0, {7: 1})),  # a clock that was set back
    ],
)
def test_rate_is_unknown_without_two_counts_some_time_apart(now, before):
    assert per_minute(7, now, before) is None


def test_units_given_back_are_no_sales():
    assert per_minute(7, Count(100.0, {7: 5}), Count(40.0, {7: 9})) == 0.0


@pytest.mark.parametrize(
    ("left", "rates", "seconds"),
    [
        (100, (50.0,), 120),
        (100, (0.0, 25.0), 240),  # nothing in the last minute: the last five tell
        (100, (None, 25.0), 240),
        (0, (50.0,), 0),
        (-3, (None,), 0),
        (100, (0.0, 0.0), None),
        (100, (None, None), None),
    ],
)
def test_how_long_it_lasts(left, rates, seconds):
    assert lasting(left, *rates) == seconds


def test_an_item():
    now = Count(300.0, {7: 1000})
    pace = item_pace(7, 50, now, Count(240.0, {7: 900}), Count(0.0, {7: 0}))
    assert pace == ItemPace(100.0, 200.0, 30)
    assert item_pace(7, 50, now, None, None) == ItemPace(None, None, None)


@given(
    st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6),
    st.floats(10, 900, allow_nan=False),
)  # fmt: skip
def test_at_its_rate_exactly_what_is_left_is_sold(left, before, grown, seconds):
    rate = per_minute(1, Count(seconds, {1: before + grown}), Count(0.0, {1: before}))
    lasts = lasting(left, rate)
    if grown == 0:
        assert lasts is None
    else:
        assert abs(rate * lasts / 60 - left) <= rate / 60  # to the second
