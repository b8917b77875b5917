"""Entries of small payments: they balance, each fact stands in one, a reversal never first."""

from datetime import date

from channel_small_payment.core.books import Fact, entries
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2026, 6, 1)


def test_one_entry_a_shop_and_day():
    facts = [
        Fact(1, False, 1, 7, 500, DAY),
        Fact(2, False, 1, 7, 300, DAY),
        Fact(3, False, 1, 8, 100, DAY),
        Fact(1, True, 1, 7, 500, DAY),
        Fact(4, False, 1, 7, 200, date(2026, 5, 31)),
    ]
    assert [
        (entry.day.day, entry.shop, entry.back, entry.expense, len(entry.facts))
        for entry in entries(reversed(facts))
    ] == [
        (31, 7, False, 200, 1),
        (1, 7, False, 800, 2),
        (1, 8, False, 100, 1),
        (1, 7, True, -500, 1),
    ]


FACTS = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 9999), st.integers(1, 4),
              st.none() | st.integers(0, 3)),
    max_size=20,
)  # fmt: skip


@given(FACTS)
def test_every_fact_once_and_in_balance(rows):
    facts = []
    for number, (company, shop, fen, day, later) in enumerate(rows):
        facts.append(Fact(number, False, company, shop, fen, date(2026, 6, day)))
        if later is not None:
            facts.append(Fact(number, True, company, shop, fen, date(2026, 6, day + later)))
    made = entries(facts)
    assert sorted(map(id, (f for entry in made for f in entry.facts))) == sorted(map(id, facts))
    seen = set()
    for entry in made:
        assert entry.expense + sum(fact.clearing for fact in entry.facts) == 0
        for fact in entry.facts:
            assert not fact.back or fact.payment in seen
            seen.add(fact.payment)
    assert sum(entry.expense for entry in made) == sum(
        -fact.fen if fact.back else fact.fen for fact in facts
    )
