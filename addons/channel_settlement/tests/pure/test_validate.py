import pytest
from channel_settlement.core.scheme import (
    OUTSIDE,
    Basis,
    Bucket,
    Rule,
    Scheme,
    Tier,
    per_unit,
    percent,
    remainder,
)
from channel_settlement.core.split import Line, Order, split
from channel_settlement.core.validate import Problem, Wrong, problems
from hypothesis import given, settings
from hypothesis import strategies as st
from split_terms import FIXED, orders, pc, schemes

REST = remainder(9)


def tiered(*pairs):
    return Rule(1, 1, Basis.PAID, tuple(Tier(above, pc(rate)) for above, rate in pairs))


@pytest.mark.parametrize(
    "rules, expected",
    [
        ((), Problem(Wrong.EMPTY)),
        ((percent(1, pc(10)), percent(1, pc(20)), REST), Problem(Wrong.TWICE, (1,))),
        ((percent(0, pc(10)), REST), Problem(Wrong.TWICE, (0,))),
        ((REST, remainder(8)), Problem(Wrong.REMAINDERS, (8, 9))),
        ((percent(1, pc(60)), percent(2, pc("40.01")), REST),
         Problem(Wrong.OVER, (1, 2), pc("100.01"))),
        ((percent(1, pc(60)), percent(2, pc(41), Basis.NET), REST),
         Problem(Wrong.OVER, (1, 2), pc(101))),
        ((tiered((0, 10), (100, 60)), percent(2, pc(41), Basis.LIST), REST),
         Problem(Wrong.OVER, (1, 2), pc(101))),
        ((percent(1, pc(101), Basis.REST), REST), Problem(Wrong.OVER_REST, (1,), pc(101))),
        ((percent(1, pc(99)),), Problem(Wrong.UNSHARED)),
        ((percent(1, pc(100), maximum=500),), Problem(Wrong.UNSHARED)),
        ((percent(1, pc(100), Basis.NET),), Problem(Wrong.UNSHARED)),
        ((tiered((0, 50), (100, 100)),), Problem(Wrong.UNSHARED)),
        ((tiered(), REST), Problem(Wrong.TIERS, (1,))),
        ((tiered((5, 10)), REST), Problem(Wrong.TIERS, (1,))),
        ((tiered((0, 10), (100, 20), (100, 30)), REST), Problem(Wrong.TIERS, (1,))),
        ((tiered((0, 10), (200, 20), (100, 30)), REST), Problem(Wrong.TIERS, (1,))),
        ((tiered((0, -1)), REST), Problem(Wrong.TIERS, (1,))),
        ((percent(1, pc(10), minimum=-1), REST), Problem(Wrong.CAPS, (1,))),
        ((percent(1, pc(10), minimum=5, maximum=4), REST), Problem(Wrong.CAPS, (1,))),
        ((percent(1, pc(5), Basis.NET, fee=True), REST), Problem(Wrong.FEE, (1,))),
        ((percent(1, pc(5), Basis.REST, fee=True), REST), Problem(Wrong.FEE, (1,))),
        ((Rule(9, 9, Basis.REMAINDER, minimum=5),), Problem(Wrong.REMAINDER_TERMS, (9,))),
        ((Rule(9, 9, Basis.REMAINDER, maximum=5),), Problem(Wrong.REMAINDER_TERMS, (9,))),
    ],
)  # fmt: skip
def test_what_is_wrong(rules, expected):
    assert problems(Scheme(rules)) == (expected,)


@pytest.mark.parametrize(
    "more", [{"bearers": {Bucket.SHOP: 7}}, {"freight": 7}, {"freight": OUTSIDE}]
)
def test_a_bearer_has_a_rule(more):
    (problem,) = problems(Scheme((REST,), **more))
    assert problem.wrong is Wrong.BEARER


@pytest.mark.parametrize("scheme", FIXED)
def test_the_fixed_schemes_are_valid(scheme):
    assert problems(scheme) == ()


@pytest.mark.parametrize(
    "rules",
    [
        (percent(1, pc(100)), per_unit(2, 300)),
        (per_unit(1, 300), percent(2, pc(100), Basis.REST, minimum=50)),
        (percent(1, pc(50), Basis.LIST), percent(2, pc(50)), REST),
    ],
)
def test_valid_without_looking_so(rules):
    scheme = Scheme(rules)
    assert problems(scheme) == ()
    assert split(Order((Line(1, 1, list=900, paid=777),)), scheme).total == 777


rules = st.builds(
    Rule,
    st.integers(0, 3), st.integers(1, 2), st.sampled_from(Basis),
    st.lists(
        st.builds(Tier, st.sampled_from([0, 0, 50]), st.sampled_from([pc(50), pc(100), pc(-1)])),
        max_size=2,
    ).map(tuple),
    st.sampled_from([0, 0, 60]), st.sampled_from([None, None, 50]),
)  # fmt: skip
drafts = st.builds(
    Scheme,
    st.lists(rules, min_size=1, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(Bucket), st.integers(-1, 3), max_size=1),
    st.integers(0, 3),
)


@settings(max_examples=3_000)
@given(st.one_of(drafts, schemes()), orders)
def test_a_scheme_without_problems_shares_any_order(scheme, order):
    if not problems(scheme):
        assert sum(share.fen for share in split(order, scheme).shares) == split(order, scheme).total
