"""order.searchList: windows, pages, order, filters and refusals."""

import time

import pytest

NOW = int(time.time()) // 10 * 10


@pytest.fixture
def five(sim, sku):
    """Five orders ten seconds apart, the last at NOW."""
    return [sim.buy([{"sku_id": sku}], at=NOW - 40 + 10 * i) for i in range(5)]


def test_update_window_includes_both_ends(client, five):
    assert client.ids(update_time_start=NOW - 30, update_time_end=NOW - 10) == five[1:4]
    assert client.ids(update_time_start=NOW - 29, update_time_end=NOW - 11) == five[2:3]


def test_create_window_is_another_than_the_update_window(sim, client, five):
    sim.touch(five[0])
    assert client.ids(update_time_start=NOW - 35)[-1] == five[0]
    assert client.ids(update_time_start=None, create_time_start=NOW - 35) == five[1:]
    both = {"create_time_start": NOW - 40, "create_time_end": NOW - 40}
    assert client.ids(update_time_start=NOW - 35, **both) == [five[0]]


def test_pages_cover_everything_once(client, five):
    pages = [client.ids(page=page, size=2) for page in range(4)]
    assert pages == [five[:2], five[2:4], five[4:], []]
    data = client.search(page=1, size=2)
    assert (data["page"], data["size"], data["total"]) == (1, 2, 5)


def test_orders_of_one_second_have_a_stable_order(sim, client, sku):
    ids = [sim.buy([{"sku_id": sku}], at=NOW) for _ in range(7)]
    assert [x for page in range(4) for x in client.ids(page=page, size=2)] == ids


def test_default_order_is_newest_created_first(sim, client, five):
    params = {"page": 0, "size": 100, "update_time_start": NOW - 100}
    answer = client.data("/order/searchList", params)
    assert [order["order_id"] for order in answer["shop_order_list"]] == five[::-1]
    sim.touch(five[0])
    answer = client.data("/order/searchList", {**params, "order_by": "update_time"})
    assert answer["shop_order_list"][0]["order_id"] == five[0]


def test_combine_status(sim, client, five, sku):
    unpaid = sim.buy([{"sku_id": sku}], paid=False)
    risky = sim.buy([{"sku_id": sku}], risk=True)
    sim.refund_order(five[0], fast=True)
    assert client.ids(combine_status=[{"order_status": "2"}]) == five[1:]
    assert client.ids(combine_status=[{"order_status": "1,105"}]) == [unpaid, risky]
    assert client.ids(combine_status=[{"main_status": "21"}]) == [five[0]]


def test_after_sale_filter(sim, client, five):
    opened, closed, done = (sim.apply_refund(order_id) for order_id in five[:3])
    sim.close_refund(closed)
    sim.agree_refund(done)

    def found(name):
        return set(client.ids(after_sale_status_desc=name))

    assert opened
    assert found("in_aftersale") == {five[0]}
    assert found("aftersale_close") == {five[1]}
    assert found("refund_success") == {five[2]}
    assert found("all") == set(five)


def test_tracking_number_filter(client, five):
    client.ship(five[1], "SF9000000009")
    assert client.ids(tracking_no="SF9000000009") == [five[1]]


@pytest.mark.parametrize("name", ["presell_type", "trade_type", "order_type", "fulfil_status"])
def test_kinds_that_do_not_exist_here(client, five, name):
    assert client.ids(**{name: 0}) == five
    assert client.ids(**{name: 1}) == []


@pytest.mark.parametrize(
    ("params", "number"),
    [
        ({"update_time_start": None}, "20011"),
        ({"update_time_start": None, "update_time_end": NOW}, "20011"),
        ({"update_time_start": NOW, "update_time_end": NOW - 1}, "20048"),
        ({"create_time_start": NOW - 91 * 86400}, "20022"),
        ({"page": -1}, "10035"),
        ({"size": 101}, "20008"),
        ({"size": 0}, "20008"),
        ({"page": 500}, "20013"),
        ({"combine_status": [{"order_status": "2"}, {"order_status": "3"}]}, "20012"),
        ({"combine_status": "2"}, "20012"),
        ({"combine_status": [{"order_status": "x"}]}, "11000"),
        ({"order_by": "pay_time"}, "11000"),
        ({"after_sale_status_desc": "x"}, "11000"),
        ({"page": "first"}, "11000"),
        ({"size": None}, "11000"),
        ({"update_time_start": 1.5}, "11000"),
    ],
)
def test_refusals(client, params, number):
    base = {"update_time_start": NOW - 100, "page": 0, "size": 100}
    given = {name: value for name, value in {**base, **params}.items() if value is not None}
    code, sub_code = client.refused("/order/searchList", given)
    assert (code, sub_code) == (40004, f"isv.parameter-invalid:{number}")


def test_only_ninety_days_are_found(sim, client, sku):
    old = sim.buy([{"sku_id": sku}], at=NOW - 91 * 86400)
    sim.touch(old)
    assert client.ids() == []
    assert client.detail(old)["order_id"] == old


def test_digits_in_text_are_numbers(client, five):
    assert client.ids(page="0", size="2") == five[:2]


def test_detail_refusals(client):
    path = "/order/orderDetail"
    assert client.refused(path, {}) == (40002, "isv.missing-parameter:20000")
    unknown = client.refused(path, {"shop_order_id": "6900000000000000000"})
    assert unknown == (40004, "isv.parameter-invalid:20001")
