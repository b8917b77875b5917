"""Small payments and refunds in any order: never more of the price than was paid."""

from dataclasses import replace

import pytest
from channel_small_payment.core.limits import (
    BEYOND_THE_PRICE,
    Purpose,
    Rules,
    Stands,
    Why,
    check,
    needs_second,
    overpaid,
)
from hypothesis import given
from hypothesis import strategies as st

RULES = Rules(each=10_000, order=20_000, alone=5_000)
PRICE = Purpose.COMPENSATION


@pytest.mark.parametrize(
    "purpose, fen, stands, why, allowed",
    [
        (PRICE, 10_000, Stands(50_000), None, 0),
        (PRICE, 0, Stands(50_000), Why.NOTHING, 0),
        (PRICE, -1, Stands(50_000), Why.NOTHING, 0),
        (PRICE, 1, Stands(0), Why.UNPAID, 0),
        (Purpose.RETURN_FREIGHT, 1, Stands(0), Why.UNPAID, 0),
        (PRICE, 10_001, Stands(50_000), Why.EACH, 10_000),
        (PRICE, 5_001, Stands(50_000, price=9_000, beyond=6_000), Why.ORDER, 5_000),
        (PRICE, 5_000, Stands(50_000, price=9_000, beyond=6_000), None, 0),
        (PRICE, 101, Stands(1_000, given=700, price=200), Why.OWED, 100),
        (PRICE, 100, Stands(1_000, given=700, price=200), None, 0),
        (PRICE, 1, Stands(1_000, given=1_500), Why.OWED, 0),
        (Purpose.RETURN_FREIGHT, 1_200, Stands(1_000, given=1_000), None, 0),
        (Purpose.RETURN_FREIGHT, 1_200, Stands(1_000, beyond=19_000), Why.ORDER, 1_000),
    ],
)
def test_limits(purpose, fen, stands, why, allowed):
    refusal = check(purpose, fen, stands, RULES)
    assert (refusal and refusal.why, refusal.allowed if refusal else 0) == (why, allowed)


@pytest.mark.parametrize(
    "fen, stands, second",
    [
        (5_000, Stands(50_000), False),
        (5_001, Stands(50_000), True),
        (1, Stands(50_000, price=4_000, beyond=1_000), True),
        (1, Stands(50_000, price=4_000), False),
    ],
)
def test_parts_are_no_way_around_the_second_person(fen, stands, second):
    assert needs_second(fen, stands, RULES) is second


def test_return_freight_is_no_part_of_the_price():
    assert overpaid(PRICE, 300, Stands(1_000, given=900)) == 200
    assert overpaid(PRICE, 100, Stands(1_000, given=900)) == 0
    assert overpaid(Purpose.RETURN_FREIGHT, 300, Stands(1_000, given=1_000)) == 0


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "pay", "grant", "refund", "back"]),
        st.sampled_from(list(Purpose)),
        st.integers(-1, 12_000),
    ),
    max_size=30,
)


@given(paid=st.integers(0, 40_000), steps=STEPS,
       rules=st.builds(Rules, st.integers(0, 12_000), st.integers(0, 25_000),
                       st.integers(0, 9_000)))  # fmt: skip
def test_any_sequence_stays_within_the_limits(paid, steps, rules):
    """What we decide about is never more than owed; only the platform's own refunds may be."""
    stands, live, forced = Stands(paid), [], 0
    for step, purpose, fen in steps:
        match step:
            case "pay" if check(purpose, fen, stands, rules) is None:
                assert 0 < fen <= rules.each
                live.append((purpose, fen))
                name = "beyond" if purpose in BEYOND_THE_PRICE else "price"
                stands = replace(stands, **{name: getattr(stands, name) + fen})
            case "grant" if 0 <= fen <= stands.owed:
                stands = replace(stands, given=stands.given + fen)
            case "refund" if 0 <= fen <= paid - stands.given:  # whatever we have paid
                forced += max(fen - stands.owed, 0)
                stands = replace(stands, given=stands.given + fen)
            case "back" if live:
                stands = stands.without(*live.pop())
        assert all(type(value) is int for value in (stands.price, stands.beyond, stands.owed))
        assert stands.small == sum(fen for _purpose, fen in live) <= rules.order
        assert stands.price + stands.given <= paid + forced
        assert min(stands.price, stands.beyond) >= 0
