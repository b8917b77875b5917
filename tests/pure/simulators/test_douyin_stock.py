"""Stock: told by the merchant's signed calls, taken by sales, read back, never below zero."""

import http.client
import json
import time

import pytest
from simulators.douyin import DouyinSimulator
from simulators.douyin.errors import ControlError

SYNC, BATCH, NUM, LIST = "/sku/syncStock", "/sku/syncStockBatch", "/sku/stockNum", "/sku/list"


def left(client, sku):
    """Read a stock back."""
    return client.stock(sku)["stock_num"]


def kinds(sim, sku):
    """Return (kind, units, stock) of every change."""
    return [(c["kind"], c["units"], c["stock_num"]) for c in sim.stock.changes(sku)]


def product(sim, sku):
    """Return the product of a SKU."""
    return sim.orders.sku(sku)["product_id"]


# -- the calls --------------------------------------------------------------------------------


def test_whole_and_incremental(sim, client, sku):
    assert client.sync_stock(sku, 10)["code"] == 10000
    assert left(client, sku) == 10
    assert client.sync_stock(sku, 10)["code"] == 10000  # said again: the same
    assert client.sync_stock(sku, 5, once="a")["code"] == 10000
    assert client.sync_stock(sku, -3, once="b")["code"] == 10000
    assert client.sync_stock(sku, 5, once="a")["code"] == 10000  # repeated: no effect
    assert left(client, sku) == 12
    told = [("told", 10, 10), ("told", 0, 10), ("told", 5, 15), ("told", -3, 12)]
    assert kinds(sim, sku) == told


def test_read_back(sim, client, sku, skus):
    client.sync_stock(sku, 7)
    data = client.stock(sku)
    assert data["sku_id"] == sku
    assert (data["code"], data["out_sku_id"], data["sku_type"]) == ("SKU-0", "SKU-0", 0)
    assert (data["normal_stock_num"], data["prehold_stock_num"]) == (7, 0)
    assert client.data(NUM, {"code": "SKU-0"})["stock_num"] == 7
    (listed,) = client.data(LIST, {"product_id": product(sim, sku)})
    assert (listed["id"], listed["stock_num"], listed["price"]) == (sku, 7, 1990)
    never_told = list(skus)[1]
    assert left(client, never_told) == 0


def test_named_by_code_or_product(sim, client, sku):
    client.data(SYNC, {"code": "SKU-0", "product_id": product(sim, sku), "stock_num": 3})
    client.data(SYNC, {"out_sku_id": "SKU-0", "stock_num": "4"})
    assert left(client, sku) == 4


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"stock_num": 1}, (40002, "isv.missing-parameter:80001")),
        ({"sku_id": 1, "stock_num": 1}, (50002, "isv.business-failed:80004")),
        ({"code": "NO", "stock_num": 1}, (50002, "isv.business-failed:80004")),
        ({"sku": 0, "product_id": 5, "stock_num": 1}, (50002, "isv.business-failed:80004")),
        ({"sku": 0, "stock_num": -1}, (40004, "isv.parameter-invalid:80006")),
        ({"sku": 0, "stock_num": 10**9}, (40004, "isv.parameter-invalid:80006")),
        ({"sku": 0}, (40004, "isv.parameter-invalid:11000")),
        ({"sku": 0, "stock_num": 1.5}, (40004, "isv.parameter-invalid:11000")),
        ({"sku": 0, "stock_num": 1, "incremental": True}, (40002, "isv.missing-parameter:80003")),
        (
            {"sku": 0, "stock_num": -1, "incremental": True, "idempotent_id": "x"},
            (40004, "isv.parameter-invalid:80006"),
        ),
        (
            {"sku": 0, "stock_num": 1, "out_warehouse_id": "W"},
            (40004, "isv.parameter-invalid:80007"),
        ),
    ],
)
def test_refused(sim, client, sku, params, expected):
    given = {**params, "sku_id": sku} if params.pop("sku", None) == 0 else params
    assert client.refused(SYNC, given) == expected
    assert sim.stock.changes(sku) == []


def test_reading_refused(client):
    assert client.refused(NUM, {})[1].endswith("80001")
    assert client.refused(LIST, {})[1].endswith("80002")
    assert client.refused(LIST, {"product_id": 5})[1].endswith("80005")


def test_batch_is_all_or_none(sim, client):
    for number in (1, 2):
        sim.add_sku(50 + number, f"B-{number}", "乙", 100, product_id=77)
    items = [{"sku_id": 51, "stock_num": 5}, {"sku_id": 52, "stock_num": 6}]
    client.data(BATCH, {"product_id": 77, "sku_sync_list": items})
    assert [left(client, sku_id) for sku_id in (51, 52)] == [5, 6]
    wrong = [{"sku_id": 51, "stock_num": 9}, {"sku_id": 53, "stock_num": 9}]
    assert client.call(BATCH, {"product_id": 77, "sku_sync_list": wrong})["code"] == 50002
    assert left(client, 51) == 5
    more = {"product_id": 77, "incremental": True, "idempotent_id": "n", "sku_sync_list": items}
    for _ in range(2):
        client.data(BATCH, more)
    assert [left(client, sku_id) for sku_id in (51, 52)] == [10, 12]
    assert client.call(BATCH, {"product_id": 77, "sku_sync_list": []})["code"] == 40004
    assert client.call(BATCH, {"product_id": 77, "sku_sync_list": [1]})["code"] == 40004


def test_gateway_limits_and_faults_hold(sim, client, sku):
    assert client.refused(SYNC, {"sku_id": sku, "stock_num": 1}, sign="0" * 64)[0] == 40003
    sim.faults.rate_limit(1, "sku.syncStock")
    codes = [client.sync_stock(sku, number)["code"] for number in (5, 6)]
    assert codes == [10000, 60000]
    sim.faults.clear()
    sim.faults.add("drop_after", "sku.syncStock")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.sync_stock(sku, 3, once="lost answer")
    client.connection.close()
    client.sync_stock(sku, 3, once="lost answer")
    assert left(client, sku) == 8


# -- sales ------------------------------------------------------------------------------------


def test_an_order_takes_when_it_is_paid(sim, client, sku):
    client.sync_stock(sku, 5)
    order_id = sim.buy([{"sku_id": sku, "num": 2}], paid=False)
    assert left(client, sku) == 5
    sim.pay(order_id)
    assert left(client, sku) == 3
    sim.buy([{"sku_id": sku, "num": 3}])
    assert left(client, sku) == 0
    with pytest.raises(ControlError, match="sold out"):
        sim.buy([{"sku_id": sku}])
    assert len(sim.order_ids()) == 2
    assert sim.books()["totals"]["orders"] == 2


def test_an_order_takes_when_it_is_made(sim, client):
    sim.add_sku(60, "H", "丙", 100, stock_num=5, reduce_stock_type=1)
    order_id = sim.buy([{"sku_id": 60, "num": 2}], paid=False)
    assert sim.order(order_id)["sku_order_list"][0]["reduce_stock_type"] == 1
    assert (left(client, 60), client.stock(60)["prehold_stock_num"]) == (3, 2)
    sim.pay(order_id)
    assert (left(client, 60), client.stock(60)["prehold_stock_num"]) == (3, 0)
    given_up = sim.buy([{"sku_id": 60, "num": 3}], paid=False)
    with pytest.raises(ControlError, match="sold out"):
        sim.buy([{"sku_id": 60}], paid=False)
    sim.cancel(given_up)
    assert (left(client, 60), client.stock(60)["prehold_stock_num"]) == (3, 0)
    sim.buy([{"sku_id": 60}])
    assert kinds(sim, 60) == [
        ("set", 5, 5),
        ("held", -2, 3),
        ("held", -3, 0),
        ("released", 3, 3),
        ("sold", -1, 2),
    ]


def test_too_late_to_pay(sim, client, sku):
    client.sync_stock(sku, 1)
    order_id = sim.buy([{"sku_id": sku}], paid=False)
    sim.buy([{"sku_id": sku}])
    with pytest.raises(ControlError, match="sold out"):
        sim.pay(order_id)
    assert sim.order(order_id)["order_status"] == 1


def test_all_lines_or_none(sim, client, skus):
    first, second, *_rest = skus
    client.sync_stock(first, 5)
    client.sync_stock(second, 0)
    with pytest.raises(ControlError, match="sold out"):
        sim.buy([{"sku_id": first}, {"sku_id": second}])
    with pytest.raises(ControlError, match="sold out"):
        sim.buy([{"sku_id": first, "num": 3}, {"sku_id": first, "num": 3}])
    assert left(client, first) == 5


def test_a_refund_gives_back(sim, client, sku):
    client.sync_stock(sku, 2)
    order_id = sim.buy([{"sku_id": sku, "num": 2}])
    sim.refund_order(order_id, fast=True)
    assert left(client, sku) == 2
    assert kinds(sim, sku)[-1] == ("refunded", 2, 2)


def test_a_burst_stops_at_the_stock(sim, client, skus):
    for sku_id in skus:
        client.sync_stock(sku_id, 3)
    ids = sim.burst(100, unpaid=0, risk=0)
    assert 0 < len(ids) < 20
    for sku_id in skus:
        sold = sim.store.scalar("SELECT sum(item_num) FROM lines WHERE sku_id = ?", (sku_id,))
        assert left(client, sku_id) == 3 - sold >= 0
    assert sim.order_ids() == ids


def test_without_a_told_stock_everything_sells(sim, sku):
    sim.buy([{"sku_id": sku, "num": 10_000}])
    assert sim.stock.changes(sku) == []
    assert sim.stock.view(sku)[0]["stock_num"] is None


def test_overselling_is_a_fault(sim, client, skus):
    first, second, *_rest = skus
    client.sync_stock(first, 1)
    client.sync_stock(second, 0)
    sim.faults.oversell(first, units=2)
    sim.buy([{"sku_id": first, "num": 3}])
    assert left(client, first) == 0
    assert kinds(sim, first)[-1] == ("oversold", -3, 0)
    for sku_id in (first, second):
        with pytest.raises(ControlError, match="sold out"):
            sim.buy([{"sku_id": sku_id}])
    sim.faults.oversell()
    for sku_id in (first, second):
        sim.buy([{"sku_id": sku_id, "num": 9}])
    sim.faults.clear()
    with pytest.raises(ControlError, match="sold out"):
        sim.buy([{"sku_id": second}])


# -- looking inside ---------------------------------------------------------------------------


def test_when_a_sku_was_told_zero(sim, client, sku):
    now = sim.clock.set(sim.clock.now())
    client.sync_stock(sku, 5)
    (row,) = sim.stock.view(sku)
    assert (row["told"], row["told_at"], row["zero_told_at"]) == (5, now, None)
    sim.buy([{"sku_id": sku, "num": 2}])
    sim.clock.advance(7)
    before = time.time()
    client.sync_stock(sku, 0)
    (row,) = sim.stock.view(sku)
    assert (row["told"], row["stock_num"], row["zero_told_at"], row["sold"]) == (0, 0, now + 7, 2)
    assert before <= row["zero_told_real"] <= time.time()
    client.sync_stock(sku, 3, once="more")
    (row,) = sim.stock.view(sku)
    assert (row["told"], row["zero_told_at"]) == (3, now + 7)
    sim.set_stock(sku, 0)  # by a person in the back office: not told
    assert sim.stock.view(sku)[0]["told"] == 3
    with pytest.raises(ControlError):
        sim.set_stock(sku, -1)
    with pytest.raises(ControlError):
        sim.add_sku(61, "X", "丁", 1, reduce_stock_type=3)


def test_stock_survives_a_restart(tmp_path):
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        sim.add_sku(60, "H", "丙", 100, stock_num=5, reduce_stock_type=1)
        sim.buy([{"sku_id": 60, "num": 2}], paid=False)
        before = sim.stock.view(), sim.stock.changes(60)
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        assert (sim.stock.view(), sim.stock.changes(60)) == before
        sim.buy([{"sku_id": 60}], paid=False)
        assert sim.stock.view(60)[0]["prehold"] == 3


def test_over_http(sim, client, sku):
    connection = http.client.HTTPConnection(sim.url.removeprefix("http://"), timeout=10)

    def call(verb, path, body=None):
        connection.request(verb, f"/_sim/{path}", json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        return response.status, json.loads(response.read()).get("result")

    client.sync_stock(sku, 0)
    status, (row,) = call("GET", f"stock?sku_id={sku}")
    assert (status, row["told"], row["stock_num"]) == (200, 0, 0)
    assert len(call("GET", "stock")[1]) == 6
    assert call("GET", "stock?sku_id=x")[0] == 400
    assert call("POST", "buy", {"lines": [{"sku_id": sku}]})[0] == 409
    assert call("POST", "faults/oversell", {"sku_id": sku, "units": 1})[0] == 200
    assert call("POST", "buy", {"lines": [{"sku_id": sku}]})[0] == 200
    assert call("POST", "set_stock", {"sku_id": sku, "stock_num": 4})[0] == 200
    changes = call("GET", f"stock/changes?sku_id={sku}")[1]
    assert [change["kind"] for change in changes] == ["told", "oversold", "set"]
    connection.close()
