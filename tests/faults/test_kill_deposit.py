"""Four workers on two deposit accounts, killed at any moment and at chosen ones.

Whoever comes after a kill asks for everything again, under the same keys: what had taken effect
gives its first answer, the rest takes effect now.
"""

from __future__ import annotations

import os
import random

import pytest

from .harness import Kill

WORKERS = 4
ROUNDS = 25
SCENES = 5
KILLS = 50
WORK = "faults.work_deposit"


def _agree(world, when):
    assert world.work(f"{WORK}:broken").value == [], when


def _finish(world, members, *names):
    """Everybody asks for all of it; what took effect in the end explains the balances."""
    posted = {}
    for name in names:
        outcome = world.work(f"{WORK}:spend", members=members, name=name)
        assert not outcome.error, outcome.error
        posted |= dict(outcome.value)
    query = """SELECT sum(posted) FROM channel_deposit_account WHERE member_id = ANY(%s)"""
    assert int(world.sql(query, members)[0][0] * 100) == sum(posted.values())
    query = """SELECT count(DISTINCT e.key) FROM channel_deposit_entry e
                 JOIN channel_deposit_account a ON a.id = e.account_id
                WHERE a.member_id = ANY(%s)"""
    assert world.sql(query, members) == [(len(posted),)]
    return posted


def test_kills_at_chosen_points(world):
    """The first operations of a fresh account, killed at its statements and around commits."""
    members = world.work(f"{WORK}:make_members").value
    plan = world.measure(f"{WORK}:spend", members=members, name="a", rounds=2)
    for number, kill in enumerate(plan.kills(at_most=20)):
        members = world.work(f"{WORK}:make_members").value
        name = f"k{number}"
        outcome = world.work(f"{WORK}:spend", kill=kill, members=members, name=name, rounds=2)
        assert outcome.killed, kill
        world.wait_for_backends()
        _agree(world, kill)
        _finish(world, members, name)
        _agree(world, kill)


@pytest.mark.parametrize("scene", range(SCENES))
def test_four_workers_killed_at_random(world, scene):
    """2,000 operations in all five scenes; ten workers die in each."""
    seed = int(os.environ.get("QUDAO_FAULTS_SEED", "20261122")) + scene
    print(f"seed {seed}")
    dice = random.Random(seed)
    members = world.work(f"{WORK}:make_members").value
    statements = world.measure(f"{WORK}:spend", members=members, name="alone").statements
    names = [f"w{worker}" for worker in range(WORKERS)]
    killed = 0
    while killed < KILLS / SCENES:
        kills = [Kill(at_statement=dice.randint(1, statements)) for _n in range(WORKERS)]
        jobs = [
            world.start(f"{WORK}:spend", kill=kill, members=members, name=name)
            for name, kill in zip(names, kills, strict=True)
        ]
        outcomes = [job.wait() for job in jobs]
        assert not [outcome.error for outcome in outcomes if outcome.error]
        killed += sum(outcome.killed for outcome in outcomes)
        world.wait_for_backends()
        _agree(world, f"seed {seed}")
    posted = _finish(world, members, "alone", *names)
    assert len(posted) >= (WORKERS + 1) * ROUNDS * 3
    _agree(world, f"seed {seed}, at the end")
