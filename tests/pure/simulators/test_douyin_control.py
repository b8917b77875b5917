"""The control API, the clock, the request log, and the speed the stories need."""

import http.client
import json
import time

import pytest

T0 = int(time.time()) + 1000  # later than anything the fixtures did


@pytest.fixture
def control(sim):
    """Call the control API; returns HTTP status and answer."""
    connection = http.client.HTTPConnection(sim.url.removeprefix("http://"), timeout=10)

    def call(verb, path, body=None):
        text = None if body is None else json.dumps(body)
        connection.request(verb, path, text)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    yield call
    connection.close()


def result(answer):
    status, content = answer
    assert (status, content["ok"]) == (200, True), answer
    return content["result"]


def test_a_whole_story_over_http(control, client, sku):
    line = {"sku_id": sku, "num": 2}
    order_id = result(control("POST", "/_sim/buy", {"lines": [line], "paid": False}))
    result(control("POST", "/_sim/pay", {"order_id": order_id, "risk": True}))
    result(control("POST", "/_sim/release_risk", {"order_id": order_id}))
    receiver = {"name": "李四", "phone": "13900139000", "detail": "路2号", "region": 3}
    result(control("POST", "/_sim/change_address", {"order_id": order_id, "receiver": receiver}))
    aftersale = result(control("POST", "/_sim/apply_refund", {"line_id": order_id}))
    result(control("POST", "/_sim/close_refund", {"aftersale_id": aftersale}))
    assert client.ship(order_id)["code"] == 10000
    result(control("POST", "/_sim/complete", {"order_id": order_id}))
    books = result(control("GET", "/_sim/books"))
    assert books["totals"]["shipped_owed_fen"] == 3980
    assert result(control("GET", "/_sim/order_ids?status=5")) == [order_id]
    assert result(control("GET", f"/_sim/order?order_id={order_id}"))["order_status"] == 5
    some = result(control("POST", "/_sim/books", {"order_ids": []}))
    assert some["totals"]["orders"] == 0


def test_faults_over_http(control, client, sim, sku):
    order_id = sim.buy([{"sku_id": sku}])
    result(control("POST", "/_sim/faults/rate_limit", {"per_second": 0}))
    assert client.call("/order/orderDetail", {"shop_order_id": order_id})["code"] == 60000
    result(control("POST", "/_sim/faults/clear", {}))
    assert client.detail(order_id)


def test_errors_of_the_story(control, sku):
    assert control("POST", "/_sim/pay", {"order_id": "1"})[0] == 409
    assert control("POST", "/_sim/buy", {"lines": [{"sku_id": sku, "num": 0}]})[0] == 409
    assert control("POST", "/_sim/buy", {"line": []})[0] == 400
    assert control("POST", "/_sim/nothing", {})[0] == 404
    assert control("GET", "/_sim/buy")[0] == 404
    assert control("GET", "/_sim/ready") == (200, {"ok": True, "result": True})


def test_clock(control, sim):
    assert abs(result(control("GET", "/_sim/clock")) - time.time()) < 2
    assert result(control("POST", "/_sim/clock/advance", {"seconds": 500})) - time.time() > 495
    assert result(control("POST", "/_sim/clock/set", {"at": T0})) == T0
    assert result(control("POST", "/_sim/clock/advance", {"seconds": 5})) == T0 + 5
    assert sim.clock.now() == T0 + 5
    assert abs(result(control("POST", "/_sim/clock/real", {})) - time.time()) < 2


def test_request_log(control, client, sim, sku):
    order_id = sim.buy([{"sku_id": sku}])
    client.ids()
    client.ship("69")
    sim.faults.add("truncate")
    client.raw("/order/orderDetail", json.dumps({"shop_order_id": order_id}).encode())
    rows = result(control("GET", "/_sim/requests?limit=3"))
    outcomes = [(x["method"], x["http"], x["code"], x["sub_code"], x["fault"]) for x in rows]
    assert outcomes == [
        ("order.orderDetail", 200, 10000, "", "truncate"),
        ("order.logisticsAdd", 200, 40004, "isv.parameter-invalid:60033", ""),
        ("order.searchList", 200, 10000, "", ""),
    ]
    assert len(sim.requests()) == 4  # with the token of the fixture


def test_two_thousand_orders_and_their_pages_are_cheap(sim, client):
    """Processor time of both sides, so that a busy machine changes nothing."""
    started = time.process_time()
    sim.burst(2000)
    assert time.process_time() - started < 8  # about 1.5 s
    started = time.process_time()
    for page in range(20):
        assert len(client.search(page=page)["shop_order_list"]) == 100
    assert time.process_time() - started < 4  # about 0.7 s
