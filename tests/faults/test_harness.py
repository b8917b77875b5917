"""The harness itself is proven on models of Odoo's core before anything relies on it."""

from __future__ import annotations

import time

from .harness import Kill

CREATE = "faults.work_harness:create_in_two_commits"
NAMES = "faults.work_harness:names"
DAWDLE = "faults.work_harness:create_and_dawdle"
ONE, TWO = "fault harness 1", "fault harness 2"


def _names(world):
    return world.work(NAMES).value


def test_unharmed_work_is_committed_and_counted(world):
    outcome = world.work(CREATE)
    assert not outcome.killed
    assert outcome.commits == 2
    assert outcome.statements > 2
    assert _names(world) == [ONE, TWO]


def test_killed_around_commits(world):
    expected = {
        Kill(before_commit=1): [],
        Kill(after_commit=1): [ONE],
        Kill(before_commit=2): [ONE],
        Kill(after_commit=2): [ONE, TWO],
    }
    for kill, names in expected.items():
        world.again()
        assert world.work(CREATE, kill=kill).killed, kill
        assert _names(world) == names, kill


def test_killed_at_every_kind_of_statement(world):
    """The same moments give the same result, and nothing is ever half there."""
    plan = world.measure(CREATE)
    kills = plan.kills(at_most=8)
    assert Kill(at_statement=plan.statements) in kills
    for kill in kills:
        world.again()
        assert world.work(CREATE, kill=kill).killed, kill
        assert _names(world) in ([], [ONE], [ONE, TWO]), kill
        world.work(CREATE)
        assert _names(world)[-2:] == [ONE, TWO]


def test_killed_by_the_clock_while_another_works(world):
    slow = world.start(DAWDLE, kill=Kill(after=1.5), seconds=60)
    assert world.work(CREATE).commits == 2
    assert slow.wait().killed
    world.wait_for_backends()
    assert sorted(_names(world)) == [ONE, ONE, TWO]


def test_copy_is_a_statement(world):
    assert world.work("faults.work_harness:copy_rows", kill=Kill(at_statement=2)).killed
    assert world.sql("SELECT to_regclass('fault_harness')") == [(None,)]
    assert world.work("faults.work_harness:copy_rows").statements == 2
    assert world.sql("SELECT count(*) FROM fault_harness") == [(2,)]


def test_an_error_is_told(world):
    outcome = world.start("faults.work_harness:fail").wait()
    assert not outcome.killed
    assert "ValueError: on purpose" in outcome.error


def test_postgres_killed_in_the_middle(world):
    for strike in (world.power_cut, world.kill_postgres):
        job = world.start(DAWDLE, seconds=2)
        _wait_for(world, ONE)
        strike()
        world.restart_postgres()
        outcome = job.wait()
        assert outcome.error  # its connection was gone when it wanted to commit
        assert _names(world) == [ONE]
        world.work("faults.work_harness:names")
        world.sql("DELETE FROM res_partner WHERE name = %s", ONE)


def _wait_for(world, name):
    end = time.monotonic() + 30
    while not world.sql("SELECT 1 FROM res_partner WHERE name = %s", name):
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(0.5)  # let it create the second one, not yet committed
