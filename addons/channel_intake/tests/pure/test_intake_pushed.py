"""Which pushes are answered by what is stored."""

import json

import pytest
from channel_intake.core.pushed import Pushed, happened_at, retry_after, unanswered
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_780_000_000


def push(data=None, order="1", aftersale="", number=1):
    text = data if isinstance(data, str) else json.dumps(data or {})
    return Pushed(number, order, aftersale, text, NOW, 0)


@pytest.mark.parametrize(
    ("data", "moment"),
    [
        ({"update_time": NOW - 5, "create_time": NOW - 50}, NOW - 5),
        ({"pay_time": str(NOW - 7)}, NOW - 7),
        ({"update_time": "2026-11-22 10:00:00"}, NOW - 1),  # after-sales date theirs as text
        ({"exp_ship_time": NOW + 86400, "pay_time": NOW - 3}, NOW - 3),
        ({"pay_time": NOW + 10**6}, NOW - 1),  # a clock that runs wild proves nothing
        ("no JSON", NOW - 1),
        ("[]", NOW - 1),
        ({}, NOW - 1),
    ],
)
def test_when_an_event_happened(data, moment):
    assert happened_at(push(data)) == moment


def test_a_push_is_answered_by_something_as_new_as_it():
    event = push({"pay_time": NOW - 3})
    assert unanswered([event], {}, {}) == [event]
    assert unanswered([event], {"1": NOW - 4}, {}) == [event]
    assert unanswered([event], {"1": NOW - 3}, {}) == []


def test_an_aftersale_is_answered_by_itself_not_by_its_order():
    event = push({"apply_time": NOW - 3}, aftersale="A1")
    assert unanswered([event], {"1": NOW}, {}) == [event]
    assert unanswered([event], {}, {"A1": NOW - 3}) == []


def test_a_push_about_nothing_we_keep_needs_no_answer():
    assert unanswered([push(order="")], {}, {}) == []


@given(st.integers(0, 10**6))
def test_the_wait_grows_and_never_ends(attempts):
    assert 5 <= retry_after(attempts) <= retry_after(attempts + 1) <= 3600
