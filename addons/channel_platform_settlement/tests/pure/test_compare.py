import pytest
from channel_platform_settlement.core.compare import (
    SHARED,
    UNSHARED,
    Bill,
    Books,
    Cause,
    by_cause,
    compare,
)
from hypothesis import given
from hypothesis import strategies as st

fen = st.integers(-(10**6), 10**6)
fees = st.dictionaries(st.sampled_from([*SHARED, *UNSHARED]), fen)
shares = st.dictionaries(st.sampled_from(SHARED), fen)


@pytest.mark.parametrize(
    ("bill", "books", "found"),
    [
        (Bill(10000), Books(10000), []),
        (Bill(9990), Books(10000), [(Cause.INCOME, -10)]),
        (Bill(8000, -2000), Books(10000, 2000), []),
        (Bill(10000), Books(10000, 2000), [(Cause.REFUND, 2000)]),
        (Bill(8000, -2000), Books(10000), [(Cause.REFUND, -2000)]),
        (Bill(7990, -2000), Books(10000, 2000), [(Cause.INCOME, -10)]),
        # refunded before it left: the bill tells the refund, our order owes it no more
        (Bill(8000, -2000), Books(8000), []),
        (Bill(500), None, [(Cause.UNKNOWN, 500)]),
        (Bill(0, fees={"fine": 300}), None, [(Cause.FINE, -300)]),
        # only a part of its lines was settled: what is missing may still come
        (Bill(4000), Books(10000, complete=False), []),
        (Bill(4000, fees={"fine": 1}), Books(10000, complete=False), [(Cause.FINE, -1)]),
        # shares are not known: only what no share is about
        (Bill(100, fees={"platform_fee": 5, "small_payment": 2}), Books(100),
         [(Cause.SMALL_PAYMENT, -2)]),
        (Bill(100, fees={"platform_fee": 5}), Books(100, shares={"platform_fee": 5}), []),
        (Bill(100, fees={"platform_fee": 7}), Books(100, shares={"platform_fee": 5}),
         [(Cause.PLATFORM_FEE, -2)]),
        (Bill(100), Books(100, shares={"commission": 20}), [(Cause.COMMISSION, 20)]),
        # a fen a row is rounding, more is not
        (Bill(100, fees={"platform_fee": 6, "commission": 19}, rows=1),
         Books(100, shares={"platform_fee": 5, "commission": 20}), []),
        (Bill(100, fees={"platform_fee": 7}, rows=2), Books(100, shares={"platform_fee": 5}),
         [(Cause.ROUNDING, -2)]),
        (Bill(100, fees={"platform_fee": 8}, rows=2), Books(100, shares={"platform_fee": 5}),
         [(Cause.PLATFORM_FEE, -3)]),
    ],
)  # fmt: skip
def test_differences(bill, books, found):
    assert compare(bill, books) == found


@given(fen, fen, fees, fen, fen, shares)
def test_differences_are_what_came_less_what_was_expected(income, refunded, fees, owed, off, known):
    found = compare(Bill(income, refunded, fees), Books(owed, off, known))
    came = income - sum(fees.values())
    assert sum(fen for _cause, fen in found) == came - (owed - off - sum(known.values()))
    assert all(fen for _cause, fen in found)
    assert len({cause for cause, _fen in found}) == len(found)


@given(fen, fees)
def test_an_unknown_order_differs_by_all_that_came(income, fees):
    found = compare(Bill(income, 0, fees), None)
    assert sum(fen for _cause, fen in found) == income - sum(fees.values())


def test_parties_stand_under_what_the_platform_calls_them():
    parties = {"platform": 5, "host": 10, "affiliate": 7, "colonel": 2, "mcn": 1, "other": 3}
    assert by_cause(parties) == {
        "platform_fee": 5,
        "commission": 17,
        "colonel_fee": 2,
        "other_sharing": 4,
    }
