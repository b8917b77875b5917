from dataclasses import replace

import pytest
from builders import PAID_AT, line, order
from channel_order.core import refunds
from channel_order.core.facts import Claim
from hypothesis import given
from hypothesis import strategies as st
from test_plan import ingest

STORED = ingest(order("A1", line("L1"), line("L2"), freight=100))


def claim(line_ref="L1", status="open", at=PAID_AT + 5):
    return Claim(line_ref, status == "open", status == "succeeded", at)


def test_asked_stops_and_keeps_the_units():
    result = refunds.settle(STORED, (claim(),))
    assert (result.kind, result.refund_open, result.release) == ("refund_asked", True, ())
    assert result.states == ((100, "stopped"),) and result.stage == "allocated"


def test_succeeded_gives_the_units_back():
    result = refunds.settle(STORED, (claim(status="succeeded"),))
    assert (result.kind, result.release, result.stage) == ("refunded", (100,), "allocated")


def test_whole_order_by_an_empty_line():
    result = refunds.settle(STORED, (claim("", "succeeded"),))
    assert result.stage == "refunded" and result.release == (100, 101)


def test_closed_lets_the_order_go_on():
    asked = refunds.settle(STORED, (claim(),))
    stopped = replace(
        STORED, refund_open=True,
        lines=tuple(replace(x, state=dict(asked.states).get(x.id, x.state)) for x in STORED.lines),
    )  # fmt: skip
    result = refunds.settle(stopped, (claim(status="closed", at=PAID_AT + 9),))
    assert (result.kind, result.refund_open) == ("refund_closed", False)
    assert result.states == ((100, "live"),)


def test_two_refunds_of_one_line_are_one():
    gone = replace(STORED, lines=(replace(STORED.lines[0], state="refunded"), STORED.lines[1]))
    both = (claim(status="succeeded"), claim(status="succeeded", at=PAID_AT + 8))
    result = refunds.settle(gone, both)
    assert (result.kind, result.states, result.release) == (None, (), ())


def test_one_of_two_still_open_keeps_it_stopped():
    result = refunds.settle(STORED, (claim(status="closed", at=PAID_AT + 9), claim()))
    assert result.refund_open


@pytest.mark.parametrize("stage", ["shipped", "done", "cancelled", "refunded"])
def test_after_the_end_nothing_changes(stage):
    result = refunds.settle(replace(STORED, stage=stage), (claim(status="succeeded"),))
    assert (result.kind, result.states, result.release, result.stage) == (None, (), (), stage)


@pytest.mark.parametrize("stage", ["queued", "allocated", "waved", "picked", "packed"])
def test_at_each_stage(stage):
    result = refunds.settle(replace(STORED, stage=stage), (claim(status="succeeded"),))
    assert result.states == ((100, "refunded"),)
    assert result.release == (() if stage == "queued" else (100,))


def test_who_won():
    assert refunds.winner_of("shipped", succeeded=True) == "shipment"
    assert refunds.winner_of("done", succeeded=False) == "shipment"
    assert refunds.winner_of("packed", succeeded=True) == "refund"
    assert refunds.winner_of("packed", succeeded=False) is None


def test_flag_of_the_order_counts_unless_an_aftersale_is_as_new():
    def state(at, *claims):
        return refunds.state_of("L1", flag=True, gone=False, updated_at=at, claims=claims)

    assert state(10) == "stopped"
    assert state(10, claim(status="closed", at=9)) == "stopped"
    assert state(10, claim(status="closed", at=10)) == "live"
    assert state(10, claim(status="closed", at=11)) == "live"
    assert state(10, claim("other", "closed", at=11)) == "stopped"


@given(st.lists(st.sampled_from(["open", "closed", "succeeded"]), max_size=5), st.randoms())
def test_the_order_of_aftersales_does_not_matter(statuses, random):
    claims = [claim(status=s, at=PAID_AT + i) for i, s in enumerate(statuses)]
    shuffled = claims[:]
    random.shuffle(shuffled)
    assert refunds.settle(STORED, tuple(claims)) == refunds.settle(STORED, tuple(shuffled))
    result = refunds.settle(STORED, tuple(claims))
    if "succeeded" in statuses:
        assert (100, "refunded") in result.states
    assert result.refund_open == ("open" in statuses and "succeeded" not in statuses)
