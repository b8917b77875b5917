from datetime import date, timedelta

import pytest
from channel_statement.core.period import Period, begin, last_end
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("period", "day", "end"),
    [
        ("week", "2026-11-22", "2026-11-22"),  # a Sunday
        ("week", "2026-11-23", "2026-11-22"),
        ("half_month", "2026-11-14", "2026-10-31"),
        ("half_month", "2026-11-15", "2026-11-15"),
        ("half_month", "2026-11-29", "2026-11-15"),
        ("half_month", "2026-11-30", "2026-11-30"),
        ("month", "2026-11-29", "2026-10-31"),
        ("month", "2026-11-30", "2026-11-30"),
        ("month", "2024-02-29", "2024-02-29"),
        ("month", "2026-03-01", "2026-02-28"),
    ],
)
def test_the_newest_period_that_is_over(period, day, end):
    assert last_end(Period(period), date.fromisoformat(day)) == date.fromisoformat(end)


@given(st.sampled_from(Period), st.dates(date(2000, 1, 31), date(2099, 12, 31)))
def test_periods_follow_each_other(period, day):
    end = last_end(period, day)
    first = begin(period, end)
    assert first <= end <= day
    assert last_end(period, end) == end
    assert last_end(period, first - timedelta(1)) == first - timedelta(1)
    following = end + timedelta(1)
    assert begin(period, last_end(period, following + timedelta(31))) >= following
