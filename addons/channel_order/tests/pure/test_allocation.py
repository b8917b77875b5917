"""Properties of the allocation and of the quota split; no Odoo."""

import time
from collections import Counter, defaultdict

import pytest
from channel_order.core.allocation import Decision, Demand, FulfillerRule, Quota, allocate
from channel_order.core.quota_split import Holder, Offer, Share, Shortage, split, spread
from hypothesis import given, settings
from hypothesis import strategies as st

# the machine may be busy: how long one example takes is no property
quiet = settings(deadline=None)

CHINA, GUANGDONG, SHENZHEN, ZHEJIANG, HANGZHOU = 1, 10, 11, 20, 21
IN_SHENZHEN = (SHENZHEN, GUANGDONG, CHINA)
IN_HANGZHOU = (HANGZHOU, ZHEJIANG, CHINA)


def one(demand, quotas, fulfillers):
    return allocate([demand], quotas, fulfillers)[0]


# -- strategies: few pools and fulfillers, so that orders compete ------------------------------

POOLS = st.integers(1, 4)
territories = st.sampled_from([IN_SHENZHEN, IN_HANGZHOU, (CHINA,), ()])
demand_lists = st.lists(
    st.builds(
        Demand,
        order_ref=st.uuids().map(str),
        paid_at=st.integers(0, 5),
        units=st.lists(st.tuples(POOLS, st.integers(1, 3)), min_size=1, max_size=3).map(tuple),
        territory=territories,
    ),
    max_size=25,
    unique_by=lambda demand: demand.order_ref,
)


@st.composite
def books(draw):
    """Fulfillers and their quotas."""
    ids = range(1, draw(st.integers(1, 3)) + 1)
    rules = [
        FulfillerRule(
            i,
            territories=draw(
                st.frozensets(st.sampled_from([SHENZHEN, GUANGDONG, ZHEJIANG]), max_size=2)
            ),
            priority=draw(st.integers(0, 2)),
            weight=draw(st.integers(0, 3)),
            capacity_left=draw(st.none() | st.integers(0, 6)),
            taken=draw(st.integers(0, 5)),
        )
        for i in ids
    ]
    pairs = draw(st.sets(st.tuples(POOLS, st.sampled_from(ids)), max_size=10))
    quotas = [
        Quota(100 + n, pool, fulfiller, draw(st.integers(0, 8)))
        for n, (pool, fulfiller) in enumerate(sorted(pairs))
    ]
    return quotas, rules


def spent(decisions):
    used = Counter()
    for decision in decisions:
        used.update(dict(decision.takes))
    return used


def wants(demand):
    units = Counter()
    for pool, qty in demand.units:
        units[pool] += qty
    return units


# -- properties --------------------------------------------------------------------------------


@quiet
@given(demand_lists, books())
def test_never_over_quota_nor_capacity(demands, book):
    quotas, rules = book
    decisions = allocate(demands, quotas, rules)
    used = spent(decisions)
    assert all(used[quota.id] <= quota.left for quota in quotas)
    assert set(used) <= {quota.id for quota in quotas}
    orders = Counter(d.fulfiller_id for d in decisions if d.fulfiller_id)
    for rule in rules:
        assert rule.capacity_left is None or orders[rule.id] <= rule.capacity_left


@quiet
@given(demand_lists, books())
def test_whole_orders_from_one_fulfiller_or_nothing(demands, book):
    quotas, rules = book
    by_id = {quota.id: quota for quota in quotas}
    by_ref = {demand.order_ref: demand for demand in demands}
    decisions = allocate(demands, quotas, rules)
    assert sorted(d.order_ref for d in decisions) == sorted(by_ref)
    for decision in decisions:
        if decision.reason:
            assert decision.fulfiller_id is None and decision.takes == ()
            continue
        got = Counter()
        for quota_id, qty in decision.takes:
            assert by_id[quota_id].fulfiller_id == decision.fulfiller_id
            got[by_id[quota_id].pool_id] += qty
        assert got == wants(by_ref[decision.order_ref])


@quiet
@given(demand_lists, books(), st.randoms())
def test_order_of_input_is_irrelevant(demands, book, random):
    quotas, rules = book
    expected = allocate(demands, quotas, rules)
    for rows in (demands, quotas, rules):
        random.shuffle(rows)
    assert allocate(demands, quotas, rules) == expected


@quiet
@given(demand_lists, books())
def test_earlier_paid_never_loses_to_later_paid(demands, book):
    """What comes later changes nothing for those before: decisions of a prefix stay the same."""
    quotas, rules = book
    decisions = allocate(demands, quotas, rules)
    in_turn = sorted(demands, key=lambda d: (d.paid_at, d.order_ref))
    assert [d.order_ref for d in decisions] == [d.order_ref for d in in_turn]
    half = len(in_turn) // 2
    assert allocate(in_turn[:half], quotas, rules) == decisions[:half]


@quiet
@given(demand_lists, books())
def test_a_refused_order_takes_nothing(demands, book):
    """Without the refused orders everybody else gets exactly the same."""
    quotas, rules = book
    decisions = allocate(demands, quotas, rules)
    kept = {d.order_ref for d in decisions if not d.reason}
    again = allocate([d for d in demands if d.order_ref in kept], quotas, rules)
    assert again == [d for d in decisions if not d.reason]


@quiet
@given(demand_lists, books())
def test_reasons_are_true(demands, book):
    """short: the sum does not cover; unfillable: it does, but nobody may or can take it whole."""
    quotas, rules = book
    left = {quota.id: quota.left for quota in quotas}
    capacity = {rule.id: rule.capacity_left for rule in rules}
    by_ref = {demand.order_ref: demand for demand in demands}
    for decision in allocate(demands, quotas, rules):
        demand = by_ref[decision.order_ref]
        total, holds = Counter(), defaultdict(Counter)
        for quota in quotas:
            total[quota.pool_id] += left[quota.id]
            holds[quota.fulfiller_id][quota.pool_id] += left[quota.id]
        units = wants(demand)
        offered = {quota.pool_id for quota in quotas}
        covered = all(total[pool] >= qty for pool, qty in units.items())
        able = [
            rule.id
            for rule in rules
            if capacity[rule.id] != 0
            and (not rule.territories or rule.territories & set(demand.territory))
            and all(holds[rule.id][pool] >= qty for pool, qty in units.items())
        ]
        if set(units) - offered:
            assert decision.reason == "no_offer"
        elif not covered:
            assert decision.reason == "short"
        elif not able:
            assert decision.reason == "unfillable"
        else:
            assert decision.reason == "" and decision.fulfiller_id in able
            for quota_id, qty in decision.takes:
                left[quota_id] -= qty
            if capacity[decision.fulfiller_id] is not None:
                capacity[decision.fulfiller_id] -= 1


# -- rules by example --------------------------------------------------------------------------


def test_first_paid_wins_the_last_unit():
    demands = [Demand("late", 20, ((1, 1),)), Demand("early", 10, ((1, 1),))]
    decisions = allocate(demands, [Quota(5, 1, 7, 1)], [FulfillerRule(7)])
    assert decisions == [Decision("early", 7, ((5, 1),)), Decision("late", None, (), "short")]


def test_refused_bundle_leaves_its_units_to_the_next():
    quotas = [Quota(5, 1, 7, 1), Quota(6, 2, 7, 0)]
    demands = [Demand("a", 1, ((1, 1), (2, 1))), Demand("b", 2, ((1, 1),))]
    assert [d.reason for d in allocate(demands, quotas, [FulfillerRule(7)])] == ["short", ""]


def test_city_before_province_before_everywhere():
    rules = [
        FulfillerRule(1, priority=0),
        FulfillerRule(2, frozenset({GUANGDONG}), priority=5),
        FulfillerRule(3, frozenset({SHENZHEN}), priority=9),
    ]
    quotas = [Quota(10 + rule.id, 1, rule.id, 1) for rule in rules]
    demands = [Demand(str(n), n, ((1, 1),), IN_SHENZHEN) for n in range(3)]
    assert [d.fulfiller_id for d in allocate(demands, quotas, rules)] == [3, 2, 1]


def test_a_fulfiller_serves_nobody_outside_its_territory():
    rules = [FulfillerRule(2, frozenset({GUANGDONG}))]
    decision = one(Demand("a", 1, ((1, 1),), IN_HANGZHOU), [Quota(5, 1, 2, 9)], rules)
    assert decision.reason == "unfillable"


def test_unfillable_when_only_the_sum_covers():
    rules = [FulfillerRule(1), FulfillerRule(2)]
    quotas = [Quota(5, 1, 1, 1), Quota(6, 1, 2, 1)]
    assert one(Demand("a", 1, ((1, 2),)), quotas, rules).reason == "unfillable"


def test_no_capacity_is_unfillable_and_capacity_counts_orders():
    rules = [FulfillerRule(1, capacity_left=1)]
    demands = [Demand("a", 1, ((1, 3),)), Demand("b", 2, ((1, 1),))]
    reasons = [d.reason for d in allocate(demands, [Quota(5, 1, 1, 9)], rules)]
    assert reasons == ["", "unfillable"]


def test_priority_before_weight():
    rules = [FulfillerRule(1, priority=2, weight=99), FulfillerRule(2, priority=1, weight=1)]
    quotas = [Quota(5, 1, 1, 9), Quota(6, 1, 2, 9)]
    assert one(Demand("a", 1, ((1, 1),)), quotas, rules).fulfiller_id == 2


def test_weights_share_the_orders():
    rules = [FulfillerRule(1, weight=3), FulfillerRule(2, weight=1)]
    quotas = [Quota(5, 1, 1, 100), Quota(6, 1, 2, 100)]
    demands = [Demand(f"{n:03}", n, ((1, 1),)) for n in range(40)]
    decisions = allocate(demands, quotas, rules)
    assert Counter(d.fulfiller_id for d in decisions) == {1: 30, 2: 10}
    # spread over the time, not first all of one
    assert Counter(d.fulfiller_id for d in decisions[:4]) == {1: 3, 2: 1}


def test_what_was_taken_today_counts_for_the_turn():
    rules = [FulfillerRule(1, taken=5), FulfillerRule(2)]
    quotas = [Quota(5, 1, 1, 9), Quota(6, 1, 2, 9)]
    demands = [Demand(str(n), n, ((1, 1),)) for n in range(6)]
    got = [d.fulfiller_id for d in allocate(demands, quotas, rules)]
    assert got == [2, 2, 2, 2, 2, 1]


def test_no_offer():
    assert one(Demand("a", 1, ()), [], []).reason == "no_offer"
    assert one(Demand("a", 1, ((9, 1),)), [Quota(5, 1, 1, 9)], []).reason == "no_offer"


def test_a_pool_named_twice_is_summed():
    decision = one(Demand("a", 1, ((1, 1), (1, 2))), [Quota(5, 1, 1, 2)], [FulfillerRule(1)])
    assert decision.reason == "short"
    decision = one(Demand("a", 1, ((1, 1), (1, 2))), [Quota(5, 1, 1, 3)], [FulfillerRule(1)])
    assert decision.takes == ((5, 3),)


@pytest.mark.parametrize(
    ("demands", "quotas", "rules"),
    [
        ([Demand("a", 1, ((1, 0),))], [Quota(5, 1, 1, 9)], [FulfillerRule(1)]),
        ([Demand("a", 1, ((1, 2), (1, -1)))], [Quota(5, 1, 1, 9)], [FulfillerRule(1)]),
        ([Demand("a", 1, ()), Demand("a", 2, ())], [], []),
        ([], [Quota(5, 1, 1, 9), Quota(6, 1, 1, 9)], []),
        ([], [Quota(5, 1, 1, -1)], []),
        ([], [], [FulfillerRule(1), FulfillerRule(1)]),
    ],
)
def test_nonsense_is_refused(demands, quotas, rules):
    with pytest.raises(ValueError):
        allocate(demands, quotas, rules)


def test_a_hundred_thousand_orders_in_seconds():
    rules = [
        FulfillerRule(1, frozenset({GUANGDONG}), weight=2),
        FulfillerRule(2, frozenset({ZHEJIANG})),
        FulfillerRule(3, priority=1),
        FulfillerRule(4, priority=1, weight=3),
    ]
    quotas = [Quota(p * 10 + r, p, r, 400) for p in range(100) for r in range(1, 5)]
    demands = [
        Demand(
            f"{n:06}",
            n // 7,
            ((n % 100, 1 + n % 2),) if n % 3 else ((n % 100, 1), ((n * 7 + 1) % 100, 1)),
            (1000 + n % 340, (GUANGDONG, ZHEJIANG, 30)[n % 3], CHINA),
        )
        for n in range(100_000)
    ]
    start = time.perf_counter()
    decisions = allocate(demands, quotas, rules)
    took = time.perf_counter() - start
    assert Counter(bool(d.reason) for d in decisions)[False] > 60_000
    # 1.1 s on a core of its own; the margin is for a busy machine, not for a slower algorithm
    assert took < 8, f"{took:.2f} s"


# -- quota split -------------------------------------------------------------------------------


@st.composite
def split_cases(draw):
    products = [1, 2, 3]
    holders = [
        Holder(i, {p: draw(st.integers(0, 20)) for p in products}, draw(st.integers(0, 3)))
        for i in range(1, draw(st.integers(1, 3)) + 1)
    ]
    offers = [
        Offer(
            i,
            draw(st.integers(0, 15)),
            tuple(
                draw(
                    st.lists(
                        st.tuples(st.sampled_from(products), st.integers(1, 3)),
                        min_size=1,
                        max_size=3,
                    )
                )
            ),
        )
        for i in range(1, draw(st.integers(1, 4)) + 1)
    ]
    return offers, holders


@quiet
@given(split_cases())
def test_split_is_whole_or_reported_and_never_above_the_stock(case):
    offers, holders = case
    result = split(offers, holders)
    given_units = Counter()
    used = defaultdict(Counter)
    components = {offer.id: offer.components for offer in offers}
    for share in result.shares:
        assert share.quantity > 0
        given_units[share.offer_id] += share.quantity
        for product, qty in components[share.offer_id]:
            used[share.holder_id][product] += qty * share.quantity
    short = {row.offer_id for row in result.shortages}
    for offer in offers:
        assert given_units[offer.id] == (0 if offer.id in short else offer.units)
    for holder in holders:
        assert all(used[holder.id][p] <= free for p, free in holder.free.items())


@quiet
@given(
    st.dictionaries(
        st.integers(1, 5), st.tuples(st.integers(0, 30), st.integers(0, 5)), min_size=1
    ),
    st.integers(0, 150),
)
def test_spread_is_exact_and_fits(holders, units):
    room = {holder: pair[0] for holder, pair in holders.items()}
    weights = {holder: pair[1] for holder, pair in holders.items()}
    if units > sum(room.values()):
        with pytest.raises(ValueError):
            spread(units, room, weights)
        return
    parts = spread(units, room, weights)
    assert sum(parts.values()) == units
    assert all(0 < qty <= room[holder] for holder, qty in parts.items())


def test_split_by_weight_and_overflow():
    holders = [Holder(1, {7: 100}, weight=3), Holder(2, {7: 10}, weight=1)]
    shares = split([Offer(1, 60, ((7, 1),))], holders).shares
    assert shares == (Share(1, 1, 50), Share(1, 2, 10))


def test_two_offers_share_a_product():
    result = split([Offer(1, 6, ((7, 1),)), Offer(2, 3, ((7, 2),))], [Holder(1, {7: 10})])
    assert result.shares == (Share(1, 1, 6),)
    assert result.shortages == (Shortage(2, 7, wanted=6, free=4),)


def test_offer_without_stock_fits_everywhere():
    assert split([Offer(1, 5, ())], [Holder(1, {})]).shares == (Share(1, 1, 5),)


def test_spread_refuses_what_does_not_fit():
    with pytest.raises(ValueError):
        spread(3, {1: 2}, {1: 1})
