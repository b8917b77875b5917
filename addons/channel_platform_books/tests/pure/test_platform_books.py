import pytest
from channel_platform_books.core.books import Item, Settled, due, settled
from hypothesis import given
from hypothesis import strategies as st

FEN = st.integers(-10_000, 10_000)
ROLES = ("platform", "host", "affiliate", "colonel", "dealer", "other")


def test_shares_by_use():
    shares = {"host": 2000, "platform": 500, "colonel": 100, "dealer": 50}
    assert due(shares) == [
        Item("commission", 2100), Item("supply", 50), Item("fee", 500), Item("deductions", -2650),
    ]  # fmt: skip
    assert due({"host": 100, "platform": -100}) == [Item("commission", 100), Item("fee", -100)]
    assert due({"host": 0}) == []


def test_a_settled_day():
    day = Settled(amount=9000, shared=700, cost=300, income={7: 6000, 0: 4000})
    assert settled(day) == [
        Item("balance", 9000), Item("deductions", 700), Item("cost", 300),
        Item("clearing", -4000, 0), Item("clearing", -6000, 7),
    ]  # fmt: skip


def test_what_does_not_add_up():
    with pytest.raises(ValueError, match="not what was owed"):
        settled(Settled(9000, 700, 300, {7: 9999}))


@given(st.dictionaries(st.sampled_from(ROLES), FEN))
def test_every_entry_of_shares_balances(shares):
    items = due(shares)
    assert sum(item.balance for item in items) == 0
    assert all(item.balance for item in items)


@given(st.dictionaries(st.integers(0, 5), FEN, min_size=1), FEN, FEN)
def test_every_settled_day_balances(income, shared, cost):
    amount = sum(income.values()) - shared - cost
    items = settled(Settled(amount, shared, cost, income))
    assert sum(item.balance for item in items) == 0
    assert all(item.balance for item in items)
