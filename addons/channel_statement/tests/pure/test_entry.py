from channel_statement.core.entry import Earned, Item, lines, payout
from hypothesis import given
from hypothesis import strategies as st

WHATS = ("host", "mcn", "dealer", "retailer", "other", "fee")


def test_what_members_delivered_is_cost_of_supply():
    earned = [Earned("host", 700), Earned("dealer", 2000), Earned("retailer", 300)]
    assert lines([*earned, Earned("fee", -100)]) == [
        Item("commission", 600), Item("supply", 2300), Item("payable", -2900),
    ]  # fmt: skip


def test_what_is_nothing_is_not_posted():
    assert lines([Earned("host", 100), Earned("fee", -100)]) == []
    assert lines([Earned("host", 100), Earned("dealer", -100)]) == [
        Item("commission", 100), Item("supply", -100),
    ]  # fmt: skip


def test_a_payout_with_tax():
    assert payout(1000, 200, "transit") == [
        Item("payable", 1000), Item("transit", -800), Item("tax", -200),
    ]  # fmt: skip
    assert payout(1000, 0, "deposit") == [Item("payable", 1000), Item("deposit", -1000)]


@given(st.lists(st.builds(Earned, st.sampled_from(WHATS), st.integers(-10_000, 10_000))))
def test_every_entry_balances(earned):
    items = lines(earned)
    assert sum(item.balance for item in items) == 0
    owed = -sum(item.balance for item in items if item.role == "payable")
    assert owed == sum(each.fen for each in earned)
