"""Orders paid with rebate, credit notes and the daily jobs, killed at any point.

Whoever goes on does what is missing, and nothing a second time. Every fourth time the power goes
with the process.
"""

from __future__ import annotations

WORK = "faults.work_rebate"
SOLD = {
    "orders": ["sale"],
    "reviews": ["passed"],
    "documents": ["out_invoice"],
    "open": 0,
    "unposted": 0,
    "ledger": 0,
    "to-dos": 0,
}


def _everywhere(world, what, scene, wanted, at_most):
    """Kill the work at many moments, each in a scene of its own, then run it again.

    :param scene: makes a scene; its answer is what ``stands`` is asked with
    :param wanted: what must hold of every scene in the end
    """
    first, second = scene("first"), scene("second")
    _run(world, what, first)  # what is made once does not lengthen the run counted
    plan = _run(world, what, second)
    stands = world.work(f"{WORK}:stands", **second).value
    assert {name: stands[name] for name in wanted} == wanted
    red = world.work(f"{WORK}:red").value
    # before each commit; what is there right after one, the next statements' kills meet
    for number, kill in enumerate(plan.kills(at_most=at_most)[::2]):
        facts = scene(f"dealer {number}")
        outcome = _run(world, what, facts, kill=kill)
        assert outcome.killed, kill
        if number % 4 == 3:
            world.power_cut()
            world.restart_postgres()
        else:
            world.wait_for_backends()
        assert world.work("faults.work_deposit:broken").value == [], kill
        _run(world, what, facts)
        assert world.work(f"{WORK}:stands", **facts).value == stands, kill
        if number % 4 == 3:
            _run(world, what, facts)
            assert world.work(f"{WORK}:stands", **facts).value == stands, f"{kill}, done twice"
    assert world.work("faults.work_deposit:broken").value == []
    assert world.work(f"{WORK}:red").value == red


def _run(world, what, facts, **how):
    outcome = world.work(f"{WORK}:{what}", **how, **({} if what == "jobs" else facts))
    assert not outcome.error, outcome.error
    return outcome


def _scene(world, *steps, orders=1):
    """Makes a dealer and does the steps that come before the one that is killed."""

    def make(name):
        facts = world.work(f"{WORK}:dealer", name=name, orders=orders).value
        for step in steps:
            _run(world, step, facts)
        return facts

    return make


def test_an_order_with_rebate_up_to_its_invoice(world):
    world.work(f"{WORK}:set_up")
    _everywhere(world, "sell", _scene(world), SOLD, at_most=14)


def test_a_credit_note_gives_both_back(world):
    world.work(f"{WORK}:set_up")
    wanted = SOLD | {"documents": ["out_invoice", "out_refund"]}
    _everywhere(world, "credit", _scene(world, "sell"), wanted, at_most=10)


def test_daily_jobs_end_holds_and_rebates(world):
    world.work(f"{WORK}:set_up", hold_days=3)
    wanted = {
        "orders": ["draft"] * 2,
        "reviews": ["waiting"] * 2,
        "amounts": {"goods": [1000.0, 0.0], "rebate": [200.0, 0.0]},
    }
    _everywhere(world, "jobs", _scene(world, "confirm", orders=2), wanted, at_most=12)
