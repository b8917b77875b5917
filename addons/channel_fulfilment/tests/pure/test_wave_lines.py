import pytest
from channel_fulfilment.core.wave_lines import (
    UnitLine,
    group_freight,
    group_lines,
    spread,
    total,
)
from hypothesis import given
from hypothesis import strategies as st


def test_spread_is_whole_fen_per_unit():
    assert spread(3, 1000) == ((333, 2), (334, 1))
    assert spread(3, 999) == ((333, 3),)
    assert spread(2, 0) == ((0, 2),)
    assert spread(5, 3) == ((0, 2), (1, 3))


@pytest.mark.parametrize(("quantity", "owed"), [(0, 10), (-1, 10), (1, -1)])
def test_spread_refuses_what_cannot_ship(quantity, owed):
    with pytest.raises(ValueError):
        spread(quantity, owed)


def test_lines_of_one_price_are_one_group():
    lines = [UnitLine(1, 2, 200), UnitLine(1, 1, 100), UnitLine(2, 1, 100)]
    assert group_lines(lines) == {(1, 100): 3, (2, 100): 1}


def test_freight_counts_orders_by_amount_without_the_free_ones():
    assert group_freight([600, 0, 1250, 600]) == {600: 2, 1250: 1}
    with pytest.raises(ValueError):
        group_freight([-1])


lines = st.lists(
    st.builds(UnitLine, st.integers(1, 5), st.integers(1, 9999), st.integers(0, 10**9))
)


@given(lines, st.lists(st.integers(0, 10**6)))
def test_total_is_what_is_owed(rows, freights):
    units = group_lines(rows)
    assert total(units, group_freight(freights)) == sum(row.owed for row in rows) + sum(freights)
    for product in {row.product_id for row in rows}:
        assert sum(n for (one, _fen), n in units.items() if one == product) == sum(
            row.quantity for row in rows if row.product_id == product
        )


@given(st.integers(1, 9999), st.integers(0, 10**9))
def test_spread_prices_are_at_most_a_fen_apart(quantity, owed):
    parts = spread(quantity, owed)
    prices = [fen for fen, _units in parts]
    assert max(prices) - min(prices) <= 1
    assert all(units > 0 for _fen, units in parts)
