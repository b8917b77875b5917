"""order.logisticsAdd: every refusal, and repeating it."""

import pytest

OTHER = {"name": "李四", "phone": "13900139000", "detail": "中山路2号", "region": 3}


@pytest.fixture
def bought(sim, sku):
    """A paid order."""
    return sim.buy([{"sku_id": sku}])


def sub_code(answer):
    return answer["sub_code"].rpartition(":")[2]


def test_shipping_shows_the_parcel(sim, client, bought):
    assert client.ship(bought)["data"] == {}
    order = client.detail(bought)
    assert order["order_status"] == order["sku_order_list"][0]["order_status"] == 3
    parcel = order["logistics_info"][0]
    assert (parcel["tracking_no"], parcel["company"]) == ("SF1000000001", "shunfeng")
    assert [x["sku_order_id"] for x in parcel["product_info"]] == [bought]
    assert sim.books()["orders"][0]["shipped_waybill"] == "SF1000000001"
    totals = sim.books()["totals"]
    assert (totals["shipped_orders"], totals["shipped_owed_fen"]) == (1, 1990)


def test_the_same_waybill_again_changes_nothing(sim, client, bought):
    client.ship(bought)
    before = sim.order(bought)["update_time"]
    sim.clock.advance(5)
    assert client.ship(bought)["code"] == 10000
    assert sim.order(bought)["update_time"] == before
    assert sim.books()["ledger_rows"]["ship"] == 1


def test_the_same_waybill_again_after_completion(sim, client, bought):
    client.ship(bought)
    sim.complete(bought)
    assert client.ship(bought)["code"] == 10000
    assert sub_code(client.ship(bought, "SF2000000002")) == "60113"


def test_another_waybill_for_a_shipped_order(sim, client, bought):
    client.ship(bought)
    assert sub_code(client.ship(bought, "SF2000000002")) == "60110"
    assert sub_code(client.ship(bought, company="yuantong")) == "60110"
    assert sim.books()["orders"][0]["shipped_waybill"] == "SF1000000001"


@pytest.mark.parametrize(
    ("paid", "risk", "expected"), [(False, False, "60019"), (True, True, "60109")]
)
def test_orders_not_ready(sim, client, sku, paid, risk, expected):
    order_id = sim.buy([{"sku_id": sku}], paid=paid, risk=risk)
    assert sub_code(client.ship(order_id)) == expected
    assert sim.books()["totals"]["shipped_orders"] == 0


def test_cancelled_and_refunded_orders(sim, client, bought, sku):
    unpaid = sim.buy([{"sku_id": sku}], paid=False)
    sim.cancel(unpaid)
    sim.apply_refund(bought, fast=True)
    assert sub_code(client.ship(unpaid)) == "60021"
    assert sub_code(client.ship(bought)) == "60068"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"order_id": ""}, "50049"),
        ({"order_id": "6900000000000000000"}, "60033"),
        ({"company_code": ""}, "60011"),
        ({"company_code": "owl"}, "60018"),
        ({"logistics_code": ""}, "60017"),
        ({"logistics_code": "SF 1"}, "60017"),
        ({"logistics_code": 123456789}, "60017"),
    ],
)
def test_bad_parameters(client, bought, params, expected):
    good = {"order_id": bought, "company_code": "shunfeng", "logistics_code": "SF1000000001"}
    answer = client.call("/order/logisticsAdd", {**good, **params})
    assert (answer["data"], sub_code(answer)) == (None, expected)


def test_refund_pending_stops_shipping(sim, client, bought):
    sim.apply_refund(bought)
    assert sub_code(client.ship(bought)) == "60040"
    assert client.detail(bought)["order_status"] == 2


@pytest.mark.parametrize("name", ["is_reject_refund", "is_refund_reject"])
def test_reject_the_refund_and_ship(sim, client, bought, name):
    sim.apply_refund(bought)
    assert client.ship(bought, **{name: True})["code"] == 10000
    assert client.aftersales()["items"][0]["aftersale_info"]["aftersale_status"] == 27
    assert client.detail(bought)["order_status"] == 3


def test_a_refused_shipment_refuses_no_refund(sim, client, sku, bought):
    other = sim.buy([{"sku_id": sku}], OTHER)
    client.ship(other, "SF7000000007")
    sim.apply_refund(bought)
    assert sub_code(client.ship(bought, "SF7000000007", is_reject_refund=True)) == "70022"
    assert client.aftersales()["items"][0]["aftersale_info"]["aftersale_status"] == 6


def test_what_is_left_of_an_order_ships(sim, client, two_lines):
    order_id = sim.buy(two_lines)
    first, second = (line["order_id"] for line in sim.order(order_id)["sku_order_list"])
    sim.apply_refund(first, fast=True)
    assert client.ship(order_id)["code"] == 10000
    order = client.detail(order_id)
    assert [line["order_status"] for line in order["sku_order_list"]] == [4, 3]
    assert [x["sku_order_id"] for x in order["logistics_info"][0]["product_info"]] == [second]
    assert sim.books()["totals"]["shipped_owed_fen"] == 2 * 2991


def test_one_parcel_for_one_receiver(sim, client, sku, bought):
    same = sim.buy([{"sku_id": sku}])
    other = sim.buy([{"sku_id": sku}], OTHER)
    assert client.ship(bought)["code"] == 10000
    assert client.ship(same)["code"] == 10000
    assert sub_code(client.ship(other)) == "70022"
