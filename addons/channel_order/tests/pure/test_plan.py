from dataclasses import replace

import pytest
from builders import CONTEXT, PAID_AT, RECEIVER, line, order
from channel_order.core import plan, stages
from channel_order.core.allocation import Decision
from channel_order.core.facts import Claim, ReceiverKeys, Stored, StoredLine
from channel_order.core.snapshot import PlatformStatus, Problem
from hypothesis import given, settings
from hypothesis import strategies as st

S = PlatformStatus


def stored_of(result, stage=None, fulfiller=None):
    """The order as the database would hold it after a plan was written."""
    snapshot, before = result.snapshot, result.stored
    if result.rebuild or before is None:
        lines = tuple(
            StoredLine(
                100 + i, x.part.line.line_id, x.part.part, x.part.line.sku_ref, x.part.link_id,
                x.pool_id, x.part.quantity, x.part.item_quantity, x.part.amounts, x.state,
                x.refund_flag, x.part.gift, x.part.product_id, title=x.part.line.title,
                room_ref=x.part.line.room_ref,
            )
            for i, x in enumerate(result.lines)
        )  # fmt: skip
    else:
        now = {x.stored_id: x for x in result.lines}
        lines = tuple(
            replace(
                x, amounts=now[x.id].part.amounts, state=now[x.id].state,
                refund_flag=now[x.id].refund_flag,
            ) if x.id in now else x
            for x in before.lines
        )  # fmt: skip
    receiver = snapshot.receiver
    return Stored(
        id=1, ref=result.ref, stage=stage or result.stage, status=snapshot.status,
        updated_at=snapshot.updated_at, digest=repr(snapshot), paid_at=snapshot.paid_at,
        created_at=snapshot.created_at, freight=result.totals.freight if result.totals else 0,
        refund_open=result.refund_open, fulfiller_id=fulfiller, keys=result.keys,
        receiver=(
            receiver.name_masked, receiver.phone_masked, receiver.address_masked,
            receiver.province, receiver.city, receiver.district,
        ),
        lines=lines,
    )  # fmt: skip


def ingest(snapshot, stored=None, context=CONTEXT, keys=None, allocate=True):
    """One order through the pure path, with a pool that always has units."""
    if not plan.is_news(snapshot, repr(snapshot), stored):
        return stored
    result = plan.make(snapshot, stored, keys or ReceiverKeys(), context)
    if result.wants_units and allocate:
        result = plan.settle(result, Decision(result.ref, 7, ((1, 1),)))
    return stored_of(result)


STATUSES = st.sampled_from(list(S))
LINES = st.lists(
    st.builds(
        line,
        sku=st.sampled_from(["sku-1", "sku-2"]),
        quantity=st.integers(1, 5),
        paid=st.integers(0, 10**6),
        discount_platform=st.integers(0, 5000),
        refunded=st.booleans(),
        refund_open=st.booleans(),
    ),
    min_size=1,
    max_size=4,
).map(lambda rows: tuple(replace(row, line_id=f"L{i}") for i, row in enumerate(rows)))
HISTORY = st.lists(STATUSES, min_size=1, max_size=6)


@given(STATUSES, LINES, st.integers(0, 2000))
def test_the_same_snapshot_again_is_no_news(status, lines, freight):
    snapshot = order("A1", *lines, status=status, freight=freight)
    once = ingest(snapshot)
    assert ingest(snapshot, once) is once


@given(LINES, st.integers(0, 2000))
def test_order_amounts_are_its_lines_and_freight(lines, freight):
    result = plan.make(order("A1", *lines, freight=freight), None, ReceiverKeys(), CONTEXT)
    live = [x for x in lines if not x.refunded]
    freight = freight if live else 0
    assert result.totals.paid == sum(x.paid for x in live) + freight
    assert result.totals.owed == sum(x.owed for x in live) + freight
    assert result.totals.platform == sum(x.discount_platform for x in live)
    assert result.totals.freight == freight


@settings(max_examples=200)
@given(HISTORY, st.randoms())
def test_any_order_of_arrival_ends_in_the_newest_facts(history, random):
    """What the platform says ends as the newest snapshot; the stage never goes back."""
    snapshots = [
        order("A1", status=status, at=PAID_AT + i, seller_note=str(i))
        for i, status in enumerate(history)
    ]
    shuffled = snapshots[:]
    random.shuffle(shuffled)
    stored, seen = None, []
    for snapshot in shuffled:
        before = stored and stored.stage
        stored = ingest(snapshot, stored)
        if before:
            allowed = stages.can_move(before, stored.stage, put_back=True)
            assert allowed, (before, stored.stage)
        seen.append(stored.updated_at)
    assert stored.updated_at == snapshots[-1].updated_at
    assert stored.status == snapshots[-1].status
    assert seen == sorted(seen)


@given(st.lists(st.tuples(st.integers(0, 3), STATUSES), min_size=1, max_size=8))
def test_newest_of_a_batch_wins(versions):
    snapshots = [order("A1", status=s, at=PAID_AT + t) for t, s in versions]
    chosen = plan.newest(snapshots)["A1"]
    assert plan.version(chosen) == max(map(plan.version, snapshots))


def test_older_changes_nothing():
    stored = ingest(order(at=PAID_AT + 10))
    assert ingest(order(at=PAID_AT + 9, status=S.CANCELLED), stored) is stored


def test_one_second_the_further_status_wins_in_both_orders():
    ready, gone = order(), order(status=S.CANCELLED)
    assert ingest(gone, ingest(ready)).stage == "cancelled"
    assert ingest(ready, ingest(gone)).stage == "cancelled"


@pytest.mark.parametrize(
    "before,status,after",
    [
        ("unpaid", S.READY, "allocated"),
        ("unpaid", S.HELD, "held"),
        ("unpaid", S.CANCELLED, "cancelled"),
        ("held", S.READY, "allocated"),
        ("queued", S.HELD, "held"),
        ("allocated", S.HELD, "held"),
        ("allocated", S.READY, "allocated"),
        ("allocated", S.UNPAID, "allocated"),
        ("allocated", S.CANCELLED, "cancelled"),
        ("allocated", S.SHIPPED, "exception"),
        ("queued", S.SHIPPED, "exception"),
        ("waved", S.SHIPPED, "waved"),
        ("waved", S.HELD, "waved"),
        ("packed", S.CANCELLED, "cancelled"),
        ("shipped", S.READY, "shipped"),
        ("shipped", S.CANCELLED, "shipped"),
        ("shipped", S.DONE, "done"),
        ("done", S.READY, "done"),
        ("cancelled", S.READY, "cancelled"),
        ("refunded", S.READY, "refunded"),
    ],
)
def test_stage_after_a_status(before, status, after):
    stored = replace(ingest(order()), stage=before, status=S.UNPAID)
    assert ingest(order(status=status, at=PAID_AT + 1), stored).stage == after


@pytest.mark.parametrize(
    "status,kind", [(S.SHIPPED, "shipped_elsewhere"), (S.HELD, "platform_hold")]
)
def test_notices_for_orders_in_a_wave(status, kind):
    stored = replace(ingest(order()), stage="waved")
    result = plan.make(order(status=status, at=PAID_AT + 1), stored, ReceiverKeys(), CONTEXT)
    assert [p.type for p in result.problems] == [kind] and result.release == ()


def test_shipped_elsewhere_releases_and_can_be_accepted():
    stored = ingest(order())
    shipped = order(status=S.SHIPPED, at=PAID_AT + 1)
    result = plan.make(shipped, stored, ReceiverKeys(), CONTEXT)
    assert result.stage == "exception" and result.release == (100,)
    assert result.problems == (Problem("shipped_elsewhere", "shipped"),)
    context = replace(CONTEXT, accepted={1: frozenset({("shipped_elsewhere", "shipped")})})
    after = plan.make(shipped, stored_of(result), ReceiverKeys(), context)
    assert after.stage == "shipped" and after.problems == ()


def test_accepted_price_goes_on_but_another_price_stops_again():
    from channel_order.core.checks import Pool

    context = replace(CONTEXT, pools={(1, ""): Pool(5, 1, "", 5000)})
    stored = ingest(order(), context=context)
    assert stored.stage == "exception"
    (problem,) = plan.make(order(), None, ReceiverKeys(), context).problems
    accepted = replace(context, accepted={1: frozenset({(problem.type, problem.detail)})})
    again = plan.make(order(at=PAID_AT + 1), stored, ReceiverKeys(), accepted)
    assert again.stage == "queued" and again.wants_units
    cheaper = plan.make(order("A1", line(paid=1), at=PAID_AT + 2), stored, ReceiverKeys(), accepted)
    assert cheaper.stage == "exception"


def moved(keys="new"):
    receiver = replace(RECEIVER, address_masked="人民路****", city="广州市")
    return order(at=PAID_AT + 1, receiver=receiver), ReceiverKeys(merge=keys)


@pytest.mark.parametrize("stage", ["queued", "allocated", "waved", "picked"])
def test_address_may_change_before_packed(stage):
    stored = replace(ingest(order(), keys=ReceiverKeys(merge="old")), stage=stage)
    snapshot, keys = moved()
    result = plan.make(snapshot, stored, keys, CONTEXT)
    assert result.address_changed and result.write_receiver and not result.problems


def test_address_after_packed_is_an_exception():
    stored = replace(ingest(order(), keys=ReceiverKeys(merge="old")), stage="packed")
    snapshot, keys = moved()
    result = plan.make(snapshot, stored, keys, CONTEXT)
    assert [p.type for p in result.problems] == ["address"]
    assert not result.address_changed and not result.write_receiver and result.stage == "packed"


def test_a_receiver_taken_away_is_no_change():
    from channel_order.core.snapshot import ReceiverSnapshot

    stored = ingest(order(), keys=ReceiverKeys(merge="old"))
    result = plan.make(
        order(at=PAID_AT + 1, receiver=ReceiverSnapshot()), stored, ReceiverKeys(), CONTEXT
    )
    assert not result.address_changed and not result.write_receiver


def test_amounts_of_an_allocated_bundle_change_and_stay_exact():
    stored = ingest(order("A1", line(sku="sku-2", paid=1000)))
    result = plan.make(
        order("A1", line(sku="sku-2", paid=901, discount_shop=99), at=PAID_AT + 1),
        stored, ReceiverKeys(), CONTEXT,
    )  # fmt: skip
    assert not result.rebuild and result.stage == "allocated" and result.release == ()
    assert [x.part.amounts.paid for x in result.lines] == [270, 631, 0]
    assert all(x.part.amounts.adds_up for x in result.lines)
    assert result.totals.paid == 901 and result.totals.shop == 99


def test_other_goods_are_given_out_anew_while_allocated_and_told_once_in_a_wave():
    stored = ingest(order())
    more = order("A1", line(quantity=2, paid=3980), at=PAID_AT + 1)
    result = plan.make(more, stored, ReceiverKeys(), CONTEXT)
    assert result.rebuild and result.wants_units and result.release == (100,)
    in_wave = plan.make(more, replace(stored, stage="picked"), ReceiverKeys(), CONTEXT)
    assert not in_wave.rebuild and in_wave.stage == "picked"
    assert [p.type for p in in_wave.problems] == ["lines_changed"]
    assert in_wave.lines[0].part.item_quantity == 1


def test_refund_asked_stops_and_refunded_line_releases():
    two = (line("L1"), line("L2"))
    stored = ingest(order("A1", *two))
    asked = order("A1", line("L1", refund_open=True), line("L2"), at=PAID_AT + 1)
    result = plan.make(asked, stored, ReceiverKeys(), CONTEXT)
    assert result.refund_open and result.release == () and result.stage == "allocated"
    gone = order("A1", line("L1", refunded=True), line("L2"), at=PAID_AT + 2)
    result = plan.make(gone, stored_of(result), ReceiverKeys(), CONTEXT)
    assert not result.refund_open and result.release == (100,) and result.totals.paid == 1990
    both = order("A1", *(replace(x, refunded=True) for x in two), at=PAID_AT + 3)
    result = plan.make(both, stored_of(result), ReceiverKeys(), CONTEXT)
    assert result.stage == "refunded" and result.release == (101,)
    assert result.totals.paid == result.totals.owed == 0


def test_a_refunded_line_stays_refunded_whatever_comes():
    stored = ingest(order("A1", line("L1", refunded=True), line("L2")))
    result = plan.make(order("A1", line("L1"), line("L2"), at=PAID_AT + 1), stored,
                       ReceiverKeys(), CONTEXT)  # fmt: skip
    assert [x.state for x in result.lines] == ["refunded", "live"]


def test_refund_that_came_before_its_order_stops_it():
    context = replace(CONTEXT, claims={"A1": (Claim("L1", True, False, PAID_AT),)})
    result = plan.make(order(), None, ReceiverKeys(), context)
    assert result.refund_open and result.stage == "queued" and not result.wants_units


def test_no_units_says_why():
    result = plan.make(order(), None, ReceiverKeys(), replace(CONTEXT, pools={}))
    assert plan.demand(result, (1,)).units == ((0, 1),)
    for reason in ("short", "unfillable", "no_offer"):
        settled = plan.settle(result, Decision("A1", None, (), reason))
        assert settled.stage == "queued"
        assert settled.problems == (Problem(reason, "Lipstick [sku-1] × 1"),)


def test_pool_of_the_room_before_the_standing_one():
    from channel_order.core.checks import Pool

    context = replace(CONTEXT, pools={(1, ""): Pool(5, 1, ""), (1, "r9"): Pool(8, 1, "r9")})
    pool = [
        plan.make(order("A1", line(room_ref=room)), None, ReceiverKeys(), context).lines[0].pool_id
        for room in ("", "r9", "elsewhere")
    ]
    assert pool == [5, 8, 5]


def test_control_characters_in_the_order_number():
    assert list(plan.newest([order("A\x001\n")])) == ["A1"]
    with pytest.raises(ValueError, match="no order number"):
        plan.newest([order("\x00")])


def test_link_version_by_the_day_in_china():
    from channel_order.core.explode import Component, Link
    from channel_order.core.lines import china_day

    midnight = 1_780_012_800 - 1_780_012_800 % 86400 + 16 * 3600  # 00:00 in China
    day = china_day(midnight)
    assert china_day(midnight - 1) == day - 1
    old = Link(1, "sku-1", (Component(11, 1, 1),), None, day - 1)
    new = Link(2, "sku-1", (Component(12, 1, 1),), day, None)
    context = replace(CONTEXT, links={"sku-1": (old, new)})
    for paid_at, product in ((midnight - 1, 11), (midnight, 12)):
        result = plan.make(order(paid_at=paid_at), None, ReceiverKeys(), context)
        assert result.lines[0].part.product_id == product
