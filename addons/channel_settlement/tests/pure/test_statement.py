from datetime import date, timedelta
from fractions import Fraction

import pytest
from channel_settlement.core.statement import (
    Due,
    Freed,
    Held,
    Order,
    Reserve,
    Term,
    When,
    due_day,
    make,
)
from hypothesis import given, settings
from hypothesis import strategies as st

END = date(2026, 11, 30)
TENTH = Reserve(Fraction(1, 10), 15)


def after(days):
    return END + timedelta(days)


def test_when_a_share_is_due():
    order = Order(END, received=after(3), settled=after(9))
    assert due_day(Term(), order) == END
    assert due_day(Term(When.RECEIPT, 7), order) == after(10)
    assert due_day(Term(When.SETTLEMENT, 1), order) == after(10)
    assert due_day(Term(When.RECEIPT, 7), Order(END)) is None


def test_a_share_that_takes_back_is_due_with_its_sale_or_at_once():
    order = Order(END, received=after(3))
    term = Term(When.RECEIPT, 7)
    assert due_day(term, order, taken_back=after(5)) == after(10)
    assert due_day(term, order, taken_back=after(12)) == after(12)
    assert due_day(term, Order(END), taken_back=after(1)) is None


def test_what_is_due_and_what_falls_into_the_next():
    dues = [Due(2, 500, END), Due(1, 300, after(-3)), Due(3, 900, after(1))]
    found = make(END, dues)
    assert (found.shares, found.amount, found.payable, found.carried) == ((1, 2), 800, 800, 0)
    assert make(after(30), dues[2:]).shares == (3,)


def test_a_part_is_kept_and_freed():
    first = make(END, [Due(1, 1009, END)], reserve=TENTH)
    assert (first.kept, first.kept_until, first.payable) == (100, after(15), 909)
    held = [Held(7, first.kept, first.kept_until)]
    assert make(after(14), [], held=held).is_empty
    second = make(after(15), [], held=held)
    assert (second.freed, second.payable) == ((Freed(7, 100),), 100)


def test_what_is_taken_back_comes_out_of_reserves_first():
    """The oldest reserve, only as much as is missing; nothing new is kept then."""
    held = [Held(8, 500, after(20)), Held(7, 200, after(10))]
    found = make(after(5), [Due(4, -600, after(2))], held=held, reserve=TENTH)
    assert found.freed == (Freed(7, 200, early=True), Freed(8, 400, early=True))
    assert (found.kept, found.payable, found.carried) == (0, 0, 0)


def test_what_is_missing_is_carried_on():
    first = make(END, [Due(1, -700, END)])
    assert (first.payable, first.carried) == (0, -700)
    second = make(after(30), [Due(2, 1000, after(9))], brought=-700, reserve=TENTH)
    assert (second.kept, second.payable, second.carried) == (100, 200, 0)
    third = make(after(30), [Due(2, 750, after(9))], brought=-700, reserve=TENTH)
    assert (third.kept, third.payable) == (50, 0)


def test_impossible_beginnings():
    with pytest.raises(ValueError, match="brought"):
        make(END, [], brought=1)
    with pytest.raises(ValueError, match="under 7"):
        make(END, [], held=[Held(7, 0, END)])


@settings(max_examples=1_000)
@given(
    st.lists(st.tuples(st.integers(-50_000, 50_000), st.integers(0, 60)), max_size=12),
    st.integers(0, 40),
    st.integers(0, 30),
)
def test_over_any_periods_every_fen_is_paid_held_or_carried(shares, percent, days):
    reserve = Reserve(Fraction(percent, 100), days)
    open_dues = {id: Due(id, fen, after(day)) for id, (fen, day) in enumerate(shares) if fen}
    total = sum(due.fen for due in open_dues.values())
    paid, carried, held = 0, 0, {}
    for period in range(0, 120, 15):
        found = make(after(period), open_dues.values(), carried, held.values(), reserve)
        assert found.payable >= 0 >= found.carried
        brought = found.brought + found.amount + sum(each.fen for each in found.freed)
        assert brought - found.kept == found.payable + found.carried
        for id in found.shares:
            del open_dues[id]
        for each in found.freed:
            left = held[each.held].fen - each.fen
            assert left >= 0
            held[each.held] = Held(each.held, left, held[each.held].until)
        held = {id: each for id, each in held.items() if each.fen}
        if found.kept:
            held[period] = Held(period, found.kept, found.kept_until)
        paid, carried = paid + found.payable, found.carried
        kept = sum(each.fen for each in held.values())
        on_statements = total - sum(due.fen for due in open_dues.values())
        assert paid + carried + kept == on_statements
        assert not held or found.carried == 0  # nothing is carried on while something is held
    assert not open_dues
    assert not held  # all reserves were freed by themselves
    assert paid + carried == total
