"""A dealer's day killed at any point: whoever goes on finishes it, and everything happened once."""

from __future__ import annotations

WORK = "faults.work_dealer"
DONE = {
    "slip": "approved",
    "order": "sale",
    "invoices": ["paid"],
    "open": 0,
    "kinds": ["capture", "top_up"],
    "spent": 0,  # the deposit paid what was invoiced …
    "held": 0,  # … and holds what is still to come
    "ledger": 0,  # the general ledger says what the deposit says
    "unposted": 0,
}


def test_a_dealers_day_killed_at_any_point(world):
    assert not world.work(f"{WORK}:set_up").error
    first, second = (world.work(f"{WORK}:dealer", name=name).value for name in ("first", "second"))
    world.work(f"{WORK}:day", **first)  # makes the ledger accounts, which the others find
    plan = world.measure(f"{WORK}:day", **second)
    assert not plan.error, plan.error
    for number, kill in enumerate(plan.kills(at_most=15)):
        scene = world.work(f"{WORK}:dealer", name=f"dealer {number}").value
        assert world.work(f"{WORK}:day", kill=kill, **scene).killed, kill
        world.wait_for_backends()
        assert world.work("faults.work_deposit:broken").value == [], kill
        again = world.work(f"{WORK}:day", **scene)
        assert not again.error, (kill, again.error)
        assert world.work(f"{WORK}:stands", **scene).value == DONE, kill
        assert world.work("faults.work_deposit:broken").value == [], kill
