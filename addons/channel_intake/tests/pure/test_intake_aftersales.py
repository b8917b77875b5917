"""Doudian's after-sales."""

import pytest
from channel_intake.core.errors import Malformed
from channel_intake.core.platforms.douyin.aftersales import parse_aftersale, raw_aftersale
from channel_intake.core.snapshots import AfterSaleKind, AfterSaleStatus
from samples import AFTERSALE, aftersale, text


def test_a_whole_after_sale_is_read():
    snapshot = parse_aftersale(text(AFTERSALE))
    assert snapshot.aftersale_ref == "7179800000000000001"
    assert (snapshot.order_ref, snapshot.line_ref) == (
        "6979800000000017919",
        "6979800000000017920",
    )
    assert snapshot.kind is AfterSaleKind.REFUND_BEFORE_SHIP
    assert snapshot.status is AfterSaleStatus.APPLIED
    assert (snapshot.amount, snapshot.freight, snapshot.reason) == (4200, 600, "不想要了")
    assert (snapshot.items, snapshot.deadline) == (1, 1795492231)
    assert (snapshot.applied_at, snapshot.updated_at) == (1795319430, 1795319431)


@pytest.mark.parametrize(
    ("code", "status"),
    [(6, "applied"), (7, "agreed"), (8, "agreed"), (11, "returned"), (13, "replaced"),
     (12, "succeeded"), (14, "succeeded"),
     (27, "refused"), (29, "refused"), (28, "closed")],
)  # fmt: skip
def test_status(code, status):
    assert parse_aftersale(text(aftersale(aftersale_status=code))).status == status


@pytest.mark.parametrize(
    ("code", "kind"),
    [(0, "return"), (1, "refund_only"), (2, "refund_before_ship"), (3, "exchange"),
     (6, "price"), (7, "resend"), (8, "repair")],
)  # fmt: skip
def test_kind(code, kind):
    assert parse_aftersale(text(aftersale(aftersale_type=code))).kind == kind


def test_an_after_sale_of_the_whole_order_names_no_line():
    made = aftersale(aftersale_order_type=2, related_id="6979800000000017919")
    assert parse_aftersale(text(made)).line_ref == ""


def test_ids_as_numbers_stay_exact():
    made = aftersale(aftersale_id=7179800000000000001, related_id=6979800000000017921)
    snapshot = parse_aftersale(text(made))
    assert snapshot.aftersale_ref == "7179800000000000001"
    assert snapshot.line_ref == "6979800000000017921"


@pytest.mark.parametrize(
    "changes",
    [
        {"aftersale_id": None},
        {"aftersale_type": 99},
        {"aftersale_status": "x"},
        {"update_time": 0},
        {"refund_amount": -1},
        {"refund_amount": "12.5"},
    ],
)
def test_what_cannot_be_an_after_sale_is_stopped(changes):
    with pytest.raises(Malformed):
        parse_aftersale(text(aftersale(**changes)))


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"aftersale_info": 3}'])
def test_broken_messages_are_stopped(body):
    with pytest.raises(Malformed):
        parse_aftersale(body)


def test_without_an_order_it_is_stopped():
    made = aftersale()
    del made["order_info"]
    with pytest.raises(Malformed, match="shop_order_id"):
        parse_aftersale(text(made))


@pytest.mark.parametrize("item", [None, [], {"aftersale_info": []}])
def test_an_unreadable_row_is_still_kept(item):
    assert raw_aftersale(item, 9).updated_at == 9


def test_goods_on_their_way_back():
    made = aftersale(
        return_logistics_company_code="yuantong", return_logistics_code="YT1",
        order_logistics_state=3,
    )  # fmt: skip
    snapshot = parse_aftersale(text(made))
    assert (snapshot.return_company, snapshot.return_waybill) == ("yuantong", "YT1")
    assert snapshot.parcel_fate == "stopped"


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"aftersale_num": "x"}, "items", 0),
        ({"aftersale_num": -1}, "items", 0),
        ({"aftersale_num": 2**31}, "items", 0),
        ({"aftersale_num": "2"}, "items", 2),
        ({"status_deadline": 0}, "deadline", None),
        ({"status_deadline": "soon"}, "deadline", None),
        ({"order_logistics_state": 9}, "parcel_fate", ""),
        ({"return_logistics_code": None}, "return_waybill", ""),
    ],
)
def test_what_is_odd_about_goods_and_deadlines_stops_no_after_sale(changes, name, value):
    assert getattr(parse_aftersale(text(aftersale(**changes))), name) == value
