"""Faults of pushes: each does what it says, to the share of messages it names, reproducibly."""

import pytest
from simulators.douyin import DouyinSimulator
from simulators.douyin.errors import ControlError
from simulators.douyin.faults import PUSH_FAULTS, PushFault


def settled(sim, receiver):
    """Return order ids as they arrived."""
    assert sim.pushes.settle()
    return [str(m["data"]["p_id"]) for m in receiver.messages]


def create(sim, sku, count):
    """Create unpaid orders, one message each, and return their ids."""
    return [sim.buy([{"sku_id": sku}], paid=False) for _ in range(count)]


def events(sim):
    """Return state, attempts and faults of every message."""
    return [(e["state"], e["attempts"], e["fault"]) for e in sim.pushes.events()]


def test_lost(sim, pushed, sku):
    sim.faults.push("lost")
    ids = create(sim, sku, 2)
    assert settled(sim, pushed) == ids[1:]
    assert events(sim) == [("lost", 0, "lost"), ("acked", 1, "")]
    sim.clock.advance(10**6)
    assert settled(sim, pushed) == ids[1:]


def test_repeated(sim, pushed, sku):
    sim.faults.push("repeated")
    sim.faults.push("repeated", seconds=30)
    first, second = create(sim, sku, 2)
    assert sorted(settled(sim, pushed)) == sorted([first, first, second])
    sim.clock.advance(30)
    assert settled(sim, pushed)[-1] == second
    sim.clock.advance(10**6)
    assert len(settled(sim, pushed)) == 4
    assert events(sim) == [("acked", 2, "repeated")] * 2
    assert len({m["msg_id"] for m in pushed.messages}) == 2
    assert sim.pushes.report()["redelivered"] == 2


def test_delayed(sim, pushed, sku):
    sim.faults.push("delayed", seconds=100)
    first, second = create(sim, sku, 2)
    assert settled(sim, pushed) == [second]
    sim.clock.advance(99)
    assert settled(sim, pushed) == [second]
    sim.clock.advance(1)
    assert settled(sim, pushed) == [second, first]


def test_out_of_order(sim, pushed, sku):
    sim.faults.push("out_of_order")
    (first,) = create(sim, sku, 1)
    assert settled(sim, pushed) == []  # held until a later one overtakes it
    (second,) = create(sim, sku, 1)
    assert settled(sim, pushed) == [second, first]
    sim.faults.push("out_of_order", seconds=40)
    (third,) = create(sim, sku, 1)
    sim.clock.advance(39)
    assert settled(sim, pushed) == [second, first]
    sim.clock.advance(1)
    assert settled(sim, pushed) == [second, first, third]


def test_paid_before_created(sim, pushed, sku):
    sim.faults.push("out_of_order", tag="100")
    sim.buy([{"sku_id": sku}])
    assert sim.pushes.settle()
    assert pushed.tags == ["101", "100"]


def test_an_ack_taken_for_lost(sim, pushed, sku):
    sim.faults.push("ack_lost")
    (order_id,) = create(sim, sku, 1)
    assert settled(sim, pushed) == [order_id]
    assert events(sim) == [("due", 1, "ack_lost")]
    sim.clock.advance(5)
    assert settled(sim, pushed) == [order_id] * 2
    assert events(sim) == [("acked", 2, "ack_lost")]
    assert pushed.posts[0].body == pushed.posts[1].body
    assert sim.pushes.report()["failed"] == {"ack_lost": 1}


def test_cut_in_the_middle_of_the_body(sim, pushed, sku):
    sim.faults.push("cut")
    (order_id,) = create(sim, sku, 1)
    assert settled(sim, pushed) == []
    assert events(sim) == [("due", 1, "cut")]
    sim.clock.advance(5)
    assert settled(sim, pushed) == [order_id]
    assert pushed.cut.wait(10)
    assert pushed.broken == 1


def test_wrong_signature(sim, pushed, sku):
    pushed.verify = sim.app
    sim.faults.push("bad_signature")
    (order_id,) = create(sim, sku, 1)
    assert settled(sim, pushed) == [order_id]
    assert not pushed.posts[0].signed(*sim.app)
    assert sim.pushes.report()["refused"] == {"401": 1}
    sim.clock.advance(5)
    assert settled(sim, pushed) == [order_id] * 2
    assert pushed.posts[1].signed(*sim.app)
    assert events(sim) == [("acked", 2, "bad_signature")]


def test_a_fault_of_one_message_hits_the_whole_body(sim, pushed, sku):
    sim.pushes.configure(max_events=10)
    sim.faults.push("ack_lost", tag="101")
    sim.buy([{"sku_id": sku}])
    assert sim.pushes.settle()
    assert [e["state"] for e in sim.pushes.events()] == ["due", "due"]
    assert [e["fault"] for e in sim.pushes.events()] == ["", "ack_lost"]


def test_times_tags_and_clear(sim, pushed, sku):
    sim.faults.push("lost", tag="101", times=2)
    for _ in range(3):
        sim.buy([{"sku_id": sku}])
    assert sim.pushes.settle()
    assert pushed.tags == ["100"] * 3 + ["101"] or pushed.tags == ["100", "100", "100", "101"]
    sim.faults.push("lost", times=None)
    sim.faults.clear()
    create(sim, sku, 1)
    assert sim.pushes.settle()
    assert pushed.tags.count("100") == 4


def test_shares_are_seeded():
    def hits(kind, seed):
        fault = PushFault(kind, share=0.3, times=None, seed=seed)
        return [n for n in range(1000) if fault.hits("100", str(n))]

    assert hits("lost", 1) == hits("lost", 1)
    assert hits("lost", 1) != hits("lost", 2)
    assert hits("lost", 1) != hits("cut", 1)
    assert 250 < len(hits("lost", 1)) < 350


def test_all_faults_at_once_lose_only_what_was_never_sent(sim, pushed, sku):
    sim.pushes.configure(max_events=7, connections=4, max_attempts=50)
    for kind in PUSH_FAULTS:
        sim.faults.push(kind, share=0.15, times=None)
    ids = [sim.buy([{"sku_id": sku}]) for _ in range(150)]
    for _ in range(60):
        assert sim.pushes.settle()
        if all(state in ("acked", "lost") for state, *_ in events(sim)):
            break
        sim.clock.advance(3600)
    got = {(m["tag"], str(m["data"]["p_id"])) for m in pushed.messages}
    lost = [e for e in sim.pushes.events() if e["state"] == "lost"]
    assert 20 < len(lost) < 80
    assert len(got) == 300 - len(lost)
    assert got <= {(tag, order_id) for order_id in ids for tag in ("100", "101")}
    assert len(pushed.messages) > len(got)


def test_what_was_held_or_delayed_survives_a_restart(tmp_path, receiver):
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        sim.add_sku(34, "A", "甲", 990)
        sim.clock.set(sim.clock.now())
        sim.pushes.subscribe(receiver.url)
        receiver.posts.clear()
        sim.faults.push("delayed", seconds=50)
        sim.faults.push("out_of_order", seconds=50)
        create(sim, 34, 2)
        assert settled(sim, receiver) == []
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        assert settled(sim, receiver) == []
        sim.clock.advance(50)
        assert len(settled(sim, receiver)) == 2


def test_unknown_push_faults(sim):
    with pytest.raises(ControlError):
        sim.faults.push("earthquake")
    with pytest.raises(ControlError):
        sim.faults.push("lost", share=1.5)
