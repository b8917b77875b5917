"""Where an after-sale stands and what may be answered, fact by fact."""

from dataclasses import replace

import pytest
from channel_order.core.aftersales import (
    Answer,
    Case,
    Fate,
    Gate,
    Goods,
    Limits,
    Refusal,
    Step,
    Where,
    Why,
    check_answer,
    expected_units,
    releases,
    step_of,
    stops_parcel,
    where_of,
)
from channel_order.core.credits import Sold, due, spread_refund, take_off
from channel_order.core.snapshot import AfterSaleKind as Kind
from channel_order.core.snapshot import AfterSaleStatus as Status
from hypothesis import given
from hypothesis import strategies as st

RETURN = Case(Kind.RETURN, Status.AGREED, 7, Where.DELIVERED, Goods(2))
HERE = replace(RETURN, goods=Goods(2, good=2))
YES = Answer(Gate.GOODS, True, 7)


@pytest.mark.parametrize(
    "changes, step",
    [
        ({"status": Status.APPLIED}, Step.REQUEST),
        ({"status": Status.APPLIED, "answers": (Answer(Gate.REQUEST, True, 7),)}, Step.TELL),
        ({"status": Status.APPLIED, "answers": (Answer(Gate.REQUEST, True, 6),)}, Step.REQUEST),
        ({}, Step.WAIT_GOODS),
        ({"goods": Goods(2, good=1)}, Step.WAIT_GOODS),
        ({"goods": Goods(2, good=1), "complete": True}, Step.GOODS),
        ({"goods": Goods(2, good=1, defect=1)}, Step.GOODS),
        ({"goods": Goods(2, good=2)}, Step.GOODS),
        ({"goods": Goods(2, good=2), "answers": (YES,)}, Step.TELL),
        ({"parcels": 1}, Step.INSPECT),
        ({"parcels": 1, "status": Status.CLOSED}, Step.INSPECT),
        ({"fate": Fate.ASKED, "status": Status.SUCCEEDED}, Step.INTERCEPT),
        ({"fate": Fate.STOPPED, "status": Status.CLOSED}, Step.WAIT_GOODS),
        ({"fate": Fate.DELIVERED, "status": Status.SUCCEEDED}, Step.DONE),
        ({"status": Status.REFUSED}, Step.REFUSED),
        ({"kind": Kind.EXCHANGE, "goods": Goods(2, good=2)}, Step.SHIP),
        ({"kind": Kind.EXCHANGE, "goods": Goods(2, defect=2)}, Step.GOODS),
        ({"kind": Kind.EXCHANGE, "goods": Goods(2, defect=2), "answers": (YES,)}, Step.SHIP),
        ({"kind": Kind.RESEND, "goods": Goods()}, Step.SHIP),
        ({"kind": Kind.RESEND, "goods": Goods(), "replaced": True}, Step.TELL),
        ({"kind": Kind.REFUND_ONLY, "goods": Goods()}, Step.TELL),
    ],
)
def test_step(changes, step):
    assert step_of(replace(RETURN, **changes)) is step


def ask(case, gate=Gate.GOODS, accept=True, version=7, amount=100, room=100, reason=""):
    answer = Answer(gate, accept, version)
    return check_answer(case, answer, amount=amount, room=room, reason=reason)


def test_what_is_as_it_should_be_is_granted():
    assert ask(HERE) is None


@pytest.mark.parametrize(
    "changes, question, why",
    [
        ({}, {"version": 6}, Why.CHANGED),
        ({"answers": (YES,)}, {"accept": False, "reason": "x"}, Why.ANSWERED),
        ({"status": Status.SUCCEEDED}, {}, Why.OVER),
        ({"status": Status.CLOSED}, {}, Why.OVER),
        ({"goods": Goods(2)}, {}, Why.NOT_ASKED),
        ({}, {"gate": Gate.REQUEST}, Why.NOT_ASKED),
        ({"goods": Goods(2, good=1), "complete": True}, {}, Why.REASON),
        ({"goods": Goods(2, good=1, defect=1)}, {}, Why.REASON),
        ({"goods": Goods(2, good=2, wrong=1)}, {}, Why.REASON),
        ({}, {"accept": False, "reason": " "}, Why.REASON),
    ],
)
def test_what_is_not_granted(changes, question, why):
    assert ask(replace(HERE, **changes), **question).why is why


def test_more_than_is_left_is_not_granted_and_says_how_much():
    assert ask(HERE, amount=101) == Refusal(Why.TOO_MUCH, 101, 100)
    assert ask(HERE, accept=False, amount=101, reason="too much") is None


def test_spoilt_goods_are_paid_with_a_reason():
    assert ask(replace(HERE, goods=Goods(2, defect=2)), reason="our fault") is None


def test_only_good_goods_of_a_return_release_the_money_by_themselves():
    assert releases(HERE)
    assert not releases(replace(HERE, goods=Goods(2, good=1, defect=1)))
    assert not releases(replace(HERE, kind=Kind.EXCHANGE))
    assert not releases(RETURN)


@pytest.mark.parametrize(
    "changes, stops",
    [
        ({"where": Where.UNDER_WAY}, True),
        ({"where": Where.UNDER_WAY, "status": Status.SUCCEEDED}, True),
        ({"where": Where.UNDER_WAY, "status": Status.APPLIED}, False),
        ({"where": Where.UNDER_WAY, "status": Status.APPLIED,
          "answers": (Answer(Gate.REQUEST, True, 7),)}, True),
        ({"where": Where.UNDER_WAY, "fate": Fate.DELIVERED}, False),
        ({"where": Where.UNDER_WAY, "kind": Kind.PRICE}, False),
        ({"where": Where.UNDER_WAY, "kind": Kind.EXCHANGE}, False),
        ({"where": Where.DELIVERED}, False),
        ({"where": Where.HERE}, False),
    ],
)  # fmt: skip
def test_which_parcel_is_asked_back(changes, stops):
    assert stops_parcel(replace(RETURN, **changes)) is stops


def test_refunds_share_what_falls_over_the_parts_of_a_bundle():
    bundle = [Sold(1, 1, 60, 70), Sold(2, 2, 40, 50)]
    first = take_off(bundle, 0, 50)
    assert [(part.line_id, part.fen) for part in first] == [(1, 35), (2, 25)]
    taken = {part.line_id: part.fen for part in first}
    rest = take_off([replace(x, taken=taken[x.line_id]) for x in bundle], 50, 50)
    assert [(part.line_id, part.fen) for part in rest] == [(1, 35), (2, 25)]


def test_nothing_falls_where_nothing_was_paid():
    assert take_off([Sold(1, 1, 0, 50)], 0, 0) == ()
    assert due(50, 0, 0) == 0
    with pytest.raises(ValueError, match="-1 fen"):
        due(50, 50, -1)


def test_a_refund_of_the_whole_order():
    assert spread_refund(50, [60, 40]) == [30, 20]
    assert spread_refund(0, [60, 40]) == [0, 0]
    with pytest.raises(ValueError, match="cannot be given back"):
        spread_refund(101, [60, 40])


@pytest.mark.parametrize(
    "asked, items, units, expected",
    [(0, 2, 2, 2), (1, 2, 2, 1), (1, 2, 6, 3), (0, 2, 6, 6), (5, 2, 6, 6), (0, 0, 0, 1),
     (3, 0, 0, 3)],
)  # fmt: skip
def test_units_that_come_back(asked, items, units, expected):
    """Of a bundle all its parts; more than left does not come; unknown is never nothing."""
    assert expected_units(asked, items, units) == expected


def test_where_the_goods_are_by_the_orders_stage():
    assert [where_of(stage) for stage in (None, "packed", "shipped", "done", "refunded")] == [
        Where.HERE, Where.HERE, Where.UNDER_WAY, Where.DELIVERED, Where.HERE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "limits, freight, room",
    [
        (Limits(100, 0, 300, 0, 10, 0), 0, 100),
        (Limits(100, 0, 300, 0, 10, 0), 10, 110),
        (Limits(100, 0, 300, 0, 10, 4), 10, 106),
        (Limits(100, 0, 300, 0, 10, 11), 10, 100),
        (Limits(100, 60, 300, 60, 0, 0), 0, 40),
        (Limits(100, 0, 300, 250, 0, 0), 0, 50),
        (Limits(100, 130, 300, 130, 0, 0), 0, 0),
        (Limits(100, 0, 100, 0, 10, 50), 0, 60),
        (Limits(100, 0, 300, 0, 0, 0, 250), 0, 50),
        (Limits(100, 0, 300, 0, 10, 0, 205), 10, 105),
        (Limits(100, 0, 100, 90, 0, 0, 20), 0, 0),
    ],
)
def test_what_may_still_be_given(limits, freight, room):
    """Of a line at most what was paid for it, of an order what was paid for all, freight once."""
    assert limits.room(freight) == room


ASKED = st.tuples(st.none() | st.integers(0, 2), st.integers(0, 120), st.integers(0, 40))


@given(st.lists(st.integers(0, 100), min_size=3, max_size=3), st.integers(0, 30),
       st.lists(ASKED, max_size=12))  # fmt: skip
def test_whatever_is_granted_comes_to_no_more_than_was_paid(paid, freight, asks):
    """After-sales of lines (None: of the order) with freight, granted while there is room."""
    given = []
    for line, goods, carriage in asks:
        limits = Limits(
            paid[line] if line is not None else sum(paid),
            sum(g for at, g, _c in given if line is None or at == line),
            sum(paid), sum(g for _at, g, _c in given),
            freight, sum(c for _at, _g, c in given),
        )  # fmt: skip
        if goods + carriage <= limits.room(carriage):
            given.append((line, goods, carriage))
    assert sum(g + c for _at, g, c in given) <= sum(paid) + freight
    for line, most in enumerate(paid):
        assert sum(g for at, g, _c in given if at == line) <= most
