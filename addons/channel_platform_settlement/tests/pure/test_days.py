import pytest
from channel_intake.core.reading import utc_seconds
from channel_platform_settlement.core.days import DAY, due
from channel_platform_settlement.core.douyin import local


def days(now, until=None, **values):
    found = due(utc_seconds(now), until and utc_seconds(until), **values)
    assert all(end - start == DAY - 1 for start, end in found)
    return [local(start)[5:10] for start, _end in found]


@pytest.mark.parametrize(
    ("now", "until", "found"),
    [
        ("2026-11-20 14:59:59", "2026-11-19", []),
        ("2026-11-20 15:00:00", "2026-11-19", ["11-18", "11-19"]),
        ("2026-11-20 23:00:00", "2026-11-20", []),
        ("2026-11-22 16:00:00", "2026-11-20", ["11-19", "11-20", "11-21"]),
        ("2026-11-20 16:00:00", None, [f"11-{day}" for day in range(13, 20)]),
    ],
)
def test_a_day_can_be_asked_for_after_three_of_the_next(now, until, found):
    assert days(now, until) == found


def test_a_person_may_ask_again():
    assert days("2026-11-20 16:00:00", "2026-11-20", again=True) == ["11-19"]


def test_not_further_back_than_a_month():
    assert len(days("2026-11-20 16:00:00", "2026-01-01")) == 30
