from decimal import Decimal

import pytest
from channel_network.core.money import allocate, from_fen, to_fen
from hypothesis import given
from hypothesis import strategies as st

fen = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=40)


@given(fen)
def test_fen_survive_every_way_in(amount):
    yuan = from_fen(amount)
    assert to_fen(yuan) == amount
    assert to_fen(str(yuan)) == amount
    # Odoo hands out floats; every amount of two decimals below 10^13 is exact this way
    assert to_fen(float(yuan)) == amount


def test_whole_yuan_and_text():
    assert to_fen(113) == 11300
    assert to_fen("0.01") == 1
    assert to_fen(0.1 + 0.0) == 10
    assert from_fen(-5) == Decimal("-0.05")


@pytest.mark.parametrize("value", ["0.001", 0.005, 1.005, 0.1 + 0.2, Decimal("9.999")])
def test_parts_of_a_fen_are_refused(value):
    with pytest.raises(ValueError, match="whole number of fen"):
        to_fen(value)


@pytest.mark.parametrize("value", ["", "abc", None, "nan", float("inf"), True, Decimal("NaN")])
def test_what_is_no_amount_is_refused(value):
    with pytest.raises(ValueError, match="not an amount"):
        to_fen(value)


@pytest.mark.parametrize("value", [1.0, "1", True, None])
def test_fen_are_integers(value):
    with pytest.raises(ValueError, match="whole number"):
        from_fen(value)


@given(fen, weights)
def test_parts_sum_to_the_total_and_stay_next_to_the_exact_share(total, parts_weights):
    parts = allocate(total, parts_weights)
    assert sum(parts) == total
    whole = sum(parts_weights)
    if whole:
        for part, weight in zip(parts, parts_weights, strict=True):
            assert abs(part * whole - total * weight) < whole
            if not weight:
                assert part == 0


@given(fen, weights)
def test_taking_back_mirrors_giving(total, parts_weights):
    given_out = allocate(total, parts_weights)
    taken = allocate(-total, parts_weights)
    assert [a + b for a, b in zip(given_out, taken, strict=True)] == [0] * len(parts_weights)


@given(st.integers(0, 10**9), st.integers(1, 30))
def test_equal_weights_give_the_odd_fen_to_the_first(total, count):
    parts = allocate(total, [1] * count)
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


def test_largest_remainder_wins_then_order():
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(10, [1, 2, 4]) == [1, 3, 6]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]
    assert allocate(7, [0, 0]) == [4, 3]
    assert allocate(0, []) == []


@pytest.mark.parametrize(("total", "parts_weights"), [(1, []), (1, [1, -1])])
def test_impossible_splits_are_refused(total, parts_weights):
    with pytest.raises(ValueError):
        allocate(total, parts_weights)
