from datetime import datetime, timedelta

import pytest
from channel_dashboard.core import catalogue, verdict


def test_a_control_not_in_use_is_never_green():
    assert verdict.state_of(False, 0, False) == verdict.UNUSED


@pytest.mark.parametrize(
    ("count", "failed", "state"),
    [(0, False, "green"), (1, False, "red"), (0, True, "error"), (3, True, "error")],
)
def test_state_of_a_run(count, failed, state):
    assert verdict.state_of(True, count, failed) == state


def test_count_says_when_it_stopped_counting():
    assert verdict.shown_count(999) == "999"
    assert verdict.shown_count(1000) == "1000+"


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        ("unknown", "red", "red"),
        ("green", "red", "red"),
        ("red", "red", None),
        ("red", "error", None),
        ("green", "error", "red"),
        ("error", "green", "green"),
        ("red", "green", "green"),
        ("unknown", "green", None),
        ("green", "green", None),
    ],
)
def test_people_are_told_once(before, after, turn):
    assert verdict.turned(before, after) == turn


def test_a_result_grows_old():
    now = datetime(2026, 1, 1, 12)
    assert verdict.is_stale(None, now)
    assert not verdict.is_stale(now - timedelta(minutes=29), now)
    assert verdict.is_stale(now - timedelta(minutes=31), now)


def test_catalogue_lists_the_ten_controls_once():
    assert sorted(spec.number for spec in catalogue.CATALOGUE) == list(range(1, 11))
    assert len(catalogue.BY_CODE) == 10
    assert {spec.number for spec in catalogue.CATALOGUE if not spec.in_use} == {8}
