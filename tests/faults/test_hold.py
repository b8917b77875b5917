"""Offers held, released and changed by a person while materialisers run flat out.

The person works under REPEATABLE READ beside four processes that count units of the same offer: no
press of a button may fail, or wait for more than the batch in hand and the one before it.
"""

from __future__ import annotations

import itertools

WORKERS = 4
BATCH = 500
ORDERS = 8_000
QUOTA = 20_000
PATIENCE = 3.0  # seconds; about one on an idle machine
PRESSES = ("hold", "change", "release", "change")


def _offer(stage, quota=QUOTA):
    name = stage.name("H")
    return name, stage.do("plan_scarce", name=name, quota=quota)


def _waiting(stage, pool):
    """{reason: orders} of what waits for a pool."""
    return dict(
        stage.world.sql(
            "SELECT e.type, count(*) FROM channel_exception e"
            "  JOIN channel_order o ON o.id = e.order_id AND o.stage = 'queued'"
            "  JOIN channel_order_line l ON l.order_id = o.id"
            " WHERE e.state = 'open' AND l.pool_id = %s GROUP BY e.type",
            pool,
        )
    )


def _counters(stage, pool):
    return stage.world.sql(
        "SELECT quantity, allocated FROM channel_pool_quota WHERE pool_id = %s", pool
    )


def _press(stage, pool, what):
    """One press of a button, as Odoo runs it; how often it was tried and how long it took."""
    arguments = {"pool": pool}
    if what == "change":
        arguments = {"dialog": stage.do("plan_change", pool=pool, units=1)}
    outcome = stage.request(what, **arguments).wait()
    assert not outcome.error, outcome.error
    return outcome.value["tries"], outcome.value["seconds"]


def _serve_all(stage, pool):
    """The job that a release starts runs until nobody waits who can have units."""
    for _round in range(ORDERS // 1000):
        if not _waiting(stage, pool):
            return
        stage.do("allocate_waiting")


def test_a_person_beside_materialisers_that_run_flat_out(stage):
    name, pool = _offer(stage)
    refs = stage.refs(ORDERS)
    stage.do("store", refs=refs, sku=name)
    with stage.gate() as gate:
        jobs = [stage.start("materialise", gate=gate, at_once=BATCH) for _n in range(WORKERS)]
        for job in jobs:
            stage.until_at_gate(job)
    presses = []
    for what in itertools.cycle(PRESSES):
        left = stage.world.sql("SELECT count(*) FROM channel_message_todo")[0][0]
        if not left and what == PRESSES[0]:
            break
        presses.append((what, *_press(stage, pool, what), left))
    for job in jobs:
        assert not job.wait().error
    told = [f"{what} {seconds:.2f} s, {tries}x" for what, tries, seconds, _left in presses]
    print("; ".join(told))
    assert len([left for *_rest, left in presses if left]) >= 4, told
    assert {tries for _what, tries, _seconds, _left in presses} == {1}, told
    assert max(seconds for _what, _tries, seconds, _left in presses) < PATIENCE, told
    _serve_all(stage, pool)
    changes = len([what for what, *_rest in presses if what == "change"])
    assert _counters(stage, pool) == [(QUOTA + changes, ORDERS)]
    assert _waiting(stage, pool) == {}
    stage.check()


def test_a_held_offer_gives_nothing_out_and_then_first_paid_first(stage):
    name, pool = _offer(stage, quota=5)
    refs = stage.refs(24)
    stage.do("store", refs=refs, sku=name)
    stage.do("hold", pool=pool)
    stage.together(*[("materialise", {"at_once": 3})] * WORKERS)
    assert _counters(stage, pool) == [(5, 0)]
    assert _waiting(stage, pool) == {"on_hold": 24}
    stage.do("allocate_waiting")
    assert _waiting(stage, pool) == {"on_hold": 24}
    stage.do("release", pool=pool)
    found = stage.do("stages", refs=refs)
    assert [ref for ref in refs if found[ref] == "allocated"] == refs[:5]
    assert _waiting(stage, pool) == {"short": 19}
    stage.check()


def test_a_batch_that_saw_the_hold_writes_after_the_release(stage):
    """It had looked at the database before; who waits then is found by the job."""
    name, pool = _offer(stage)
    refs = stage.refs(6)
    stage.do("hold", pool=pool)
    stage.old_snapshot(("release", {"pool": pool}), ("bring", {"refs": refs, "sku": name}))
    stage.do("allocate_waiting")
    assert stage.do("stages", refs=refs) == dict.fromkeys(refs, "allocated")
    stage.check()


def test_release_waits_for_the_batch_in_hand(stage):
    """A batch that saw the hold has done all but commit: the release serves its orders too."""
    name, pool = _offer(stage)
    refs = stage.refs(6)
    stage.do("hold", pool=pool)
    *_answers, waited = stage.overlap(
        ("bring", {"refs": refs, "sku": name}), ("release", {"pool": pool})
    )
    assert waited
    assert stage.do("stages", refs=refs) == dict.fromkeys(refs, "allocated")
    stage.check()


def test_hold_waits_for_nobody(stage):
    """A batch that gathered before the hold gives its units out; the hold did not wait for it."""
    name, pool = _offer(stage)
    before, after = stage.refs(3), stage.refs(3)
    *_answers, waited = stage.overlap(
        ("bring", {"refs": before, "sku": name}), ("hold", {"pool": pool})
    )
    assert not waited
    stage.do("bring", refs=after, sku=name)
    assert stage.do("stages", refs=before) == dict.fromkeys(before, "allocated")
    assert stage.do("stages", refs=after) == dict.fromkeys(after, "queued")
    stage.check()
