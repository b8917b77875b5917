"""Fewer units than buyers, and several who give them out at once: never one too many."""

from __future__ import annotations

import pytest

WAYS = ("overlap", "old_snapshot")
WORKERS = 4


def _scarce(stage, quota):
    name = stage.name("S")
    return name, stage.do("plan_scarce", name=name, quota=quota)


def _counters(stage, pool):
    return stage.world.sql(
        "SELECT quantity, allocated FROM channel_pool_quota WHERE pool_id = %s", pool
    )


def _with_units(stage, refs):
    return [ref for ref, found in stage.do("stages", refs=refs).items() if found == "allocated"]


def test_one_unit_left_and_eight_orders_over_four_workers(stage):
    """The workers take two orders each from the queue; the first buyer in it gets the unit."""
    name, pool = _scarce(stage, 1)
    refs = stage.refs(8)
    stage.do("store", refs=refs, sku=name)
    stage.together(*[("process", {"at_once": 2})] * WORKERS)
    assert _counters(stage, pool) == [(1, 1)]
    assert _with_units(stage, refs) == refs[:1]
    waiting = stage.world.sql(
        "SELECT count(*) FROM channel_order o JOIN channel_exception e ON e.order_id = o.id"
        " WHERE o.order_ref = ANY(%s) AND o.stage = 'queued' AND e.type = 'short'"
        " AND e.state = 'open'",
        refs,
    )
    assert waiting == [(7,)]
    stage.check()


def test_one_unit_left_and_eight_batches_at_once(stage):
    """Eight transactions, each with an order of its own, all with a snapshot from before."""
    name, pool = _scarce(stage, 1)
    refs = stage.refs(8)
    stage.together(*(("bring", {"refs": [ref], "sku": name}) for ref in refs))
    assert _counters(stage, pool) == [(1, 1)]
    assert len(_with_units(stage, refs)) == 1
    stage.check()


@pytest.mark.parametrize("way", WAYS)
def test_two_allocators(stage, way):
    """Units came free for waiting orders: the job that gives them out runs twice at once."""
    name, pool = _scarce(stage, 1)
    refs = stage.refs(6)
    stage.do("bring", refs=refs, sku=name)
    stage.do("add_quota", pool=pool, units=3)
    getattr(stage, way)(("allocate_waiting", {}), ("allocate_waiting", {}))
    assert _counters(stage, pool) == [(4, 4)]
    assert _with_units(stage, refs) == refs[:4]  # first paid, first served
    stage.check(way)


@pytest.mark.parametrize("way", WAYS)
def test_allocator_and_new_orders(stage, way):
    name, pool = _scarce(stage, 1)
    old, new = stage.refs(3), stage.refs(3)
    stage.do("bring", refs=old, sku=name)
    stage.do("add_quota", pool=pool, units=2)
    getattr(stage, way)(("allocate_waiting", {}), ("bring", {"refs": new, "sku": name}))
    assert _counters(stage, pool) == [(3, 3)]
    assert _with_units(stage, old + new) == old
    stage.check(way)


@pytest.mark.parametrize("way", WAYS)
def test_two_offers_of_the_last_units_in_stock(stage, way):
    """Two sessions want more than is left on the shelf: one opens, the other hears what is free."""
    [(free,)] = stage.world.sql(
        "SELECT sum(quantity - reserved_quantity)::int FROM stock_quant q"
        " JOIN stock_location l ON l.id = q.location_id AND l.usage = 'internal'"
        " JOIN product_product p ON p.id = q.product_id WHERE p.default_code = 'RICE'"
    )
    sessions = [
        stage.do("plan_session", name=stage.name("R"), quotas={"RICE": free - 10}) for _ in range(2)
    ]
    works = [("open_session", {"session": session}) for session in sessions]
    first, second = getattr(stage, way)(*works)[:2]
    assert first["state"] == "open"
    assert "10" in second["refused"]
    stage.check(way)
    stage.do("close_session", session=sessions[0])
