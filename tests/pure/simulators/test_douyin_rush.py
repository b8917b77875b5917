"""The paced rush: prepared orders are sold and pushed at their rate, and stand in the books."""

import pytest
from push_receiver import FAIL
from simulators.douyin import DouyinSimulator
from simulators.douyin.errors import ControlError


def test_a_rush_sells_and_pushes_what_was_prepared(sim, client, pushed):
    assert sim.rush.prepare(60, room_id=7, freight=1) == 60
    assert client.search()["total"] == 0
    assert sim.books()["totals"]["orders"] == 0
    assert sim.books()["ledger_rows"] == {}
    now = sim.clock.advance(1000)
    assert sim.rush.start(rate=600, seconds=0.1, connections=4) == 60
    report = sim.rush.wait(30)
    assert (report["sold"], report["pushed"], report["acked"], report["ready"]) == (60,) * 3 + (0,)
    assert report["events"] == {"acked": 60}
    assert report["redelivered"] == 0
    assert 0 < report["ack_ms"]["p50"] <= report["ack_ms"]["p99"]
    assert not report["running"]
    assert pushed.tags == ["101"] * 60
    assert {len(post.messages) for post in pushed.posts} == {1}
    orders = client.search()["shop_order_list"]
    paid = {m["data"]["p_id"]: m["data"] for m in pushed.messages}
    assert {int(order["order_id"]) for order in orders} == paid.keys()
    for order in orders:
        data = paid[int(order["order_id"])]
        times = ("create_time", "update_time", "pay_time")
        assert [order[name] for name in times] == [now] * 3
        assert order["exp_ship_time"] == now + 48 * 3600
        assert (data["pay_time"], data["pay_amount"]) == (now, order["pay_amount"])
        assert data["s_ids"] == [int(line["order_id"]) for line in order["sku_order_list"]]
        assert order["order_status"] == 2
        assert {line["room_id"] for line in order["sku_order_list"]} == {7}
    books = sim.books()
    assert books["totals"]["owed_fen"] == sum(order["pay_amount"] for order in orders) + sum(
        line["only_platform_cost_amount"]
        + line["author_cost_amount"]
        + line["promotion_pay_amount"]
        for order in orders
        for line in order["sku_order_list"]
    )
    assert books["totals"]["freight_fen"] == sum(order["post_amount"] for order in orders) > 0


def test_an_order_of_a_rush_lives_on(sim, client, pushed):
    sim.rush.prepare(3, two_lines=0)
    sim.rush.start(1000, 0.003)
    sim.rush.wait(30)
    first, second, third = sim.order_ids()
    before = client.detail(first)
    sim.clock.advance(50)
    assert client.ship(first)["code"] == 10000
    shipped = client.detail(first)
    assert (shipped["order_status"], shipped["create_time"]) == (3, before["create_time"])
    sim.faults.stale(first)
    assert client.detail(first)["order_status"] == 2
    sim.refund_order(second, fast=True)
    assert client.detail(second)["order_status"] == 4
    assert client.aftersales()["items"][0]["order_info"]["related_order_info"]
    assert sim.order(third)["order_id"] == third
    assert sim.buy([{"sku_id": sim.store.scalar("SELECT min(sku_id) FROM skus")}]) > third


def test_the_pace_is_kept(sim, pushed):
    sim.rush.prepare(100)
    sim.rush.start(rate=200, seconds=0.5, connections=2, max_events=20)
    report = sim.rush.wait(30)
    assert report["seconds"] > 0.45
    assert report["posts"] > 5  # in steps, not at once
    assert report["pushed"] == 100


def test_both_messages_of_an_order(sim, pushed):
    sim.rush.prepare(5)
    sim.rush.start(1000, 0.005, connections=1, tags=["100", "101"])
    sim.rush.wait(30)
    assert pushed.tags == ["100", "101"] * 5
    assert [m["data"]["order_status"] for m in pushed.messages] == [1, 2] * 5


def test_refused_and_redelivered(sim, pushed):
    sim.pushes.configure(retry_seconds=[5])
    pushed.answers = [FAIL, (503, b""), (503, b"")]
    sim.rush.prepare(10)
    sim.rush.start(1000, 0.01, connections=1)
    assert sim.rush.wait(30)["events"] == {"acked": 7, "due": 3}
    sim.clock.advance(5)
    assert sim.pushes.settle()
    report = sim.rush.report()
    assert report["refused"] == {"200": 1, "503": 2}
    assert (report["acked"], report["redelivered"], report["pushed"]) == (10, 3, 13)


def test_late_buyers_find_nothing(sim, pushed, skus):
    for sku_id in skus:
        sim.set_stock(sku_id, 4)
    sim.rush.prepare(100, two_lines=0.5)
    sim.rush.start(5000, 0.02)
    report = sim.rush.wait(30)
    assert report["sold"] + report["sold_out"] == 100
    assert report["sold_out"] > 50
    assert len(pushed.messages) == report["sold"] == len(sim.order_ids())
    assert report["ready"] == 0
    for row in sim.stock.view():
        sold = sim.store.scalar("SELECT sum(item_num) FROM lines WHERE sku_id=?", (row["sku_id"],))
        assert row["stock_num"] == 4 - sold >= 0
        assert row["sold"] == sold
    assert (
        sim.store.scalar(
            "SELECT count(*) FROM lines WHERE order_id NOT IN (SELECT order_id FROM orders)"
        )
        == 0
    )


def test_prepared_orders_and_settings_survive(tmp_path, receiver):
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        sim.add_sku(34, "A", "甲", 990)
        sim.pushes.subscribe(receiver.url, max_events=5)
        sim.rush.prepare(20)
        sim.rush.start(10000, 0.001)
        sim.rush.wait(30)
        first = sim.order_ids()
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        assert sim.rush.ready() == 10
        assert sim.rush.prepare(5) == 15
        sim.rush.start(10000, 0.0015)
        assert sim.rush.wait(30)["sold"] == 15
        assert len(sim.order_ids()) == 25
        assert sim.order_ids()[:10] == first
        assert sim.pushes.configure()["max_events"] == 5
        assert len(receiver.messages) == 26


def test_a_stop_in_the_middle(tmp_path, receiver, capfd):
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        sim.add_sku(34, "A", "甲", 990)
        sim.pushes.subscribe(receiver.url)
        sim.rush.prepare(100)
        receiver.stop_after = 2  # of them one is the ping
        sim.rush.start(100, 1)
        assert receiver.stopped.wait(10)
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        sold = sim.order_ids()
        assert 0 < len(sold) < 100
        assert sim.rush.ready() == 100 - len(sold)
        assert {e["state"] for e in sim.pushes.events()} == {"due"}
        assert len(sim.pushes.events()) == len(sold)
    assert capfd.readouterr().err == ""


def test_what_cannot_be(sim, receiver, pushed):
    sim.rush.prepare(10)
    for wrong in (
        {"rate": 11, "seconds": 1},
        {"rate": 0, "seconds": 1},
        {"rate": 1, "seconds": 1, "tags": ["102"]},
    ):
        with pytest.raises(ControlError):
            sim.rush.start(**wrong)
    sim.rush.start(5, 2)
    with pytest.raises(ControlError, match="runs already"):
        sim.rush.start(1, 1)
    with pytest.raises(ControlError, match="still runs"):
        sim.rush.wait(0.001)
    sim.rush.stop()
    assert sim.rush.wait(30)["sold"] < 10
    sim.pushes.unsubscribe()
    with pytest.raises(ControlError, match="nobody"):
        sim.rush.start(1, 1)
