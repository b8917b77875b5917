from dataclasses import replace
from datetime import date

import pytest
from channel_credit.core.collect import Credit, Order, Part, Refund, Unexplained, collect
from channel_credit.core.notes import NoteLine, note_lines, total
from channel_order.core.credits import Sold
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2026, 3, 1)


def part(line, ref="L1", product=11, units=2, paid=100, owed=120):
    return Part(ref, product, Sold(line, units, paid, owed))


def refund(aftersale=1, ref="L1", goods=100, freight=0, day=DAY):
    return Refund(aftersale, ref, goods, freight, day)


ORDER = Order(7, (part(1), part(2, "L2", 12, 1, 50, 50)), freight=600)


def test_all_of_a_line_takes_its_units_and_the_subsidy():
    credits, over = collect(ORDER, [refund()])
    assert credits == (Credit(1, 1, 11, 2, 120, DAY, 100),) and not over


def test_parts_take_money_only_until_nothing_is_left():
    credits, over = collect(ORDER, [refund(1, goods=33), refund(2, goods=33), refund(3, goods=34)])
    assert [credit.units for credit in credits] == [0, 0, 0]
    assert sum(credit.fen for credit in credits) == 120 and not over


def test_the_whole_order_with_its_freight():
    credits, over = collect(ORDER, [refund(ref="", goods=150, freight=600)])
    assert {(c.line, c.product, c.units, c.fen) for c in credits} == {
        (1, 11, 2, 120), (2, 12, 1, 50), (0, 0, 0, 600),
    }  # fmt: skip
    assert not over


@pytest.mark.parametrize(
    "refunds, fen",
    [([refund(goods=101)], 1), ([refund(1), refund(2, goods=5)], 5), ([refund(freight=601)], 1),
     ([refund(ref="gone")], 100)],
)  # fmt: skip
def test_what_was_given_too_much_is_told(refunds, fen):
    _credits, over = collect(ORDER, refunds)
    assert over == (Unexplained(refunds[-1].aftersale, fen),)


def test_the_older_refund_comes_first():
    late, early = refund(1, goods=100, day=date(2026, 3, 2)), refund(2, goods=50)
    credits, over = collect(ORDER, [late, early])
    assert [credit.aftersale for credit in credits] == [2, 1]
    assert over == (Unexplained(1, 50),)


def test_a_note_is_grouped_as_the_wave_was():
    lines = note_lines(
        [
            Credit(1, 1, 11, 3, 1000, DAY),  # 3.33, 3.33, 3.34
            Credit(2, 5, 11, 1, 333, DAY),
            Credit(3, 6, 11, 0, 50, DAY),
            Credit(4, 7, 11, 0, 25, DAY),
            Credit(4, 0, 0, 0, 600, DAY),
            Credit(5, 8, 12, 1, 0, DAY),
        ]
    )
    assert lines == (
        NoteLine(11, 3, 333), NoteLine(11, 1, 334), NoteLine(11, 1, 75, part=True),
        NoteLine(0, 1, 600, part=True),
    )  # fmt: skip


def _in_two_runs(order, first, second):
    """The second run knows of the first what its credits tell."""
    credits, _over = collect(order, first)
    given, taken = dict(order.given), {}
    refs = {each.sold.line_id: each.line_ref for each in order.parts}
    for credit in credits:
        if credit.line:
            ref = refs[credit.line]
            given[ref] = given.get(ref, 0) + credit.given
            taken[credit.line] = taken.get(credit.line, 0) + credit.fen
    parts = tuple(
        replace(p, sold=replace(p.sold, taken=taken.get(p.sold.line_id, 0))) for p in order.parts
    )
    freight = sum(credit.fen for credit in credits if not credit.line)
    rest, _over = collect(replace(order, parts=parts, given=given, freight_taken=freight), second)
    return credits + rest


PARTS = st.lists(
    st.tuples(st.sampled_from(["L1", "L2"]), st.integers(1, 4), st.integers(0, 9999),
              st.integers(0, 500)),
    min_size=1, max_size=4,
)  # fmt: skip
REFUNDS = st.lists(
    st.tuples(st.sampled_from(["L1", "L2", ""]), st.integers(0, 9999), st.integers(0, 700)),
    max_size=6,
)


@given(PARTS, REFUNDS, st.integers(0, 6))
def test_any_refunds_take_off_at_most_what_was_owed(parts, refunds, cut):
    """The same in one run as in two, and a note of them is exact."""
    order = Order(
        7,
        tuple(part(n, ref, 11, units, paid, paid + off)
              for n, (ref, units, paid, off) in enumerate(parts, 1)),
        freight=600,
    )  # fmt: skip
    asked = [refund(n, ref, goods, freight) for n, (ref, goods, freight) in enumerate(refunds, 1)]
    credits, over = collect(order, asked)
    assert credits == _in_two_runs(order, asked[:cut], asked[cut:])
    for each in order.parts:
        off = sum(c.fen for c in credits if c.line == each.sold.line_id)
        assert 0 <= off <= each.sold.owed
    assert sum(c.fen for c in credits if not c.line) <= 600
    assert len({(c.aftersale, c.line) for c in credits}) == len(credits)
    assert total(note_lines(credits)) == sum(c.fen for c in credits)
    told = {rest.aftersale: rest.fen for rest in over}
    for ref in {each.line_ref for each in order.parts}:
        paid = sum(p.sold.paid for p in order.parts if p.line_ref == ref)
        owed = sum(p.sold.owed for p in order.parts if p.line_ref == ref)
        back = sum(r.goods for r in asked if r.line_ref == ref and r.aftersale not in told)
        if back == paid and paid:
            lines = {p.sold.line_id for p in order.parts if p.line_ref == ref}
            assert sum(c.fen for c in credits if c.line in lines) == owed
