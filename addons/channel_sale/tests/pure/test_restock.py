"""When a member runs out, and how much to order."""

from datetime import date, timedelta

from channel_sale.core.restock import Bought, Level, Shelf, estimate, to_order
from hypothesis import given
from hypothesis import strategies as st

START = date(2026, 3, 2)


def bought(*pairs):
    return [Bought(START + timedelta(days=day), quantity) for day, quantity in pairs]


def after(days):
    return START + timedelta(days=days)


def test_the_pace_is_that_before_the_last_order():
    shelf = estimate(bought((0, 70), (7, 70), (14, 50)), after(16))
    assert (shelf.left, shelf.sold, shelf.span, shelf.usual) == (30, 140, 14, 70)
    assert shelf.days == 3
    assert estimate(bought((0, 70), (7, 70), (14, 50)), after(60)).days == 0


def test_two_orders_of_a_day_are_one():
    assert estimate(bought((0, 3), (0, 4)), after(0)) == Shelf(left=7, usual=7)


def test_without_a_pace_nothing_is_said():
    for orders in ([], bought((0, 5)), bought((0, 5), (3, 5))):
        shelf = estimate(orders, after(300))
        assert shelf.days is None
        assert to_order(shelf, None, 7) == 0


def test_remind_when_what_is_left_lasts_for_too_few_days():
    shelf = Shelf(left=60, sold=140, span=14, usual=70)  # 6 days
    assert to_order(shelf, None, 6) == 0
    assert to_order(shelf, None, 7) == 70
    assert to_order(shelf, None, 0) == 0, "switched off"


def test_what_was_agreed_goes_before_the_pace():
    shelf = Shelf(left=60, sold=140, span=14, usual=70)
    assert to_order(shelf, Level(least=50, most=200), 99) == 0
    assert to_order(shelf, Level(least=61, most=200), 0) == 140
    assert to_order(Shelf(left=0), Level(least=1, most=24), 0) == 24, "never ordered yet"


orders_ = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 10**7)), min_size=1, max_size=20)


@given(orders_, st.integers(0, 400), st.integers(0, 60))
def test_what_is_left_never_grows_by_itself(pairs, later, more):
    last = max(day for day, _quantity in pairs)
    today = after(last + later)
    shelf, then = (estimate(bought(*pairs), today + timedelta(days=d)) for d in (0, more))
    assert 0 <= then.left <= shelf.left
    assert shelf.left <= sum(quantity for day, quantity in pairs if day == last)
    if shelf.days is not None:
        assert then.days <= shelf.days


@given(orders_, st.integers(0, 400), st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_order_fills_up_to_the_most(pairs, later, least, more):
    shelf = estimate(bought(*pairs), after(200 + later))
    level = Level(least, least + more)
    wanted = to_order(shelf, level, 7)
    assert wanted == 0 or shelf.left + wanted == level.most
    assert (wanted > 0) <= (shelf.left < least)
