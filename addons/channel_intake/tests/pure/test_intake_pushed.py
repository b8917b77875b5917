"""Which pushes are answered by what is stored."""

import json

import pytest
from channel_intake.core.pushed import (
    LIST_REACH,
    Pushed,
    asking,
    happened_at,
    retry_after,
    to_put_off,
    unanswered,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_780_000_000


def push(data=None, order="1", aftersale="", number=1, attempts=0):
    text = data if isinstance(data, str) else json.dumps(data or {})
    return Pushed(number, order, aftersale, text, NOW, attempts)


def paid(number, before=0, **values):
    """The payment of an order some seconds ago."""
    return push({"pay_time": NOW - before}, order=str(number), number=number, **values)


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


def test_few_orders_are_asked_for_one_by_one():
    asked = asking([paid(1), paid(2), paid(2)], NOW, 2)
    assert (asked.orders_since, asked.details) == (None, ("1", "2"))


def test_many_orders_come_by_the_list_since_the_first_of_them():
    asked = asking([paid(1, 3), paid(2, 7), paid(3)], NOW, 2)
    assert (asked.orders_since, asked.details) == (NOW - 7, ())
    assert asked.listed == {1, 2, 3}


def test_what_is_old_or_was_not_in_the_list_does_not_stretch_it():
    pushes = [paid(1), paid(2), paid(3), paid(4, LIST_REACH + 1), paid(5, 60, attempts=1)]
    asked = asking(pushes, NOW, 2)
    assert (asked.orders_since, asked.details) == (NOW, ("4", "5"))


def test_an_aftersale_comes_by_its_own_list():
    event = push({"apply_time": NOW - 3}, aftersale="A1")
    asked = asking([event], NOW, 2)
    assert (asked.orders_since, asked.aftersales_since, asked.details) == (None, NOW - 3, ())


def test_what_happened_in_a_second_that_is_not_over_is_asked_for_at_once_again():
    pushes = [paid(1, 5), paid(2, 1), paid(3, 0)]
    assert [x.id for x in to_put_off(pushes, asking(pushes, NOW, 2), NOW)] == [1]
    assert to_put_off(pushes, asking(pushes, NOW, 3), NOW) == pushes, "these were asked by number"
