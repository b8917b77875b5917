from channel_fulfilment.core.grouping import Candidate, Limits, plan_waves
from hypothesis import given
from hypothesis import strategies as st


def order(order_id, product, receiver="", paid_at=None):
    products = frozenset(product if isinstance(product, tuple) else (product,))
    return Candidate(order_id, paid_at if paid_at is not None else order_id, receiver, products)


def test_hot_product_first_then_mixed():
    orders = [order(n, 7) for n in range(3)] + [order(9, 8), order(10, (7, 8))]
    waves = plan_waves(orders, Limits(100, 3, True))
    assert [(wave.hot_product_id, wave.order_ids) for wave in waves] == [
        (7, [0, 1, 2]),
        (None, [9, 10]),
    ]


def test_most_wanted_product_comes_first():
    orders = [order(n, 1) for n in range(3)] + [order(n, 2) for n in range(10, 15)]
    waves = plan_waves(orders, Limits(100, 3, True))
    assert [wave.hot_product_id for wave in waves] == [2, 1]


def test_a_rest_below_the_minimum_goes_into_the_mixed_wave():
    orders = [order(n, 7) for n in range(5)] + [order(50, (7, 8))]
    waves = plan_waves(orders, Limits(4, 2, True))
    assert [(wave.hot_product_id, wave.order_ids) for wave in waves] == [
        (7, [0, 1, 2, 3]),
        (None, [4, 50]),
    ]


def test_a_full_wave_counts_as_hot_even_below_the_minimum():
    waves = plan_waves([order(n, 7) for n in range(4)], Limits(2, 50, True))
    assert [wave.hot_product_id for wave in waves] == [7, 7]


def test_receiver_stays_together_and_shares_a_parcel():
    orders = [order(1, 7, "li"), order(2, 7), order(3, 8, "li"), order(4, 7)]
    waves = plan_waves(orders, Limits(3, 0, True))
    assert [wave.parcels for wave in waves] == [((1, 3), (2,)), ((4,),)]


def test_no_merging_when_the_rule_says_so():
    orders = [order(1, 7, "li"), order(2, 7, "li")]
    [wave] = plan_waves(orders, Limits(10, 0, False))
    assert wave.parcels == ((1,), (2,))


def test_first_paid_first():
    orders = [order(1, (1, 2), paid_at=30), order(2, (1, 2), paid_at=10)]
    [wave] = plan_waves(orders, Limits(10, 0, True))
    assert wave.order_ids == [2, 1]


candidates = st.lists(
    st.tuples(
        st.sets(st.integers(1, 4), min_size=1, max_size=3),
        st.sampled_from(["", "a", "b", "c"]),
        st.integers(0, 20),
    ),
    max_size=60,
).map(
    lambda rows: [
        Candidate(n, paid, receiver, frozenset(products))
        for n, (products, receiver, paid) in enumerate(rows)
    ]
)


@given(candidates, st.integers(1, 9), st.integers(0, 9), st.booleans())
def test_every_order_once_and_waves_within_their_limits(orders, maximum, hot, merge):
    waves = plan_waves(orders, Limits(maximum, hot, merge))
    placed = [order_id for wave in waves for order_id in wave.order_ids]
    assert sorted(placed) == [one.order_id for one in orders]
    by_id = {one.order_id: one for one in orders}
    receivers = {}
    for number, wave in enumerate(waves):
        assert wave.order_count <= maximum or len(wave.parcels) == 1
        if wave.hot_product_id:
            assert wave.order_count >= min(hot, maximum)
        for order_id in wave.order_ids:
            one = by_id[order_id]
            if wave.hot_product_id:
                assert one.product_ids == {wave.hot_product_id}
            if merge and one.merge_key:
                assert receivers.setdefault(one.merge_key, number) == number
