"""Refund against scan, refund against hand-over, two who decide at once: seeded races.

In each race one of the two stands still before a statement that the seed chooses, the other runs
until it is done or must wait, then both go on. Exactly one wins, and the record says which.
"""

from __future__ import annotations

import random

import pytest

SCANS, HAND_OVERS, DECISIONS, COUNTS, SENDINGS = 80, 20, 80, 24, 16


def race(stage, seed, slow, fast, statements):
    """Run two works (function, arguments); the first stands still somewhere. Their answers."""
    at = random.Random(seed).randint(1, max(statements, 1))
    with stage.gate() as gate:
        first = stage.request(slow[0], pause=gate, at=at, **slow[1])
        stage.until_at_gate_or_done(first)
        second = stage.request(fast[0], **fast[1])
        stage.until_stuck_or_done(second)
    return stage.answer(first), stage.answer(second)


def both_ways(seed, one, other):
    """The two works in the order that the seed chooses, and whether they changed places."""
    swapped = bool(random.Random(seed).getrandbits(1))
    return ((other, one) if swapped else (one, other)), swapped


def winner(stage, ref):
    """(stage of the order, who won by its after-sale)"""
    return stage.world.sql(
        "SELECT o.stage, a.winner FROM channel_order o JOIN channel_aftersale a ON a.order_id = o.id"
        " WHERE o.order_ref = %s",
        ref,
    )[0]


def statements(stage, what, **arguments):
    return stage.do("count_statements", what=what, arguments=arguments)


def test_refund_against_scan(stage):
    """The buyer's money is back while the packer scans his parcel."""
    refs = stage.refs(SCANS)
    stage.do("scene_packed", refs=refs, left=SCANS)
    codes = stage.do("parcels", refs=refs)
    counts = {
        "scan": statements(stage, "scan", code=codes[refs[0]]),
        "refund": statements(stage, "refund", refs=refs[:1]),
    }
    for seed, ref in enumerate(refs):
        (slow, fast), swapped = both_ways(
            seed, ("scan", {"code": codes[ref], "login": "packer1"}), ("refund", {"refs": [ref]})
        )
        answers = race(stage, seed, slow, fast, counts[slow[0]])
        scanned = answers[1 if swapped else 0]
        assert winner(stage, ref) == ("refunded", "refund"), seed
        packed = stage.world.sql(
            "SELECT count(*) FROM channel_order_event e JOIN channel_order o ON o.id = e.order_id"
            " WHERE o.order_ref = %s AND e.kind = 'packed'",
            ref,
        )[0][0]
        # packed first: the parcel was stopped after; refunded first: it was never packed
        assert (scanned["state"], packed) in (("ok", 1), ("stop", 0)), (seed, scanned)
    stage.check()


def test_refund_against_hand_over(stage):
    won, counts = {"shipped": 0, "refunded": 0}, {}
    for seed in range(HAND_OVERS):
        [ref, other] = stage.refs(2)
        manifest = stage.do("scene_packed", refs=[ref, other], left=0)
        counts = counts or {
            "hand_over": statements(stage, "hand_over", manifest=manifest),
            "refund": statements(stage, "refund", refs=[ref]),
        }
        (slow, fast), _swapped = both_ways(
            seed, ("hand_over", {"manifest": manifest}), ("refund", {"refs": [ref]})
        )
        race(stage, seed, slow, fast, counts[slow[0]])
        found, who = winner(stage, ref)
        assert (found, who) in (("shipped", "shipment"), ("refunded", "refund")), seed
        assert stage.do("stages", refs=[other]) == {other: "shipped"}, seed
        won[found] += 1
    assert all(won.values()), won  # else the seeds prove nothing
    stage.check()


def test_two_decide_at_once(stage):
    """One clerk grants, the other refuses or grants too: one answer stands, the other is told who
    was first, and the platform is owed one answer."""
    stage.do("hire")
    refs = stage.refs(DECISIONS)
    stage.do("shipped", refs=refs, kind="return", status="applied", amount=700)
    count = statements(stage, "decide", ref=refs[0], login="clerk1")
    for seed, ref in enumerate(refs):
        accept = bool(random.Random(-seed - 1).getrandbits(1))
        one = ("decide", {"ref": ref, "accept": True, "login": "clerk1"})
        other = ("decide", {"ref": ref, "accept": accept, "login": "clerk2"})
        (slow, fast), _swapped = both_ways(seed, one, other)
        answers = race(stage, seed, slow, fast, count)
        told = [answer["refused"] for answer in answers if "refused" in answer]
        assert len(told) == 1, (seed, answers)
        [(name, granted, owed)] = stage.world.sql(
            "SELECT p.name, w.accept, (SELECT count(*) FROM channel_outbox b"
            "   WHERE b.key LIKE 'answer:%%:' || a.aftersale_ref || ':%%')"
            "  FROM channel_aftersale_answer w JOIN channel_aftersale a ON a.id = w.aftersale_id"
            "  JOIN res_users u ON u.id = w.user_id JOIN res_partner p ON p.id = u.partner_id"
            " WHERE a.aftersale_ref = %s",
            f"R-{ref}",
        )
        assert owed == 1, seed
        assert name in told[0], (seed, told, name)
        assert granted == (accept if name == "Clerk2" else True), seed
    stage.check()


@pytest.mark.parametrize("same_parcel", [True, False])
def test_two_desks_count_the_same_unit(stage, same_parcel):
    """The only unit of an order is confirmed at two desks: it is back once."""
    refs = stage.refs(COUNTS // 2)
    stage.do("shipped", refs=refs, kind="return", status="returned", amount=700)
    count = 0
    for seed, ref in enumerate(refs):
        one = stage.do("desk", codes=[f"B{ref}", "TEA", "R-GOOD"])["station"]
        two = one
        if not same_parcel:
            code = stage.world.sql(
                "SELECT p.waybill FROM channel_parcel p JOIN channel_order o ON o.parcel_id = p.id"
                " WHERE o.order_ref = %s",
                ref,
            )[0][0]
            two = stage.do("desk", codes=[code, "TEA", "R-GOOD"], login="packer2")["station"]
        works = [
            ("desk", {"codes": ["R-CONFIRM"], "station": one, "login": "packer1"}),
            ("desk", {"codes": ["R-CONFIRM"], "station": two, "login": "packer2"}),
        ]
        count = count or statements(
            stage, "desk", codes=["R-CONFIRM"], station=one, login="packer1"
        )
        (slow, fast), _swapped = both_ways(seed, *works)
        race(stage, seed, slow, fast, count)
        back = stage.world.sql(
            "SELECT t.returned FROM channel_return_tally t"
            "  JOIN channel_order_line l ON l.id = t.order_line_id"
            "  JOIN channel_order o ON o.id = l.order_id WHERE o.order_ref = %s",
            ref,
        )
        assert back == [(1,)], seed
    stage.check()


def test_new_goods_leave_while_the_buyer_withdraws(stage):
    """The platform closes an exchange while its new goods leave: told, or cancelled."""
    refs = stage.refs(SENDINGS)
    stage.do("shipped", refs=refs, kind="exchange", status="returned")
    stage.do("came_back", refs=refs)
    counts = {
        "send": statements(stage, "send", ref=refs[0], waybill="N0000000"),
        "ask": statements(stage, "ask", refs=refs[:1], kind="exchange", status="closed"),
    }
    for seed, ref in enumerate(refs):
        (slow, fast), _swapped = both_ways(
            seed,
            ("send", {"ref": ref, "waybill": f"N{ref}"}),
            ("ask", {"refs": [ref], "kind": "exchange", "status": "closed"}),
        )
        race(stage, seed, slow, fast, counts[slow[0]])
        state, waybill, told = stage.do("replacement_of", ref=ref)
        assert (state, bool(waybill), told) in (("sent", True, 1), ("cancelled", False, 0)), seed
    stage.check()
