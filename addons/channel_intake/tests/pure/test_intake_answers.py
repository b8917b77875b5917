"""Answering after-sales: what is told to Doudian, and what its refusals mean."""

import pytest
from channel_intake.core.errors import Overtaken, Refused
from channel_intake.core.platforms.douyin import client as douyin_client
from channel_intake.core.platforms.douyin.client import Credentials, DoudianClient
from channel_intake.core.platforms.douyin.connection import DoudianConnection
from simulators.douyin import DouyinSimulator

SHOP, KEY, SECRET = "4463798", "7012345678901234567", "simulated-app-secret-not-for-production"
SKU = 3410716076201730
RECEIVER = {"name": "张三丰", "phone": "13800138000", "detail": "人民路1号2栋", "region": 19}


@pytest.fixture
def sim(tmp_path):
    for cache in (douyin_client._tokens, douyin_client._names, douyin_client._buckets):
        cache.clear()
    with DouyinSimulator(db=str(tmp_path / "douyin.db")) as simulator:
        simulator.add_sku(SKU, "SKU-A", "商品A", price_fen=1990)
        yield simulator


@pytest.fixture
def asked(sim):
    """Ask about a shipped line of three units: its after-sale, with calls of ours."""

    class Asked:
        def __init__(self, kind):
            order = sim.buy([{"sku_id": SKU, "num": 3}], RECEIVER)
            line = sim.order(order)["sku_order_list"][0]["order_id"]
            sim.ship_lines(order, [line], "SF0000000001")
            self.kind, self.story = kind, sim.after_shipping
            self.ref = self.story.apply(line, kind, num=1)
            self.connection = DoudianConnection(
                DoudianClient(Credentials(KEY, SECRET, SHOP), sim.url, sleep=lambda _seconds: None)
            )

        @property
        def row(self):
            return sim.aftersales.row(self.ref)

        def answer(self, gate, accept, version=None, reason="", **more):
            version = version or self.row["update_time"]
            return self.connection.answer_aftersale(
                self.ref, self.kind, gate, accept, version, reason, **more
            )

    return Asked


@pytest.mark.parametrize(
    "kind, accept, status",
    [("return", True, 7), ("return", False, 27), ("refund_only", True, 12),
     ("refund_only", False, 27), ("price", True, 12), ("price", False, 27), ("exchange", True, 7),
     ("exchange", False, 27), ("resend", True, 8), ("resend", False, 27)],
)  # fmt: skip
def test_requests_of_every_kind(asked, kind, accept, status):
    one = asked(kind)
    assert one.answer("request", accept, reason="" if accept else "not as described") == "done"
    assert one.row["status"] == status


@pytest.mark.parametrize(
    "kind, accept, status",
    [("return", True, 12), ("return", False, 29), ("exchange", True, 13), ("exchange", False, 29)],
)
def test_goods_that_came_back(asked, kind, accept, status):
    one = asked(kind)
    one.answer("request", True, address_ref="5")
    one.story.send_back(one.ref, "yuantong", "YT0000000009")
    parcel = {"company_code": "shunfeng", "waybill": "SF0000000002"} if kind == "exchange" else {}
    assert one.answer("goods", accept, reason="" if accept else "worn", **parcel) == "done"
    assert one.row["status"] == status


def test_a_resend_is_told_with_its_parcel(asked):
    one = asked("resend")
    one.answer("request", True)
    assert one.answer("goods", True, company_code="shunfeng", waybill="SF0000000002") == "done"
    assert one.row["status"] == 13


def test_the_return_address_goes_along(sim, asked):
    one = asked("return")
    one.answer("request", True, address_ref="5")
    found = sim.store.one("SELECT * FROM returns WHERE aftersale_id = ?", (one.ref,))
    assert found["address_id"] == 5


@pytest.mark.parametrize("accept", [True, False])
def test_an_answer_told_twice_is_told_once(asked, accept):
    """As after a kill between the call and the commit."""
    one = asked("return")
    version = one.row["update_time"]
    assert one.answer("request", accept, version, "why") == "done"
    before = dict(one.row)
    assert one.answer("request", accept, version, "why") == "already"
    assert dict(one.row) == before


def test_an_answer_whose_reply_was_lost_is_asked_for_again(sim, asked):
    one = asked("refund_only")
    sim.faults.add("drop_after", method="afterSale.operate", times=1)
    assert one.answer("request", True) == "already"
    assert one.row["status"] == 12


def test_a_changed_request_is_not_granted(sim, asked):
    one = asked("refund_only")
    seen = one.row["update_time"]
    sim.modify_refund(one.ref, 3)
    with pytest.raises(Overtaken):
        one.answer("request", True, seen)
    assert one.row["status"] == 6


def test_what_the_other_way_was_decided_is_overtaken(asked):
    one = asked("refund_only")
    seen = one.row["update_time"]
    one.answer("request", False, seen, "no")
    with pytest.raises(Overtaken):
        one.answer("request", True, seen)
    assert one.row["status"] == 27


def test_a_state_that_does_not_allow_it_is_a_refusal_with_its_words(asked):
    """Nothing has changed since: nobody reads it anew in vain, a person looks at it."""
    one = asked("exchange")
    with pytest.raises(Refused, match="20309541") as caught:
        one.answer("goods", True, company_code="shunfeng", waybill="SF0000000002")
    assert not isinstance(caught.value, Overtaken)


def test_what_has_no_operation_is_refused_here(asked):
    one = asked("refund_only")
    for kind, gate in (("repair", "request"), ("refund_only", "goods")):
        with pytest.raises(Refused, match="back office"):
            one.connection.answer_aftersale(one.ref, kind, gate, True, 1, "")


def test_a_parcel_is_asked_back_once(sim, asked):
    one = asked("refund_only")
    for _time in range(2):
        assert one.connection.intercept(one.ref, "shunfeng", "SF0000000001") == "done"
    found = sim.store.one("SELECT * FROM returns WHERE aftersale_id = ?", (one.ref,))
    assert found["intercept"] == "asked"
    with pytest.raises(Refused, match="80008"):
        one.connection.intercept(one.ref, "shunfeng", "SF9999999999")
