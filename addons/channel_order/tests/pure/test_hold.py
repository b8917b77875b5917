"""Offers on hold: who waits for them takes nothing at all."""

from dataclasses import replace

from builders import CONTEXT, POOL, line, order
from channel_order.core import plan, stages
from channel_order.core.allocation import Demand, FulfillerRule, Quota, allocate
from channel_order.core.checks import Pool
from channel_order.core.facts import ReceiverKeys
from hypothesis import given
from hypothesis import strategies as st

HELD = replace(CONTEXT, pools={(1, ""): replace(POOL, held=True), (2, ""): Pool(6, 2, "")})


def _settled(snapshot, context):
    made = plan.make(snapshot, None, ReceiverKeys(), context)
    quotas = [Quota(1, 5, 1, 10), Quota(2, 6, 1, 10)]
    (decision,) = allocate([plan.demand(made, ())], quotas, [FulfillerRule(1)])
    return plan.settle(made, decision), decision


def test_an_order_of_a_held_offer_waits_and_says_so():
    settled, decision = _settled(order(), HELD)
    assert (settled.stage, decision.reason, decision.takes) == (stages.QUEUED, "on_hold", ())
    (problem,) = settled.problems
    assert (problem.type, problem.facts[0].kind, problem.facts[0].units) == (
        "on_hold",
        "on_hold",
        1,
    )


def test_only_the_held_line_is_named_and_the_other_takes_nothing():
    lines = (line(), line("L2", sku="sku-2", paid=5000))
    settled, decision = _settled(order("A", *lines), HELD)
    assert decision.takes == ()
    assert [fact.item for fact in settled.problems[0].facts] == ["Lipstick [sku-1]"]


def test_released_it_gets_its_units():
    settled, decision = _settled(order(), CONTEXT)
    assert (settled.stage, decision.takes, settled.problems) == (stages.ALLOCATED, ((1, 1),), ())


def test_a_held_room_is_no_reason_to_take_the_standing_offer():
    pools = {(1, ""): POOL, (1, "r9"): Pool(8, 1, "r9", held=True)}
    context = replace(CONTEXT, pools=pools)
    assert _settled(order("A", line(room_ref="r9")), context)[1].reason == "on_hold"
    assert _settled(order("A", line(room_ref="r8")), context)[1].takes


demands = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 4), st.booleans()), min_size=1, max_size=12
).map(
    lambda rows: [
        Demand(f"o{n}", paid_at, ((1, units),), (), held)
        for n, (paid_at, units, held) in enumerate(rows)
    ]
)


@given(demands, st.integers(0, 20))
def test_held_orders_take_nothing_from_anybody(some, left):
    """The others are decided as if the held ones were not there."""
    rules, quotas = [FulfillerRule(1)], [Quota(1, 1, 1, left)]
    found = {decision.order_ref: decision for decision in allocate(some, quotas, rules)}
    alone = allocate([demand for demand in some if not demand.held], quotas, rules)
    assert [found[decision.order_ref] for decision in alone] == alone
    for demand in some:
        if demand.held:
            assert (found[demand.order_ref].reason, found[demand.order_ref].takes) == (
                "on_hold",
                (),
            )
