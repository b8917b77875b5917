from fractions import Fraction

import pytest
from channel_credit.core.accrual import Expected, Sales, expect, measured_rate
from hypothesis import given
from hypothesis import strategies as st

fen = st.integers(0, 10**10)
sales = st.builds(Sales, revenue=fen, credited=fen, cost=fen, cost_back=fen, orders=fen)
rates = st.fractions(0, 1)


def test_what_is_still_to_come():
    """15 % of 10,000.00 come back; 900.00 have; 600.00 are to come with their part of the goods."""
    recent = Sales(revenue=1_000_000, credited=90_000, cost=455_000)
    assert expect(recent, Fraction(15, 100)) == Expected(60_000, 30_000)


def test_the_rate_is_that_of_older_sales():
    older = Sales(revenue=500_000, credited=60_000, orders=300)
    assert measured_rate(older, at_least=200) == Fraction(12, 100)


def test_few_orders_say_nothing():
    assert measured_rate(Sales(revenue=500_000, credited=60_000, orders=199), 200) is None
    assert measured_rate(Sales(), 0) is None


@pytest.mark.parametrize("rate", [Fraction(-1, 9), Fraction(10, 9)])
def test_no_rate(rate):
    with pytest.raises(ValueError, match="no part"):
        expect(Sales(), rate)


@given(sales, rates)
def test_never_more_than_is_left(recent, rate):
    expected = expect(recent, rate)
    assert 0 <= expected.revenue <= max(recent.revenue - recent.credited, 0)
    assert 0 <= expected.cost <= max(recent.cost - recent.cost_back, 0)


@given(fen, fen, rates)
def test_nothing_once_all_is_back(revenue, cost, rate):
    everything = Sales(revenue, credited=revenue, cost=cost, cost_back=cost)
    assert expect(everything, rate) == Expected(0, 0)


@given(sales, rates, st.integers(0, 10**8))
def test_what_comes_back_is_expected_no_more(recent, rate, more):
    """A fen that has come back lowers what is expected, by at most a fen."""
    before = expect(recent, rate).revenue
    later = Sales(recent.revenue, recent.credited + more, recent.cost, recent.cost_back)
    assert before - more <= expect(later, rate).revenue <= before


@given(sales, st.integers(0, 10**6))
def test_a_measured_rate_is_a_part(older, at_least):
    rate = measured_rate(older, at_least)
    assert rate is None or 0 <= rate <= 1
