from dataclasses import replace
from fractions import Fraction

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
from channel_settlement.core.split import FREIGHT, Line, Order, Reason, Share, Why, split
from hypothesis import given, settings
from hypothesis import strategies as st
from split_terms import FIVE, FIXED, PLAIN, orders, pc, schemes


def paid(fen, **more):
    return Order((Line(1, 1, list=fen, paid=fen, **more),))


def fen(order, scheme):
    return [party.fen for party in split(order, scheme).parties]


def why(order, scheme, rule):
    parties = {party.rule: party for party in split(order, scheme).parties}
    return {reason.why: reason.fen for reason in parties[rule].reasons}


@pytest.mark.parametrize(
    "amount, scheme, expected",
    [
        (9999, PLAIN, [7499, 2500]),
        (3, PLAIN, [2, 1]),
        (19900, FIVE, [3980, 995, 398, 119, 14408]),
        (19900, Scheme((*FIVE.rules[:4], remainder(5))), [3980, 995, 398, 119, 14408]),
    ],
)
def test_worked_examples(amount, scheme, expected):
    assert fen(paid(amount), scheme) == expected


@pytest.mark.parametrize("number", range(10))
def test_every_amount_up_to_a_hundred_yuan(number):
    """For ten schemes: each party next to its exact part, the sum is the amount, no step back."""
    before = [0] * 5
    for amount in range(1, 10_001):
        parties = split(paid(amount), FIXED[number]).parties
        assert sum(party.fen for party in parties) == amount
        for party, had in zip(parties, before, strict=False):
            exact = party.fen - sum(r.fen for r in party.reasons if r.why is Why.ROUNDING)
            assert abs(party.fen - exact) < 1 and party.fen >= max(had - 1, 0)
        before = [party.fen for party in parties]


def test_equal_remainders_go_by_sequence():
    halves = (percent(1, pc(50)), percent(2, pc(50)))
    assert fen(paid(1), Scheme(halves)) == [1, 0]
    first = Scheme((replace(halves[0], sequence=3), halves[1]))
    assert [(p.rule, p.fen) for p in split(paid(1), first).parties] == [(2, 1), (1, 0)]


def test_each_basis():
    order = Order((Line(1, 3, list=12_000, paid=10_000, shop=2_000),), freight=800)
    scheme = Scheme(
        (
            percent(1, pc(5), fee=True), percent(2, pc(10), Basis.NET),
            percent(3, pc(10), Basis.LIST), per_unit(4, 100), percent(5, pc(50), Basis.REST),
            remainder(6),
        )
    )  # fmt: skip
    assert fen(order, scheme) == [540, 1026, 1200, 300, 3867, 3867]


def test_net_is_after_the_fee_in_any_sequence():
    fee = replace(percent(1, pc(5), fee=True), sequence=9)
    for first in (fee, percent(1, pc(5), fee=True)):
        scheme = Scheme((first, percent(2, pc(10), Basis.NET), remainder(3)))
        assert {party.rule: party.fen for party in split(paid(10_000), scheme).parties} == {
            1: 500, 2: 950, 3: 8550,
        }  # fmt: skip


def test_a_fee_above_what_was_paid_leaves_no_net():
    scheme = Scheme((percent(1, pc(50), Basis.NET), per_unit(2, 300, fee=True), remainder(3)))
    host, platform, brand = split(paid(100), scheme).parties
    assert (host.fen, host.reasons, platform.fen, brand.fen) == (0, (), 100, 0)


def test_tiers_count_each_part_at_its_own_rate():
    tiers = (Tier(0, pc(10)), Tier(1000, pc(20)), Tier(5000, pc(30)))
    scheme = Scheme((Rule(1, 1, Basis.PAID, tiers), remainder(2)))
    assert fen(paid(6000), scheme)[0] == 100 + 800 + 300
    party = split(paid(6000), scheme).parties[0]
    assert party.reasons[1] == Reason(Why.RATE, Fraction(800), Basis.PAID, pc(20), Fraction(4000))


def test_tiers_by_quantity():
    """The first ten units at 1.00, further ones at 0.80."""
    rule = Rule(1, 1, Basis.QUANTITY, (Tier(0, Fraction(100)), Tier(10, Fraction(80))))
    order = Order((Line(1, 8, paid=9000), Line(2, 4)))  # gifts are units too
    assert fen(order, Scheme((rule, remainder(2)))) == [1160, 7840]


def test_minimum_maximum_and_what_there_is():
    scheme = Scheme((percent(1, pc(20), minimum=100, maximum=900), remainder(2)))
    assert [fen(paid(a), scheme)[0] for a in (60, 300, 1000, 4500, 9000)] == [
        60, 100, 200, 900, 900,
    ]  # fmt: skip
    assert why(paid(60), scheme, 1) == {Why.RATE: 12, Why.MINIMUM: 88, Why.SHORT: -40}
    assert why(paid(9000), scheme, 1) == {Why.RATE: 1800, Why.MAXIMUM: -900}


def test_who_bears_a_discount():
    """100.00 less 10.00: for all; borne by the host; paid in by the platform."""
    order = Order((Line(1, 1, list=10_000, paid=9_000, shop=1_000),))
    rules = (percent(1, pc(20)), remainder(2))
    assert fen(order, Scheme(rules)) == [1800, 7200]
    assert fen(order, Scheme(rules, {Bucket.SHOP: 1})) == [1000, 8000]
    assert fen(order, Scheme(rules, {Bucket.SHOP: 2})) == [2000, 7000]
    assert fen(order, Scheme(rules, {Bucket.SHOP: OUTSIDE})) == [2000, 8000]


def test_who_cannot_bear_it_all():
    order = Order((Line(1, 1, list=10_000, paid=5_000, shop=5_000),))
    scheme = Scheme((percent(1, pc(20)), percent(2, pc(60)), remainder(3)), {Bucket.SHOP: 1})
    assert fen(order, scheme) == [0, 5000, 0]
    assert why(order, scheme, 1)[Why.BEARS] == -2000
    assert why(order, scheme, 2)[Why.BEARS_FOR] == -1000
    assert why(order, scheme, 3)[Why.BEARS_FOR] == -2000


def test_by_default_platforms_pay_their_discounts_in():
    order = Order((Line(1, 1, 1000, 600, shop=100, platform=100, talent=120, payment=80),))
    assert fen(order, PLAIN) == [675, 225]


def test_freight_to_one_or_like_the_goods():
    order = Order((Line(1, 1, paid=1000),), freight=200)
    assert fen(order, PLAIN) == [900, 300]
    to_second = Scheme(PLAIN.rules, freight=2)
    assert fen(order, to_second) == [750, 450]
    assert Share(FREIGHT, 2, 200) in split(order, to_second).shares
    assert why(order, to_second, 2) == {Why.RATE: 250, Why.FREIGHT: 200}


def test_a_gift_gets_no_share():
    result = split(Order((Line(1, 1, list=500, shop=500), Line(2, 1, paid=1000))), PLAIN)
    assert {share.line for share in result.shares} == {2}


def test_money_left_to_nobody_is_refused():
    with pytest.raises(ValueError, match="nobody"):
        split(paid(100), Scheme((percent(1, pc(99)),)))


@pytest.mark.parametrize(
    "order, said",
    [
        (Order((Line(1, 1), Line(1, 1))), "id of its own"),
        (Order((Line(FREIGHT, 1),)), "id of its own"),
        (Order((Line(1, 1, paid=-1),)), "line 1"),
        (Order((Line(1, 1, talent=-1),)), "line 1"),
        (Order((), -1), "freight"),
    ],
)
def test_impossible_orders(order, said):
    with pytest.raises(ValueError, match=said):
        split(order, PLAIN)


def _received(order, scheme):
    total = order.freight + sum(line.paid for line in order.lines)
    for bucket in Bucket:
        if scheme.bearer(bucket) == OUTSIDE:
            total += sum(getattr(line, bucket.value) for line in order.lines)
    return total


@settings(max_examples=2_000)
@given(orders, schemes())
def test_every_fen_is_shared_explained_and_below_its_cap(order, scheme):
    result = split(order, scheme)
    assert result.total == _received(order, scheme) == sum(p.fen for p in result.parties)
    for party in result.parties:
        assert party.fen == sum(reason.fen for reason in party.reasons) >= 0
        assert party.fen == sum(s.fen for s in result.shares if s.rule == party.rule)
        earned = sum(reason.fen for reason in party.reasons if reason.why is not Why.FREIGHT)
        cap = next(rule.maximum for rule in scheme.rules if rule.id == party.rule)
        assert cap is None or earned <= cap
    for line in order.lines:
        got = sum(share.fen for share in result.shares if share.line == line.id)
        assert got == _received(Order((line,)), scheme)
    assert all(share.fen > 0 for share in result.shares)
    assert len({(share.line, share.rule) for share in result.shares}) == len(result.shares)


@settings(max_examples=2_000)
@given(orders, schemes(), st.data())
def test_rows_in_any_order_give_the_same(order, scheme, data):
    lines = tuple(data.draw(st.permutations(order.lines)))
    rules = tuple(data.draw(st.permutations(scheme.rules)))
    assert split(Order(lines, order.freight), replace(scheme, rules=rules)) == split(order, scheme)


@settings(max_examples=2_000)
@given(orders, schemes(), st.integers(0, 5000))
def test_more_money_costs_nobody_more_than_a_fen(order, scheme, more):
    first, *others = order.lines
    richer = replace(order, lines=(first._replace(paid=first.paid + more), *others))
    for had, has in zip(split(order, scheme).parties, split(richer, scheme).parties, strict=True):
        assert has.fen >= had.fen - 1
