"""After-sales of what has left: who may do what when, what money leaves, what the platform owes."""

import pytest
from simulators.douyin.errors import ControlError

OPERATE = "/afterSale/operate"
REASON = {"reason": "r", "remark": "r", "reject_reason_code": 1}
NEW_PARCEL = {"logistics": {"company_code": "shunfeng", "logistics_code": "SF0000000002"}}


def operate(aftersale_id, kind, **fields):
    return {"type": kind, "items": [{"aftersale_id": aftersale_id, **fields}]}


@pytest.fixture
def left(sim, skus):
    """A shipped order: one unit of 1990, two of 2991 each with 18 fen borne by the platform."""
    first, second, *_rest = skus
    order = sim.buy([{"sku_id": first}, {"sku_id": second, "num": 2, "platform_fen": 18}])
    lines = [line["order_id"] for line in sim.order(order)["sku_order_list"]]
    sim.ship_lines(order, lines, "SF0000000001")
    return order, *lines


@pytest.fixture
def shop(sim, client):
    """The simulator, what a call answers, and the status of an after-sale."""

    class Shop:
        story = sim.after_shipping

        def call(self, aftersale_id, kind, **fields):
            return client.call(OPERATE, operate(aftersale_id, kind, **fields))["sub_code"]

        def info(self, aftersale_id):
            found = client.aftersales(aftersale_id=aftersale_id)["items"]
            return found[0]["aftersale_info"]

        def status(self, aftersale_id):
            return self.info(aftersale_id)["aftersale_status"]

        def owed(self, order):
            return sim.books([order])["orders"][0]["owed_by_line"]

    return Shop()


def test_a_return_from_the_request_to_the_money(sim, shop, left):
    order, _first, second = left
    number = shop.story.apply(second, "return", num=1, fen=2982)
    assert (shop.status(number), shop.info(number)["aftersale_type"]) == (6, 0)
    assert shop.call(number, 101, logistics={"receiver_address_id": 5}) == ""
    assert shop.status(number) == 7
    shop.story.send_back(number, "yuantong", "YT0000000009")
    info = shop.info(number)
    assert (info["aftersale_status"], info["return_logistics_code"]) == (11, "YT0000000009")
    assert shop.call(number, 111) == ""
    assert (shop.status(number), shop.info(number)["refund_status"]) == (12, 3)
    owed, paid = 5982, 5964
    assert shop.owed(order)[second] == owed - owed * 2982 // paid


def test_refunds_in_parts_come_to_the_whole(sim, shop, left):
    order, _first, second = left
    for fen in (1, 1000, 1001):
        number = shop.story.apply(second, "refund_only", fen=fen)
        assert shop.call(number, 201) == ""
    shop.story.pay_at_once(shop.story.apply(second, "price"))
    assert shop.owed(order)[second] == 0
    with pytest.raises(ControlError, match="too much"):
        shop.story.apply(second, "refund_only", fen=1)


def test_what_is_asked_for_is_not_asked_for_twice(shop, left):
    _order, first, _second = left
    shop.story.apply(first, "refund_only", fen=1500)
    with pytest.raises(ControlError, match="too much"):
        shop.story.apply(first, "return", fen=491)


def test_an_exchange_sends_new_goods_and_no_money(sim, shop, left):
    order, first, _second = left
    before = shop.owed(order)
    number = shop.story.apply(first, "exchange")
    assert shop.call(number, 301) == ""
    assert shop.call(number, 311, **NEW_PARCEL) == "isv.business-failed:20309541"
    shop.story.send_back(number, "yuantong", "YT0000000009")
    assert shop.call(number, 311) == "isv.parameter-invalid:11000"
    assert shop.call(number, 311, **NEW_PARCEL) == ""
    assert (shop.status(number), shop.info(number)["exchange_logistics_code"]) == (
        13, "SF0000000002",
    )  # fmt: skip
    shop.story.got_replacement(number)
    assert shop.status(number) == 14
    assert shop.owed(order) == before


def test_a_resend_waits_for_no_goods(shop, left):
    number = shop.story.apply(left[1], "resend")
    assert shop.call(number, 301) == ""
    assert shop.status(number) == 8
    assert shop.call(number, 311, **NEW_PARCEL) == ""
    assert shop.status(number) == 13


def test_a_refusal_says_why_and_the_buyer_may_ask_again(shop, left):
    number = shop.story.apply(left[1], "return")
    assert shop.call(number, 102) == "isv.parameter-invalid:11000"
    assert shop.call(number, 102, **REASON) == ""
    assert shop.status(number) == 27
    version = shop.info(number)["update_time"]
    shop.story.ask_again(number)
    assert shop.status(number) == 6 and shop.info(number)["update_time"] > version
    shop.call(number, 101)
    shop.story.send_back(number, "yuantong", "YT0000000009")
    assert shop.call(number, 112, **REASON) == ""
    assert shop.status(number) == 29


def test_an_older_version_is_not_answered(sim, shop, left):
    number = shop.story.apply(left[1], "refund_only")
    seen = shop.info(number)["update_time"]
    sim.modify_refund(number, 3)
    assert shop.call(number, 201, update_time=seen) == "isv.business-failed:11005"
    assert shop.call(number, 201, update_time=shop.info(number)["update_time"]) == ""


def test_an_operation_of_another_kind_is_refused(shop, left):
    number = shop.story.apply(left[1], "refund_only")
    for kind in (101, 111, 301, 311):
        assert shop.call(number, kind) == "isv.business-failed:20309541"
    assert shop.call(number, 999) == "isv.parameter-invalid:11000"


def test_nothing_before_it_has_left(sim, shop, sku):
    order = sim.buy([{"sku_id": sku}])
    with pytest.raises(ControlError, match="has not left"):
        shop.story.apply(sim.order(order)["sku_order_list"][0]["order_id"], "return")


def test_a_parcel_is_asked_back_and_its_fate_told(sim, client, shop, left):
    order, first, _second = left
    number = shop.story.apply(first, "refund_only", got_pkg=False)
    path = "/afterSale/applyLogisticsIntercept"
    target = {"company_code": "shunfeng", "tracking_no": "SF0000000001"}
    wanted = {"after_sale_id": number, "op_from": 1, "intercept_targets": [target]}
    foreign = wanted | {"intercept_targets": [target | {"tracking_no": "SF9999999999"}]}
    assert client.call(path, foreign)["sub_code"] == "isv.business-failed:80008"
    assert client.call(path, wanted)["code"] == 10000
    version = shop.info(number)["update_time"]
    shop.story.parcel(number, "stopped")
    info = shop.info(number)
    assert info["order_logistics_state"] == 3 and info["update_time"] > version
    sim.complete(order)
    assert client.call(path, wanted)["sub_code"] == "isv.business-failed:80009"


def test_goods_in_the_warehouse_pay_by_themselves(client, shop, left):
    number = shop.story.apply(left[1], "return")
    path, told = "/afterSale/returnGoodsToWareHouseSuccess", {"aftersale_id": number}
    assert client.call(path, told)["sub_code"] == "isv.business-failed:20309541"
    shop.call(number, 101)
    assert client.call(path, told)["code"] == 10000
    assert shop.status(number) == 12


def test_each_step_is_pushed(sim, shop, pushed, left):
    number = shop.story.apply(left[1], "return")
    shop.call(number, 101)
    shop.story.send_back(number, "yuantong", "YT0000000009")
    shop.call(number, 111)
    sim.pushes.settle()
    assert [tag for tag in pushed.tags if tag.startswith("20")] == [
        "200",
        "202",
        "203",
        "201",
        "206",
    ]
