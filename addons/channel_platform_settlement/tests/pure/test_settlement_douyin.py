"""Rows and pages of the call, by hand; with the simulator in tests/pure/simulators."""

import pytest
from channel_intake.core.errors import BadAnswer, Refused
from channel_platform_settlement.core.douyin import pages, read_row
from channel_platform_settlement.core.settlement import Kind
from hypothesis import given
from hypothesis import strategies as st

START, END = 1_795_000_000, 1_795_086_399


def told(**changes):
    """A row with amounts as in a public fixture: 109.00, 11.98 taken, 97.02 paid out."""
    row = {
        "settle_time": "2026-11-20 10:00:00", "request_no": "7001", "shop_order_id": "692001",
        "order_id": "6920011", "trade_type": 0, "real_pay_amount": 10900, "total_income": 10900,
        "platform_service_fee": 545, "commission": 653, "total_outcome": 1198,
        "settle_amount": 9702, "remark": "", "flow_type_desc": "精选联盟", "product_id": 3600,
    }  # fmt: skip
    return row | changes


def test_a_row():
    row = read_row(told(new_field="x"))
    assert (row.number, row.order_ref, row.line_ref) == ("7001", "692001", "6920011")
    assert (row.income, row.platform_fee, row.commission, row.amount) == (10900, 545, 653, 9702)
    assert row.extra == {"new_field": "x"}


def test_the_other_sign():
    row = told(total_outcome=-1198, platform_service_fee=-545, commission=-653)
    assert read_row(row) == read_row(told())


def test_a_refund_after_settlement():
    row = read_row(
        told(trade_type=1, real_pay_amount=0, total_income=0, total_outcome=800,
             platform_service_fee=0, commission=0, settle_amount=-800)
    )  # fmt: skip
    assert (row.kind, row.refunded, row.fees) == (Kind.REFUND, -800, 0)


def test_what_is_told_under_other_sharing_gets_its_name():
    row = read_row(told(other_sharing_amount=100, total_outcome=1298, settle_amount=9602,
                        remark="运费险"))  # fmt: skip
    assert (row.freight_insurance, row.other_sharing, row.fees) == (100, 0, 1298)


@pytest.mark.parametrize(
    "changes",
    [
        {"settle_amount": 9703}, {"settle_amount": "x"}, {"settle_amount": None},
        {"settle_time": "soon"}, {"trade_type": None}, {"total_income": 1.5},
        {"shop_order_id": "", "order_id": "", "request_no": ""},
    ],
)  # fmt: skip
def test_a_bad_row_stops_the_reading(changes):
    with pytest.raises(BadAnswer):
        read_row(told(**changes))
    with pytest.raises(BadAnswer):
        read_row("row")


def answer(rows=(), is_end=1, **changes):
    return {"code": 100000, "data": list(rows), "is_end": is_end} | changes


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (None, BadAnswer),
        ({"code": 4, "code_msg": "no"}, Refused),
        (answer(is_end=0), BadAnswer),
        (answer(is_end=0, next_start_index="1"), BadAnswer),
        ({"code": 100000, "is_end": 0}, BadAnswer),
        (answer(is_end=0, next_start_index="1", next_start_time="2026-11-20 10:00:00"), BadAnswer),
    ],
)
def test_a_bad_page_stops_the_reading(data, error):
    with pytest.raises(error):
        list(pages(lambda _params: data, START, END))


def test_a_cursor_that_stands_still_is_asked_twice_at_most():
    asked = []
    stuck = answer(is_end=0, next_start_index="1", next_start_time="2026-11-20 10:00:00")
    with pytest.raises(BadAnswer, match="does not move"):
        list(pages(lambda params: asked.append(params) or stuck, START, END))
    assert len(asked) == 2


def test_nothing_was_settled():
    assert list(pages(lambda _params: {"code": 100000, "is_end": 1}, START, END)) == [()]


@given(st.lists(st.integers(0, 3), max_size=5))
def test_both_cursors_go_along(sizes):
    asked = []

    def ask(params):
        asked.append((params["start_index"], params["start_time"]))
        at = len(asked)
        cursor = {"next_start_index": f"i{at}", "next_start_time": f"2026-11-20 10:00:{at:02d}"}
        return answer([told()] * sizes[at - 1], int(at == len(sizes)), **cursor)

    if not sizes:
        return
    assert [len(page) for page in pages(ask, START, END)] == sizes
    expected = [(f"i{at}", f"2026-11-20 10:00:{at:02d}") for at in range(1, len(sizes))]
    assert asked[1:] == expected
