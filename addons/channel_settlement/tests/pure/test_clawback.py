from collections import Counter

import pytest
from channel_settlement.core.clawback import Refund, clawback, remaining
from channel_settlement.core.scheme import Scheme, per_unit, percent, remainder
from channel_settlement.core.split import FREIGHT, Line, Order, Share, split
from hypothesis import given, settings
from hypothesis import strategies as st
from split_terms import PLAIN, orders, pc, refunds, schemes

ORDER = Order((Line(1, 2, list=12_000, paid=9_999, platform=1_000),), freight=600)


def test_a_partial_refund_takes_its_part_of_each_amount():
    left = remaining(ORDER, [Refund(1, 3666, units=1), Refund(FREIGHT, 100)])
    assert left == Order((Line(1, 1, list=8001, paid=6666, platform=667),), freight=500)


def test_the_opposite_shares():
    order = Order((Line(1, 1, paid=9999),))
    shares = split(order, PLAIN).shares
    news = clawback(order, PLAIN, shares, [Refund(1, 5000)])
    assert news == (Share(1, 1, 3749 - 7499), Share(1, 2, 1250 - 2500))
    assert clawback(order, PLAIN, [*shares, *news], [Refund(1, 5000)]) == ()


def test_a_line_refunded_in_full_counts_no_unit():
    """The buyer keeps the goods; the fee for each unit goes all the same."""
    order = Order((Line(1, 2, paid=1000), Line(2, 3, paid=1000)))
    scheme = Scheme((per_unit(1, 100), remainder(2)))
    left = remaining(order, [Refund(1, 1000)])
    assert [line.quantity for line in left.lines] == [0, 3]
    assert [party.fen for party in split(left, scheme).parties] == [300, 700]


def test_what_others_paid_for_falls_as_well():
    order = Order((Line(1, 4, list=1000, platform=1000),))
    assert remaining(order, [Refund(1, 250, 1)]) == Order((Line(1, 3, list=750, platform=750),))


def test_a_gift_falls_by_units():
    order = Order((Line(1, 4, list=1000),))
    assert remaining(order, [Refund(1, 0, 1)]) == Order((Line(1, 3, list=750),))


def test_too_much_takes_off_no_more():
    left = remaining(ORDER, [Refund(1, 99_999, 5), Refund(FREIGHT, 9_999)])
    assert left == Order((Line(1, 0),))


@pytest.mark.parametrize("refund", [Refund(2, 1), Refund(1, -1), Refund(1, 0, -1)])
def test_impossible_refunds(refund):
    with pytest.raises(ValueError, match=f"line {refund.line}"):
        remaining(ORDER, [refund])


def test_a_minimum_is_kept_while_there_is_money():
    order = Order((Line(1, 1, paid=1000),))
    scheme = Scheme((percent(1, pc(10), minimum=300), remainder(2)))
    shares = split(order, scheme).shares
    assert clawback(order, scheme, shares, [Refund(1, 600)]) == (Share(1, 2, -600),)
    assert clawback(order, scheme, shares, [Refund(1, 800)]) == (
        Share(1, 1, -100), Share(1, 2, -700),
    )  # fmt: skip


@settings(max_examples=2_000)
@given(st.data(), orders, schemes())
def test_any_refunds_up_to_all_leave_nothing(data, order, scheme):
    """After each one the shares are those of what is left; after the last all are exactly 0."""
    written = list(split(order, scheme).shares)
    asked = data.draw(refunds(order))
    for count in range(1, len(asked) + 1):
        written += clawback(order, scheme, written, asked[:count])
        left = split(remaining(order, asked[:count]), scheme)
        totals = Counter()
        for share in written:
            totals[share.rule] += share.fen
        assert all(totals[party.rule] == party.fen for party in left.parties)
        assert clawback(order, scheme, written, asked[:count]) == ()
    cells = Counter()
    for share in written:
        cells[share.line, share.rule] += share.fen
    assert not any(cells.values())


@settings(max_examples=1_000)
@given(st.data(), orders, schemes())
def test_the_same_refunds_in_another_order(data, order, scheme):
    asked = data.draw(refunds(order))[: data.draw(st.integers(0, 6))]
    shares = split(order, scheme).shares
    other = data.draw(st.permutations(asked))
    assert clawback(order, scheme, shares, asked) == clawback(order, scheme, shares, other)
