"""Refunds before shipment: what the buyer, the merchant and the platform may do."""

import time

import pytest
from simulators.douyin.errors import ControlError

T0 = int(time.time()) + 1000  # later than anything the fixtures did

OPERATE = "/afterSale/operate"
AGREE, REFUSE = 201, 202


def operate(aftersale_id, kind=AGREE, **fields):
    return {"type": kind, "items": [{"aftersale_id": aftersale_id, **fields}]}


@pytest.fixture
def bought(sim, two_lines):
    """An order of two lines with freight: 1990 + 2 x 2991 + 600."""
    return sim.buy(two_lines, freight_fen=600)


def lines_of(sim, order_id):
    return [line["order_id"] for line in sim.order(order_id)["sku_order_list"]]


def test_an_application_shows_in_list_and_order(sim, client, bought):
    sim.clock.set(T0)
    line_id = lines_of(sim, bought)[1]
    aftersale_id = sim.apply_refund(line_id, reason_code=5)
    item = client.aftersales()["items"][0]
    assert (
        item["aftersale_info"]
        | {
            "aftersale_id": aftersale_id,
            "related_id": line_id,
            "aftersale_status": 6,
            "aftersale_type": 2,
            "refund_status": 1,
            "refund_amount": 5982,
            "refund_post_amount": 0,
            "aftersale_num": 2,
            "reason_code": 5,
            "apply_time": T0,
            "update_time": T0,
            "status_deadline": T0 + 48 * 3600,
        }
        == item["aftersale_info"]
    )
    assert item["order_info"]["shop_order_id"] == bought
    related = item["order_info"]["related_order_info"]
    assert [x["sku_order_id"] for x in related] == [line_id]
    order = client.detail(bought)
    assert order["order_status"] == 2
    assert [x["after_sale_info"]["after_sale_status"] for x in order["sku_order_list"]] == [0, 6]


def test_refund_of_one_line_then_of_the_other(sim, client, bought):
    first, second = lines_of(sim, bought)
    client.data(OPERATE, operate(sim.apply_refund(first)))
    order = client.detail(bought)
    assert order["order_status"] == 2
    refunded = order["sku_order_list"][0]
    assert (refunded["order_status"], refunded["main_status"]) == (4, 21)
    assert refunded["after_sale_info"] == {
        "after_sale_status": 12,
        "after_sale_type": 2,
        "refund_status": 3,
    }
    books = sim.books()["orders"][0]
    assert books["owed_by_line"] == {first: 0, second: 5982}
    assert (books["owed_fen"], books["freight_fen"], books["refunded_fen"]) == (6582, 600, 1990)

    client.data(OPERATE, operate(sim.apply_refund(second)))
    order = client.detail(bought)
    assert (order["order_status"], order["main_status"]) == (4, 21)
    books = sim.books()["orders"][0]
    assert books["owed_by_line"] == {first: 0, second: 0}
    assert (books["owed_fen"], books["freight_fen"], books["refunded_fen"]) == (0, 0, 8572)
    posts = [x["aftersale_info"]["refund_post_amount"] for x in client.aftersales()["items"]]
    assert sorted(posts) == [0, 600]


def test_both_lines_at_once_give_the_freight_back_once(sim, client, bought):
    for aftersale_id in sim.refund_order(bought):
        sim.agree_refund(aftersale_id)
    assert sim.books()["totals"]["owed_fen"] == 0
    posts = [x["aftersale_info"]["refund_post_amount"] for x in client.aftersales()["items"]]
    assert sorted(posts) == [0, 600]


def test_fast_refund_needs_no_merchant(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku}], risk=True)
    sim.apply_refund(order_id, fast=True)
    order = client.detail(order_id)
    assert (order["order_status"], order["main_status"]) == (4, 21)
    assert client.ids(abnormal_order=2) == []
    assert sim.books()["totals"]["owed_fen"] == 0


def test_close_keeps_refund_status_one(sim, client, bought):
    aftersale_id = sim.apply_refund(lines_of(sim, bought)[0])
    sim.close_refund(aftersale_id)
    info = client.aftersales()["items"][0]["aftersale_info"]
    assert (info["aftersale_status"], info["refund_status"]) == (28, 1)
    assert client.detail(bought)["sku_order_list"][0]["after_sale_info"] == {
        "after_sale_status": 28,
        "after_sale_type": 2,
        "refund_status": 1,
    }
    assert sim.books()["totals"]["refunded_fen"] == 0
    assert client.ship(bought)["code"] == 10000


def test_refuse_by_the_merchant(sim, client, bought):
    aftersale_id = sim.apply_refund(lines_of(sim, bought)[0])
    client.data(OPERATE, operate(aftersale_id, REFUSE))
    info = client.aftersales()["items"][0]["aftersale_info"]
    assert (info["aftersale_status"], info["refund_status"]) == (27, 4)
    assert sim.books()["totals"]["refunded_fen"] == 0


def test_every_change_bumps_both_update_times(sim, client, bought):
    sim.clock.set(T0)
    aftersale_id = sim.apply_refund(lines_of(sim, bought)[0])
    sim.clock.advance(60)
    sim.agree_refund(aftersale_id)
    assert client.detail(bought)["update_time"] == T0 + 60
    assert client.aftersales()["items"][0]["aftersale_info"]["update_time"] == T0 + 60


def test_version_check(sim, client, bought):
    aftersale_id = sim.apply_refund(lines_of(sim, bought)[0])
    seen = client.aftersales()["items"][0]["aftersale_info"]["update_time"]
    sim.modify_refund(aftersale_id, reason_code=9)
    refused = client.refused(OPERATE, operate(aftersale_id, update_time=seen))
    assert refused == (50002, "isv.business-failed:11005")
    assert sim.books()["totals"]["refunded_fen"] == 0
    info = client.aftersales()["items"][0]["aftersale_info"]
    assert info["reason_code"] == 9
    client.data(OPERATE, operate(aftersale_id, update_time=info["update_time"]))
    assert sim.books()["totals"]["refunded_fen"] == 1990


def test_operate_refusals(sim, client, bought):
    aftersale_id = sim.apply_refund(lines_of(sim, bought)[0])
    status = (50002, "isv.business-failed:20309541")
    bad = (40004, "isv.parameter-invalid:11000")
    assert client.refused(OPERATE, operate("71")) == (20000, "isp.service-error:10000")
    assert client.refused(OPERATE, operate(aftersale_id, 999)) == bad
    assert client.refused(OPERATE, {"type": AGREE, "items": []}) == bad
    many = {"type": AGREE, "items": [{"aftersale_id": aftersale_id}] * 21}
    assert client.refused(OPERATE, many) == bad
    client.data(OPERATE, operate(aftersale_id))
    assert client.refused(OPERATE, operate(aftersale_id)) == status


def test_operate_is_all_or_nothing(sim, client, bought):
    aftersale_id = sim.apply_refund(lines_of(sim, bought)[0])
    items = [{"aftersale_id": aftersale_id}, {"aftersale_id": "71"}]
    client.refused(OPERATE, {"type": AGREE, "items": items})
    assert client.aftersales()["items"][0]["aftersale_info"]["aftersale_status"] == 6
    assert sim.books()["totals"]["refunded_fen"] == 0


def test_what_buyers_cannot_do(sim, client, bought, sku):
    first, second = lines_of(sim, bought)
    sim.apply_refund(first)
    unpaid = sim.buy([{"sku_id": sku}], paid=False)
    shipped = sim.buy([{"sku_id": sku}])
    client.ship(shipped)
    for line_id in (first, unpaid, shipped, "69"):
        with pytest.raises(ControlError):
            sim.apply_refund(line_id)
    closed = sim.apply_refund(second)
    sim.close_refund(closed)
    for act in (sim.close_refund, sim.agree_refund, sim.refuse_refund):
        with pytest.raises(ControlError):
            act(closed)


def test_a_line_may_be_applied_again_after_closing(sim, client, bought):
    line_id = lines_of(sim, bought)[0]
    sim.close_refund(sim.apply_refund(line_id))
    sim.apply_refund(line_id, fast=True)
    statuses = [x["aftersale_info"]["aftersale_status"] for x in client.aftersales()["items"]]
    assert sorted(statuses) == [12, 28]


def test_two_successful_refunds_of_one_line_count_once(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku}], freight_fen=600)
    sim.apply_refund(order_id, fast=True)
    sim.apply_refund(order_id, again=True, fast=True)
    items = client.aftersales()["items"]
    assert [x["aftersale_info"]["aftersale_status"] for x in items] == [12, 12]
    assert sim.books()["totals"]["refunded_fen"] == 2590


def test_a_refund_of_an_unknown_order(sim, client, bought):
    sim.orphan_refund("6900000000000000001")
    item = client.aftersales()["items"][0]
    assert item["order_info"]["shop_order_id"] == "6900000000000000001"
    assert item["order_info"]["related_order_info"] == []
    with pytest.raises(ControlError):
        sim.orphan_refund(bought)


# -- afterSale.List ---------------------------------------------------------------------------


@pytest.fixture
def three(sim, sku):
    """Three applications ten seconds apart, the first changed last."""
    sim.clock.set(T0)
    made = []
    for _ in range(3):
        made.append(sim.apply_refund(sim.buy([{"sku_id": sku}])))
        sim.clock.advance(10)
    sim.close_refund(made[0])
    return made


def ids(data):
    return [item["aftersale_info"]["aftersale_id"] for item in data["items"]]


@pytest.mark.parametrize("order_by", ["update_time asc", ["update_time asc"]])
def test_list_by_update_time(client, three, order_by):
    data = client.aftersales(order_by=order_by)
    assert ids(data) == [three[1], three[2], three[0]]


def test_list_windows(client, three):
    window = {"update_start_time": T0 + 10, "update_end_time": T0 + 20}
    assert sorted(ids(client.aftersales(**window))) == three[1:]
    assert ids(client.aftersales(start_time=T0, end_time=T0 + 9)) == three[:1]


def test_list_filters(client, three):
    assert ids(client.aftersales(standard_aftersale_status=[28])) == three[:1]
    assert ids(client.aftersales(standard_aftersale_status="12,28")) == three[:1]
    assert ids(client.aftersales(aftersale_id=three[1])) == [three[1]]
    assert client.aftersales(aftersale_type=0)["total"] == 0
    assert client.aftersales(aftersale_type=2)["total"] == 3


def test_list_pages(client, three):
    by = {"order_by": "apply_time asc", "size": 2}
    first, second = client.aftersales(**by), client.aftersales(**by, page=1)
    assert (ids(first), first["has_more"]) == (three[:2], True)
    assert (ids(second), second["has_more"]) == (three[2:], False)
    assert client.aftersales(size=3)["has_more"] is False


@pytest.mark.parametrize(
    "params",
    [
        {"page": -1},
        {"size": 0},
        {"size": 101},
        {"page": 500},
        {"order_by": "refund_amount asc"},
        {"order_by": "update_time"},
        {"standard_aftersale_status": "x"},
        {"update_start_time": "x"},
    ],
)
def test_list_refusals(client, params):
    refused = client.refused("/afterSale/List", {"page": 0, "size": 100, **params})
    assert refused == (40004, "isv.parameter-invalid:11000")
