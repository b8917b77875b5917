"""A dealer's return killed at any point, and two people at it at once: it happens once."""

from __future__ import annotations

WORK = "faults.work_dealer_return"
DONE = {
    "requests": ["done"],
    "receipts": ["done"],
    "delivered": 7,
    "credits": [["posted", 3]],
    "given back": 0,  # the deposit has what was paid in, less invoiced, plus credited
    "held": 0,
}


def test_a_return_killed_at_any_point(world):
    assert not world.work(f"{WORK}:set_up").error
    first, second = (world.work(f"{WORK}:scene", name=name).value for name in ("first", "second"))
    world.work(f"{WORK}:come_back", **first)
    plan = world.measure(f"{WORK}:come_back", **second)
    assert not plan.error, plan.error
    assert world.work(f"{WORK}:stands", **second).value == DONE
    for number, kill in enumerate(plan.kills(at_most=12)):
        scene = world.work(f"{WORK}:scene", name=f"dealer {number}").value
        assert world.work(f"{WORK}:come_back", kill=kill, **scene).killed, kill
        world.wait_for_backends()
        assert world.work("faults.work_deposit:broken").value == [], kill
        again = world.work(f"{WORK}:come_back", **scene)
        assert not again.error, (kill, again.error)
        assert world.work(f"{WORK}:stands", **scene).value == DONE, kill
        assert world.work("faults.work_deposit:broken").value == [], kill


def test_two_at_once(world):
    assert not world.work(f"{WORK}:set_up").error
    scene = world.work(f"{WORK}:scene", name="asked twice").value
    outcome = world.work(f"{WORK}:ask_twice", **scene)
    assert not outcome.error, outcome.error
    states, words = outcome.value
    assert states == ["submitted", "draft"]
    assert "only 4 can come back" in words
    scene = world.work(f"{WORK}:scene", name="counted twice").value
    outcome = world.work(f"{WORK}:count_twice", **scene)
    assert not outcome.error, outcome.error
    assert "already" in outcome.value
    assert world.work(f"{WORK}:stands", **scene).value == DONE
