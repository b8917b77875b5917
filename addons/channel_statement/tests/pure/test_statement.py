from datetime import date, timedelta
from fractions import Fraction

import pytest
from channel_statement.core.statement import Freed, Held, Reserve, make
from hypothesis import given, settings
from hypothesis import strategies as st

END = date(2026, 11, 30)
TENTH = Reserve(Fraction(1, 10), 15)


def after(days):
    return END + timedelta(days)


def test_a_part_is_kept_and_freed():
    first = make(END, 1009, reserve=TENTH)
    assert (first.kept, first.kept_until, first.payable) == (100, after(15), 909)
    held = [Held(7, first.kept, first.kept_until)]
    assert make(after(14), 0, held=held).freed == ()
    second = make(after(15), 0, held=held)
    assert (second.freed, second.payable) == ((Freed(7, 100),), 100)


def test_nothing_of_fees_is_kept():
    found = make(END, 1000, 500, reserve=TENTH)
    assert (found.kept, found.payable) == (100, 1400)


def test_what_is_taken_back_comes_out_of_reserves_first():
    """The oldest reserve, only as much as is missing; nothing new is kept then."""
    held = [Held(8, 500, after(20)), Held(7, 200, after(10))]
    found = make(after(5), -600, held=held, reserve=TENTH)
    assert found.freed == (Freed(7, 200, early=True), Freed(8, 400, early=True))
    assert (found.kept, found.payable, found.carried) == (0, 0, 0)


def test_what_is_missing_is_carried_on():
    first = make(END, -700)
    assert (first.payable, first.carried) == (0, -700)
    second = make(after(30), 1000, brought=-700, reserve=TENTH)
    assert (second.kept, second.payable, second.carried) == (100, 200, 0)
    third = make(after(30), 750, brought=-700, reserve=TENTH)
    assert (third.kept, third.payable) == (50, 0)


def test_impossible_beginnings():
    with pytest.raises(ValueError, match="brought"):
        make(END, 0, brought=1)
    with pytest.raises(ValueError, match="under 7"):
        make(END, 0, held=[Held(7, 0, END)])


@settings(max_examples=1_000)
@given(
    st.lists(st.integers(-50_000, 50_000), min_size=1, max_size=8),
    st.integers(0, 40),
    st.integers(0, 30),
)
def test_over_any_periods_every_fen_is_paid_held_or_carried(amounts, percent, days):
    reserve = Reserve(Fraction(percent, 100), days)
    paid, carried, told, held = 0, 0, 0, {}
    for period, amount in enumerate([*amounts, 0, 0, 0]):  # all reserves come free by themselves
        fees = amount // 3
        found = make(
            after(15 * period), amount - fees, fees, brought=carried, held=held.values(),
            reserve=reserve,
        )  # fmt: skip
        assert found.payable >= 0 >= found.carried
        brought = found.brought + found.shares + found.fees + sum(each.fen for each in found.freed)
        assert brought - found.kept == found.payable + found.carried
        for each in found.freed:
            left = held[each.held].fen - each.fen
            assert left >= 0
            held[each.held] = Held(each.held, left, held[each.held].until)
        held = {id: each for id, each in held.items() if each.fen}
        if found.kept:
            held[period] = Held(period, found.kept, found.kept_until)
        paid, carried, told = paid + found.payable, found.carried, told + amount
        assert paid + carried + sum(each.fen for each in held.values()) == told
        assert not held or found.carried == 0  # nothing is carried on while something is held
    assert not held
