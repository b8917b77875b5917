from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.channel_sale.core.rebate import WHOLE, Line, Policy, claimed, divide, offer

TAXES = ((13,), (9,), ())
TEA, CUP = ("category", 1), ("category", 2)
LINES = (
    Line(1, 11300, (13,), frozenset({TEA})),
    Line(2, 5650, (13,), frozenset({CUP})),
    Line(3, 10900, (9,), frozenset({CUP})),
)
HALF = Policy(50_00)

lines = st.lists(
    st.builds(
        Line,
        st.integers(1, 10**6),
        st.integers(0, 10**7),
        st.sampled_from(TAXES),
        st.sampled_from([frozenset(), frozenset({TEA}), frozenset({TEA, CUP})]),
    ),
    max_size=8,
    unique_by=lambda line: line.id,
)
policies = st.builds(
    Policy, st.integers(0, WHOLE), st.sampled_from([frozenset(), frozenset({CUP})])
)


def by_tax(parts, lines):
    sums = {}
    for line in lines:
        sums[line.tax] = sums.get(line.tax, 0) + parts.get(line.id, 0)
    return sums


def test_what_an_order_may_use():
    found = offer(LINES, HALF, 100_000)
    assert (found.base, found.cap, found.most) == (27850, 13925, 13925)
    assert offer(LINES, HALF, 200).most == 200
    assert offer(LINES, HALF, -5).most == 0
    assert offer(LINES, Policy(0), 200).most == 0
    assert offer(LINES, Policy(33_33), 100_000).cap == 9282  # 9282.405: never above the cap


def test_what_is_excluded_neither_counts_nor_gets_anything():
    policy = Policy(WHOLE, frozenset({CUP}))
    assert offer(LINES, policy, 100_000).base == 11300
    assert divide(100, LINES, policy) == {1: 100}


def test_goods_and_discount_share_one_limit():
    found = offer(LINES, HALF, 5000, discount=1000, goods=3000)
    assert (found.discount_most, found.goods_left) == (2000, 1000)
    only = offer(LINES, Policy(50_00, discount=False), 5000)
    assert (only.discount_most, only.goods_left) == (0, 5000)
    only = offer(LINES, Policy(50_00, goods=False), 5000)
    assert (only.discount_most, only.goods_left) == (5000, 0)


def test_divided_by_what_the_lines_come_to():
    parts = divide(1000, LINES, HALF)
    assert parts == {1: 406, 2: 203, 3: 391}
    assert divide(0, LINES, HALF) == {}
    assert divide(100, (), HALF) == {}


def test_what_is_invoiced_stays():
    parts = divide(1000, LINES, HALF, {(9,): 700})
    assert by_tax(parts, LINES) == {(13,): 300, (9,): 700}
    parts = divide(0, LINES, HALF, {(9,): 700, (13,): 1})
    assert by_tax(parts, LINES) == {(13,): 1, (9,): 700}


@given(lines, policies, st.integers(0, 10**8))
def test_every_fen_is_divided_and_no_line_below_nothing(lines, policy, wanted):
    found = offer(lines, policy, wanted)
    parts = divide(found.most, lines, policy)
    amounts = {line.id: line.amount for line in lines}
    assert sum(parts.values()) == found.most <= found.cap <= found.base
    for line in lines:
        part = parts.get(line.id, 0)
        assert 0 <= part <= amounts[line.id]
        assert policy.allows(line) or not part


@given(lines, st.integers(0, 10**7), st.dictionaries(st.sampled_from(TAXES), st.integers(0, 999)))
def test_a_tax_gets_at_least_what_is_invoiced(lines, wanted, least):
    policy = Policy(WHOLE)
    taxes = {line.tax for line in lines if policy.allows(line)}
    least = {tax: low for tax, low in least.items() if tax in taxes}
    amount = offer(lines, policy, wanted).most
    parts = divide(amount, lines, policy, least)
    sums = by_tax(parts, lines)
    assert all(sums[tax] >= low for tax, low in least.items())
    assert sum(parts.values()) in (amount, sum(least.values())) or not taxes


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 9))))
def test_deliveries_claim_all_of_it_and_never_more(rows):
    """Each line is delivered in pieces; what is claimed grows and ends at the whole."""
    whole = sum(part for part, _step, _ordered in rows)
    before = 0
    for round_ in range(10):
        now = claimed((part, step * round_ * 1000, ordered * 1000) for part, step, ordered in rows)
        assert before <= now <= whole
        before = now
    assert claimed((part, ordered, ordered) for part, _step, ordered in rows) == whole
    assert claimed([(100, 1, 3), (100, 1, 3)]) == 66
    assert claimed([(100, -1, 3), (5, 1, 0)]) == 0
