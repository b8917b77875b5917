"""What a dealer is told: packs, minimums, and the stock in words."""

import pytest
from channel_portal.core.catalogue import Step, Stock, step, stock_words
from channel_sale.core.review import Kind, Outcome, Rule, Together
from hypothesis import given
from hypothesis import strategies as st


def rule(kind, least, **values):
    return Rule(id=1, kind=kind, least=least, **values)


@pytest.mark.parametrize(
    ("free", "few", "words"),
    [
        (20000, 20000, Stock.PLENTY), (19999, 20000, Stock.FEW), (1, 20000, Stock.FEW),
        (0, 20000, Stock.NONE), (-5000, 20000, Stock.NONE), (0, 0, Stock.NONE), (1, 0, Stock.PLENTY),
    ],
)  # fmt: skip
def test_the_stock_in_words(free, few, words):
    assert stock_words(free, few) is words


def test_packs_and_minimums_of_the_rules_that_fit():
    rules = [
        rule(Kind.PACK, 6000),
        rule(Kind.PACK, 4000, categories=frozenset({7})),
        rule(Kind.QUANTITY, 20000),
    ]
    assert step(rules, 1, 1, [5]) == Step(6, 24)
    assert step(rules, 1, 1, [5, 7]) == Step(12, 24)
    assert step([], 1, 1, []) == Step(1, 1)


@pytest.mark.parametrize(
    "other",
    [
        rule(Kind.PACK, 6000, outcome=Outcome.PASS), rule(Kind.PACK, 6000, members=frozenset({9})),
        rule(Kind.PACK, 6000, grades=frozenset({9})), rule(Kind.PACK, 6000, amount_from=1),
        rule(Kind.PACK, 6000, categories=frozenset({9})), rule(Kind.AMOUNT, 6000),
        rule(Kind.QUANTITY, 6000, together=Together.ORDER),
    ],
)  # fmt: skip
def test_rules_that_ask_nothing_of_one_product(other):
    assert step([other], 1, 1, [5]) == Step(1, 1)


def test_half_packs_become_whole_units():
    assert step([rule(Kind.PACK, 2500)], 1, 1, []) == Step(5, 5)


steps = st.builds(
    lambda pack, packs: Step(pack, pack * packs), st.integers(1, 50), st.integers(1, 9)
)


@given(steps, st.integers(0, 10_000))
def test_a_step_leads_to_what_can_be_ordered(one, quantity):
    above, below = one.up(quantity), one.down(quantity)
    assert above > quantity
    assert above % one.pack == 0
    assert above >= one.least
    assert below < quantity or below == quantity == 0
    assert below == 0 or (below % one.pack == 0 and below >= one.least)
    assert one.down(above) <= quantity
    fitting = one.fit(quantity)
    assert fitting >= max(quantity, one.least)
    assert fitting % one.pack == 0
    assert one.fit(fitting) == fitting
    assert fitting - one.pack < max(quantity, one.least)
