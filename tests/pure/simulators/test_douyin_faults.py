"""Each fault does what it says, when it says, and nothing after it is lifted."""

import http.client
import json
import time

import pytest
from simulators.douyin.errors import ControlError
from simulators.douyin.faults import BAD_ORDERS, CallFault, Faults

SEARCH, DETAIL, SHIP = "/order/searchList", "/order/orderDetail", "/order/logisticsAdd"


@pytest.fixture
def bought(sim, sku):
    """A paid order."""
    return sim.buy([{"sku_id": sku}])


def test_every_and_times():
    fault = CallFault("slow", every=3, times=2)
    assert [fault.fires("m") for _ in range(10)] == [False, False, True] * 2 + [False] * 4
    forever = CallFault("slow", method="a.b", times=None)
    assert [forever.fires(m) for m in ("a.b", "a.c", "a.b")] == [True, False, True]


def test_rate_limit_per_method(sim, client, bought):
    sim.faults.rate_limit(3, "order.orderDetail")
    params = {"shop_order_id": bought}
    codes = [client.call(DETAIL, params)["code"] for _ in range(5)]
    assert codes == [10000] * 3 + [60000] * 2
    assert client.refused(DETAIL, params) == (60000, "isp.traffic-limited:1")
    assert client.ids() == [bought]
    sim.faults.rate_limit(None, "order.orderDetail")
    assert client.detail(bought)


def test_rate_limit_window_slides(monkeypatch):
    faults, now = Faults(), [100.0]
    monkeypatch.setattr("simulators.douyin.faults.time.monotonic", lambda: now[0])
    faults.rate_limit(2)
    assert [faults.limited("m") for _ in range(3)] == [False, False, True]
    assert not faults.limited("other")
    now[0] = 100.9
    assert faults.limited("m")
    now[0] = 101.0
    assert [faults.limited("m") for _ in range(3)] == [False, False, True]


def test_a_limited_call_has_no_effect(sim, client, bought):
    sim.faults.rate_limit(0, "order.logisticsAdd")
    assert client.ship(bought)["code"] == 60000
    assert client.detail(bought)["order_status"] == 2


def test_server_error_every_second_call(sim, client, bought):
    sim.faults.add("server_error", "order.orderDetail", every=2, times=None)
    body = json.dumps({"shop_order_id": bought}).encode()
    statuses = [client.raw(DETAIL, body)[0] for _ in range(4)]
    assert statuses == [200, 502, 200, 502]
    sim.faults.clear()
    assert client.raw(DETAIL, body)[0] == 200


def test_server_error_happens_before_the_effect(sim, client, bought):
    sim.faults.add("server_error")
    with pytest.raises(AssertionError):
        client.ship(bought)
    assert sim.order(bought)["order_status"] == 2


def test_slow(sim, client, bought):
    sim.faults.add("slow", seconds=0.04)
    started = time.monotonic()
    client.detail(bought)
    assert time.monotonic() - started >= 0.04


@pytest.mark.parametrize(("kind", "status"), [("drop_after", 3), ("drop_before", 2)])
def test_dropped_connection(sim, client, bought, kind, status):
    sim.faults.add(kind, "order.logisticsAdd")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.ship(bought)
    assert sim.order(bought)["order_status"] == status
    client.connection.close()
    assert client.ship(bought)["code"] == 10000
    assert sim.books()["ledger_rows"]["ship"] == 1


def test_truncated_json(sim, client, bought):
    sim.faults.add("truncate", "order.orderDetail")
    body = json.dumps({"shop_order_id": bought}).encode()
    status, answer = client.raw(DETAIL, body)
    assert status == 200
    with pytest.raises(ValueError):
        json.loads(answer.decode(errors="replace"))
    assert client.detail(bought)["order_id"] == bought


def test_stale_read_once(sim, client, bought):
    sim.clock.advance(100)
    client.ship(bought)
    sim.faults.stale(bought)
    stale, fresh = client.detail(bought), client.detail(bought)
    assert (stale["order_status"], fresh["order_status"]) == (2, 3)
    assert stale["update_time"] < fresh["update_time"]
    sim.faults.stale(bought)
    assert client.search()["shop_order_list"][0]["order_status"] == 2
    assert client.search()["shop_order_list"][0]["order_status"] == 3


def test_page_that_changes_while_it_is_read(sim, client, sku):
    now = sim.clock.now()
    ids = [sim.buy([{"sku_id": sku}], at=now - 100 + i) for i in range(6)]
    sim.faults.add("shift_page", "order.searchList")
    window = {"update_time_start": now - 200, "size": 2}
    first = client.ids(page=0, **window)
    second = client.ids(page=1, **window)
    assert first == ids[:2]
    assert second == ids[3:5]  # ids[2] slipped onto page 0
    assert client.ids(page=0, **window) == [ids[1], ids[2]]
    assert client.detail(ids[0])["update_time"] > now - 100


def test_page_of_one_second_changes_too(sim, client, sku):
    now = sim.clock.set(sim.clock.now())
    ids = [sim.buy([{"sku_id": sku}]) for _ in range(4)]
    sim.faults.add("shift_page", "order.searchList")
    assert client.ids(page=0, size=2) == ids[:2]
    assert client.ids(page=1, size=2) == [ids[3], ids[0]]
    assert client.detail(ids[0])["update_time"] == now + 1


def test_unknown_faults(sim, bought):
    with pytest.raises(ControlError):
        sim.faults.add("earthquake")
    with pytest.raises(ControlError):
        sim.faults.add("slow", every=0)
    with pytest.raises(ControlError):
        sim.bad_order(bought, "ugly")


# -- bad data ---------------------------------------------------------------------------------


def spoilt(client, order_id):
    """Return the spoilt order read from list and detail, which must agree apart from ciphers."""
    _status, body = client.raw(DETAIL, json.dumps({"shop_order_id": order_id}).encode())
    listed = client.search()["shop_order_list"][0]
    order = json.loads(body)["data"]["shop_order_detail"]
    assert set(order) == set(listed)
    return order, body


def test_unknown_sku(sim, client, bought, sku):
    sim.bad_order(bought, "unknown_sku")
    line = spoilt(client, bought)[0]["sku_order_list"][0]
    assert line["sku_id"] != sku
    assert line["code"].startswith("UNKNOWN")


@pytest.mark.parametrize(("kind", "number"), [("quantity_zero", 0), ("quantity_huge", 10**9)])
def test_quantities(sim, client, bought, kind, number):
    sim.bad_order(bought, kind)
    assert spoilt(client, bought)[0]["sku_order_list"][0]["item_num"] == number


def test_amounts_that_do_not_add_up(sim, client, bought):
    sim.bad_order(bought, "amounts")
    order = spoilt(client, bought)[0]
    line = order["sku_order_list"][0]
    assert order["pay_amount"] != line["pay_amount"] + order["post_amount"]
    assert line["sum_amount"] != line["origin_amount"] * line["item_num"]


def test_negative_and_decimal_amounts(sim, client, bought):
    sim.bad_order(bought, "negative_amount")
    assert spoilt(client, bought)[0]["sku_order_list"][0]["pay_amount"] < 0
    sim.bad_order(bought, "decimal_amounts")
    assert spoilt(client, bought)[0]["pay_amount"] == 19.9


def test_ids_as_numbers(sim, client, bought):
    sim.bad_order(bought, "ids_as_numbers")
    order, body = spoilt(client, bought)
    assert order["order_id"] == int(bought)
    assert f'"order_id":{bought},'.encode() in body


def test_control_characters_travel_escaped(sim, client, bought):
    sim.bad_order(bought, "control_characters")
    order, body = spoilt(client, bought)
    assert "\u0000" in order["mask_post_receiver"]
    assert "🎁" in order["buyer_words"]
    assert b"\\u0000" in body
    assert b"\0" not in body


def test_lone_surrogate_travels_escaped(sim, client, bought):
    sim.bad_order(bought, "lone_surrogate")
    order, body = spoilt(client, bought)
    assert order["buyer_words"] == "断\ud83d"
    assert b"\\ud83d" in body


def test_missing_null_and_no_lines(sim, client, bought):
    sim.bad_order(bought, "missing_fields")
    order = spoilt(client, bought)[0]
    assert "pay_amount" not in order and "item_num" not in order["sku_order_list"][0]
    sim.bad_order(bought, "null_fields")
    assert spoilt(client, bought)[0]["post_addr"] is None
    sim.bad_order(bought, "no_lines")
    assert spoilt(client, bought)[0]["sku_order_list"] == []


@pytest.mark.parametrize("kind", sorted(BAD_ORDERS))
def test_bad_orders_leave_the_books_right_and_heal(sim, client, sku, kind):
    now = sim.clock.set(sim.clock.now())
    order_id = sim.buy([{"sku_id": sku}], bad=kind)
    assert sim.books()["orders"][0]["bad"] == kind
    assert sim.books()["totals"]["owed_fen"] == 1990
    sim.clock.advance(60)
    sim.bad_order(order_id, "")
    healed = client.detail(order_id)
    assert healed["update_time"] == now + 60
    assert healed["sku_order_list"][0]["item_num"] == 1
    assert healed["pay_amount"] == 1990
