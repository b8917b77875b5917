"""Materialisers: several at once on items that sell out, killed at any moment.

The first buyers get the units, however many processes share the work; a process that dies gives
back what it had taken, and the others go on.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from .harness import Kill

WORKERS = 4
ORDERS = 24
QUOTA = 10
KILLS = STOPS = 50
ROUNDS = 5  # they are spread over so many tests, so that a failure is found quickly


def _scene(stage):
    """Orders that wait, first paid first, for fewer units than they want."""
    name = stage.name("S")
    pool = stage.do("plan_scarce", name=name, quota=QUOTA)
    refs = stage.refs(ORDERS)
    stage.do("store", refs=refs, sku=name)
    return pool, refs


def _together(stage, kills=()):
    """Materialisers that start at the same moment; how each ended."""
    kills = [*kills, *[Kill()] * (WORKERS - len(kills))]
    with stage.gate() as gate:
        jobs = [stage.start("materialise", gate=gate, kill=kill) for kill in kills]
        for job in jobs:
            stage.until_at_gate(job)
    outcomes = [job.wait() for job in jobs]
    assert not [outcome.error for outcome in outcomes if outcome.error]
    return outcomes


def _allocated(stage, refs):
    return [ref for ref, found in stage.do("stages", refs=refs).items() if found == "allocated"]


def _agrees(stage, pool, refs, when):
    """Every message is one order, the quota is used to the last unit and not beyond."""
    assert stage.world.sql("SELECT count(*) FROM channel_message_todo") == [(0,)], when
    found = stage.do("stages", refs=refs)
    assert len(found) == ORDERS, when
    assert set(found.values()) == {"allocated", "queued"}, when
    assert len(_allocated(stage, refs)) == QUOTA, when
    counters = "SELECT quantity, allocated FROM channel_pool_quota WHERE pool_id = %s"
    assert stage.world.sql(counters, pool) == [(QUOTA, QUOTA)], when
    stage.check(when)


@pytest.mark.parametrize("attempt", range(5))
def test_the_first_buyers_get_the_units(stage, attempt):
    pool, refs = _scene(stage)
    outcomes = _together(stage)
    assert sum(outcome.value for outcome in outcomes) == ORDERS
    assert _allocated(stage, refs) == refs[:QUOTA]
    _agrees(stage, pool, refs, f"attempt {attempt}")


def test_a_later_batch_waits_for_an_earlier_one(stage):
    """The first stands still between taking its messages and its turn; the others must wait."""
    pool, refs = _scene(stage)
    with stage.gate() as gate:
        slow = stage.start("materialise_slowly", gate=gate)
        stage.until_at_gate(slow)
        fast = stage.start("materialise")
        stage.until_at_gate(fast)  # the ticket of the one before; it must not overtake it
    assert not slow.wait().error
    assert not fast.wait().error
    assert _allocated(stage, refs) == refs[:QUOTA]
    _agrees(stage, pool, refs, "overtaking")


@pytest.mark.parametrize("part", range(ROUNDS))
def test_immediate_stops_of_postgresql(stage, part):
    """The database goes away under all of them; they find it again without a person."""
    seed = int(os.environ.get("QUDAO_FAULTS_SEED", "20261122")) + part
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _stop in range(STOPS // ROUNDS):
        pool, refs = _scene(stage)
        with stage.gate() as gate:
            jobs = [stage.start("materialise_for_good", gate=gate) for _n in range(WORKERS)]
            for job in jobs:
                stage.until_at_gate(job)
        time.sleep(dice.uniform(0, 0.25))  # the moment of the stop, not a wait for something
        stage.world.power_cut()
        stage.world.restart_postgres()
        outcomes = [job.wait() for job in jobs]
        assert not [outcome.error for outcome in outcomes if outcome.error]
        _agrees(stage, pool, refs, f"seed {seed}")


@pytest.mark.parametrize("part", range(ROUNDS))
def test_kills_at_any_moment(stage, part):
    seed = int(os.environ.get("QUDAO_FAULTS_SEED", "20261122")) + part
    print(f"seed {seed}")
    dice = random.Random(seed)
    pool, refs = _scene(stage)
    statements = max(outcome.statements for outcome in _together(stage))
    _agrees(stage, pool, refs, "unharmed")
    killed = 0
    while killed < KILLS / ROUNDS:
        kill = dice.choice(
            [Kill(at_statement=dice.randint(1, statements)), Kill(before_commit=dice.randint(1, 3)),
             Kill(after_commit=dice.randint(1, 3))]
        )  # fmt: skip
        pool, refs = _scene(stage)
        outcomes = _together(stage, [kill])
        killed += outcomes[0].killed
        stage.world.wait_for_backends()
        stage.do("materialise")  # the others may have ended before the dead one's share came back
        _agrees(stage, pool, refs, f"seed {seed}: {kill}")
