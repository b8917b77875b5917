"""Orders: fields, arithmetic, life, and what the platform says it owes."""

import json
import time

import pytest
from simulators.douyin.errors import ControlError
from simulators.douyin.money import SUMMED

T0 = int(time.time()) + 1000  # later than anything the fixtures did

ROOM, AUTHOR = 7301234567890123456, 109876543210987
HEADLINE = {
    "num": 3,
    "shop_fen": 100,
    "platform_fen": 200,
    "talent_fen": 30,
    "pay_fen": 50,
    "platform_borne_by_shop_fen": 40,
    "redpack_fen": 20,
}


def test_arithmetic_of_one_line_by_hand(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku, **HEADLINE}], freight_fen=600, freight_promotion_fen=300)
    order = client.detail(order_id)
    line = order["sku_order_list"][0]
    assert line["origin_amount"] == 1990
    assert line["sum_amount"] == line["order_amount"] == 5970
    assert line["shop_cost_amount"] == 140
    assert line["only_platform_cost_amount"] == 160
    assert line["author_cost_amount"] == 30
    assert line["platform_cost_amount"] == 190
    assert line["promotion_amount"] == 330
    assert line["promotion_platform_amount"] == 200
    assert line["promotion_redpack_amount"] == 20
    assert line["promotion_pay_amount"] == 50
    assert line["pay_amount"] == 5970 - 140 - 190 - 50
    assert line["post_amount"] == 0
    assert order["pay_amount"] == 5590 + 600
    assert order["post_amount"] == 600
    assert order["post_origin_amount"] == 900
    assert order["total_promotion_amount"] == 630
    books = sim.books()["orders"][0]
    assert books["owed_by_line"] == {order_id: 5970 - 140}
    assert books["freight_fen"] == 600
    assert books["owed_fen"] == 5830 + 600


def test_invariants_of_a_burst(sim, client):
    sim.burst(300, room_id=ROOM, author_id=AUTHOR, discount=1.0, two_lines=0.5)
    owed = {order["order_id"]: order for order in sim.books()["orders"]}
    seen = []
    for page in range(3):
        seen += client.search(page=page)["shop_order_list"]
    assert len({order["order_id"] for order in seen}) == 300
    for order in seen:
        lines = order["sku_order_list"]
        for line in lines:
            discounts = line["shop_cost_amount"] + line["platform_cost_amount"]
            assert line["sum_amount"] == line["origin_amount"] * line["item_num"]
            assert line["promotion_amount"] == discounts
            assert line["pay_amount"] == (
                line["sum_amount"] - discounts - line["promotion_pay_amount"]
            )
            assert line["pay_amount"] >= 0
        for field in SUMMED:
            assert order[field] == sum(line[field] for line in lines), field
        paid = sum(line["pay_amount"] for line in lines) + order["post_amount"]
        assert order["pay_amount"] == paid
        books = owed[order["order_id"]]
        if order["order_status"] == 1:
            assert books["owed_fen"] == 0
            continue
        expected = {x["order_id"]: x["sum_amount"] - x["shop_cost_amount"] for x in lines}
        assert books["owed_by_line"] == expected
        assert books["owed_fen"] == sum(expected.values()) + order["post_amount"]
    totals = sim.books()["totals"]
    assert totals["owed_fen"] == sum(order["owed_fen"] for order in owed.values()) > 0


def test_a_burst_is_a_mix(sim, skus):
    ids = sim.burst(600, room_id=ROOM, author_id=AUTHOR)
    orders = [sim.order(order_id) for order_id in ids]
    lines = [line for order in orders for line in order["sku_order_list"]]
    assert {1, 105, 2} == {order["order_status"] for order in orders}
    assert {1, 2} == {len(order["sku_order_list"]) for order in orders}
    assert {line["sku_id"] for line in lines} == set(skus)
    assert {1, 2, 3, 4, 5} == {line["item_num"] for line in lines}
    addresses = [order["open_address_id"] for order in orders]
    assert 400 < len(set(addresses)) < 600
    for bucket in ("promotion_shop_amount", "promotion_pay_amount", "author_cost_amount"):
        assert any(line[bucket] for line in lines), bucket
    assert any(0 < x["only_platform_cost_amount"] < x["promotion_platform_amount"] for x in lines)
    assert len({order["post_addr"]["province"]["id"] for order in orders}) == 31


def test_a_burst_repeats_with_its_seed(sim):
    first = [sim.order(x) for x in sim.burst(20, seed=3)]
    again = [sim.order(x) for x in sim.burst(20, seed=3)]
    money = [[order["pay_amount"] for order in orders] for orders in (first, again)]
    assert money[0] != money[1]  # the books are longer now, so the story goes on
    assert len({order["order_id"] for order in first + again}) == 40


def test_burst_spreads_over_time_in_order(sim):
    sim.clock.set(T0)
    orders = [sim.order(x) for x in sim.burst(120, over_seconds=60)]
    times = [order["create_time"] for order in orders]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (T0 - 60, T0)
    assert len(set(times)) == 61


def test_ids_are_text_and_big_numbers_stand_beside(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku}], room_id=ROOM, author_id=AUTHOR, author_name="小鹿")
    order = client.detail(order_id)
    line = order["sku_order_list"][0]
    assert order["order_id"] == order_id
    assert len(order_id) == 19 and order_id.isdigit()
    assert line["order_id"] == line["parent_order_id"] == order_id
    assert line["room_id"] == ROOM and line["room_id_str"] == str(ROOM)
    assert line["product_id"] > 2**53 and line["product_id_str"] == str(line["product_id"])
    assert line["sku_id"] == sku
    assert (line["author_id"], line["author_name"], line["c_biz"]) == (AUTHOR, "小鹿", 2)


def test_two_lines_have_ids_of_their_own(sim, client, two_lines):
    order = client.detail(sim.buy(two_lines))
    ids = [line["order_id"] for line in order["sku_order_list"]]
    assert len({order["order_id"], *ids}) == 3
    assert {line["parent_order_id"] for line in order["sku_order_list"]} == {order["order_id"]}
    assert [line["item_num"] for line in order["sku_order_list"]] == [1, 2]


def test_an_order_outside_a_room(sim, client, sku):
    line = client.detail(sim.buy([{"sku_id": sku}]))["sku_order_list"][0]
    assert (line["room_id"], line["room_id_str"], line["author_id"], line["c_biz"]) == (0, "", 0, 8)


@pytest.mark.parametrize(
    "line",
    [
        {"num": 0},
        {"num": -1},
        {"shop_fen": 1991},
        {"shop_fen": -1},
        {"platform_fen": 10, "platform_borne_by_shop_fen": 11},
        {"platform_fen": 10, "redpack_fen": 11},
        {"sku_id": 1},
    ],
)
def test_impossible_orders(sim, sku, line):
    with pytest.raises(ControlError):
        sim.buy([{"sku_id": sku, **line}])
    assert sim.books()["orders"] == []


# -- life -------------------------------------------------------------------------------------


def test_unpaid_paid_shipped_done(sim, client, sku):
    sim.clock.set(T0)
    order_id = sim.buy([{"sku_id": sku}], freight_fen=500, paid=False)
    order = client.detail(order_id)
    assert (order["order_status"], order["pay_time"], order["update_time"]) == (
        1,
        0,
        T0,
    )
    assert sim.books()["totals"]["owed_fen"] == 0
    sim.clock.advance(9)
    sim.pay(order_id)
    order = client.detail(order_id)
    assert (order["order_status"], order["pay_time"]) == (2, T0 + 9)
    assert order["create_time"] == T0
    assert order["update_time"] == order["sku_order_list"][0]["update_time"] == T0 + 9
    assert sim.books()["totals"]["owed_fen"] == 2490
    sim.clock.advance(1)
    assert client.ship(order_id)["code"] == 10000
    sim.clock.advance(1)
    sim.complete(order_id)
    order = client.detail(order_id)
    assert (order["order_status"], order["main_status"]) == (5, 5)
    assert (order["ship_time"], order["finish_time"]) == (T0 + 10, T0 + 11)
    report = sim.books()
    assert report["ledger_rows"] == {"pay": 2, "ship": 1, "complete": 1}
    assert report["totals"]["owed_fen"] == 2490


def test_risk_review_holds_and_releases(sim, client, sku):
    sim.clock.set(T0)
    held = sim.buy([{"sku_id": sku}], risk=True)
    later = sim.buy([{"sku_id": sku}], paid=False)
    sim.pay(later, risk=True)
    assert {client.detail(x)["order_status"] for x in (held, later)} == {105}
    assert client.ids(abnormal_order=2) == [held, later]
    sim.clock.advance(30)
    assert sim.release_risk() == [held, later]
    order = client.detail(held)
    assert (order["order_status"], order["update_time"]) == (2, T0 + 30)
    assert client.ids(abnormal_order=2) == []
    with pytest.raises(ControlError):
        sim.release_risk(held)


def test_cancel_and_expire(sim, client, sku):
    sim.clock.set(T0)
    given_up, late, paid = (sim.buy([{"sku_id": sku}], paid=False) for _ in range(3))
    sim.pay(paid)
    sim.cancel(given_up)
    sim.clock.advance(1799)
    assert sim.expire_unpaid() == 0
    sim.clock.advance(1)
    assert sim.expire_unpaid() == 1
    assert [client.detail(x)["order_status"] for x in (given_up, late, paid)] == [4, 4, 2]
    assert client.detail(late)["cancel_reason"] == "超时未支付"


@pytest.mark.parametrize("act", ["pay", "cancel", "complete", "release_risk"])
def test_moves_that_do_not_fit_a_paid_order(sim, sku, act):
    order_id = sim.buy([{"sku_id": sku}])
    with pytest.raises(ControlError):
        getattr(sim, act)(order_id)
    assert sim.order(order_id)["order_status"] == 2


def test_change_address_before_shipping_only(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku}])
    before = client.detail(order_id)
    moved = {"name": "扎西次仁", "phone": "13912345678", "detail": "八廓街1号", "region": 37}
    sim.change_address(order_id, moved)
    after = client.detail(order_id)
    assert after["open_address_id"] != before["open_address_id"]
    assert after["mask_post_receiver"].startswith("扎")
    assert after["post_addr"]["city"] != before["post_addr"]["city"]
    client.ship(order_id)
    with pytest.raises(ControlError):
        sim.change_address(order_id, moved)


def test_two_changes_in_one_second_share_their_time_and_time_never_goes_back(sim, client, sku):
    sim.clock.set(T0)
    order_id = sim.buy([{"sku_id": sku}])
    sim.touch(order_id)
    assert client.detail(order_id)["update_time"] == T0
    sim.clock.set(T0 - 1000)
    sim.touch(order_id)
    assert client.detail(order_id)["update_time"] == T0


def test_stored_json_is_compact_utf8(sim, client, sku):
    order_id = sim.buy([{"sku_id": sku}], buyer_words="谢谢🙏")
    _status, body = client.raw(
        "/order/orderDetail", json.dumps({"shop_order_id": order_id}).encode()
    )
    assert "谢谢🙏".encode() in body
