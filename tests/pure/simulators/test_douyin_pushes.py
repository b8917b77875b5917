"""Messages of the push service: what is told, how it is signed, and what happens without an ack."""

import http.client
import json
import socket
import threading
import time

import pytest
from push_receiver import FAIL, HANG, OK, read_request
from simulators.douyin import DouyinSimulator
from simulators.douyin.api import App
from simulators.douyin.errors import ControlError
from simulators.douyin.push_connection import _dechunk
from simulators.douyin.pushes import event_sign, is_ack

OTHER = {"name": "李四", "phone": "13900139000", "detail": "路2号", "region": 3}
RETRY = [10, 60, 300]


def messages(sim, receiver):
    """Return (tag, data) of what arrived once all is sent, and forget it."""
    assert sim.pushes.settle()
    found = [(m["tag"], m["data"]) for m in receiver.messages]
    receiver.posts.clear()
    return found


def told(sim, receiver):
    """Return the tags alone."""
    return [tag for tag, _data in messages(sim, receiver)]


def states(sim):
    """Return state and attempts of every message."""
    return [(event["state"], event["attempts"]) for event in sim.pushes.events()]


# -- subscribing ------------------------------------------------------------------------------


def test_the_ping_validates_a_url(sim, receiver):
    sim.pushes.subscribe(receiver.url)
    ((headers, body),) = receiver.posts
    (ping,) = json.loads(body)
    assert (ping["tag"], ping["msg_id"]) == ("0", "0")
    assert isinstance(ping["data"], str)
    assert headers["app-id"] == sim.app.key
    assert receiver.posts[0].signed(*sim.app)
    assert sim.pushes.events() == []


@pytest.mark.parametrize("answer", [FAIL, (500, b""), (200, b"success"), (204, b"")])
def test_a_url_that_does_not_acknowledge_is_not_saved(sim, receiver, sku, answer):
    receiver.answer = answer
    with pytest.raises(ControlError, match="not acknowledged"):
        sim.pushes.subscribe(receiver.url)
    sim.buy([{"sku_id": sku}])
    assert sim.pushes.events() == []


def test_a_dead_url_is_not_saved(sim):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ControlError, match="HTTP 0"):
        sim.pushes.subscribe(f"http://127.0.0.1:{port}/")


def test_impossible_settings(sim, pushed):
    for wrong in (
        {"max_events": 0},
        {"ack_seconds": 0},
        {"retry_seconds": []},
        {"text_ids": 2},
        {"url": "http://127.0.0.1:1/"},
    ):
        with pytest.raises(ControlError):
            sim.pushes.configure(**wrong)
    with pytest.raises(ControlError, match=r"127\.0\.0\.1 only"):
        sim.pushes.subscribe("http://192.0.2.1/")
    with pytest.raises(TypeError):
        sim.pushes.configure(speed=3)


def test_nothing_is_told_after_unsubscribing(sim, pushed, sku):
    sim.pushes.unsubscribe()
    sim.buy([{"sku_id": sku}])
    assert sim.pushes.settle()
    assert sim.pushes.events() == []
    with pytest.raises(ControlError, match="nobody"):
        sim.pushes.send("400", {})


# -- what is told -----------------------------------------------------------------------------


def test_life_of_an_order(sim, client, pushed, sku):
    now = sim.clock.now()
    order_id = sim.buy([{"sku_id": sku, "num": 2}], paid=False)
    ((tag, created),) = messages(sim, pushed)
    assert tag == "100"
    assert created == {
        "p_id": int(order_id),
        "s_ids": [int(order_id)],
        "shop_id": sim.shop_id,
        "order_status": 1,
        "order_type": 0,
        "biz": 2,
        "create_time": now,
    }
    sim.change_freight(order_id, 800)
    ((tag, amount),) = messages(sim, pushed)
    assert (tag, amount["total_amount"], amount["post_amount"]) == ("109", 4780, 800)
    assert amount["modify_time"] == now
    sim.pay(order_id, risk=True)
    ((tag, pending),) = messages(sim, pushed)
    assert (tag, pending["order_status"], pending["pay_amount"]) == ("110", 105, 4780)
    sim.release_risk(order_id)
    ((tag, paid),) = messages(sim, pushed)
    assert (tag, paid["order_status"], paid["pay_time"], paid["pay_type"]) == ("101", 2, now, 2)
    sim.touch(order_id)
    ((tag, memo),) = messages(sim, pushed)
    assert (tag, memo["remark"], memo["star"]) == ("113", "催", 0)
    sim.set_ship_by(order_id, now + 99)
    ((tag, ship_by),) = messages(sim, pushed)
    assert (tag, ship_by["p_id"], ship_by["exp_delivery_time"]) == ("126", order_id, now + 99)
    assert client.ship(order_id, "SF12345678")["code"] == 10000
    ((tag, shipped),) = messages(sim, pushed)
    assert (tag, shipped["order_status"]) == ("102", 3)
    assert shipped["logistics_msg"] == {
        "express_company_id": "shunfeng",
        "logistics_code": "SF12345678",
    }
    sim.complete(order_id)
    ((tag, done),) = messages(sim, pushed)
    assert (tag, done["order_status"], done["complete_time"]) == ("103", 5, now)
    assert states(sim) == [("acked", 1)] * 8
    assert sim.books()["totals"]["owed_fen"] == 4780
    assert len({event["msg_id"] for event in sim.pushes.events()}) == 8


def test_a_paid_order_is_created_and_paid(sim, pushed, two_lines):
    order_id = sim.buy(two_lines)
    (_, created), (_, paid) = messages(sim, pushed)
    assert (created["order_status"], paid["order_status"]) == (1, 2)
    lines = [int(line["order_id"]) for line in sim.order(order_id)["sku_order_list"]]
    assert created["s_ids"] == paid["s_ids"] == lines
    sim.buy(two_lines, risk=True)
    assert told(sim, pushed) == ["100", "110"]


def test_cancelled_and_expired(sim, pushed, sku):
    sim.cancel(sim.buy([{"sku_id": sku}], paid=False))
    (_, (tag, cancelled)) = messages(sim, pushed)
    assert (tag, cancelled["cancel_reason"], cancelled["order_status"]) == ("106", "买家取消", 4)
    assert cancelled["cancel_time"] == sim.clock.now()
    sim.buy([{"sku_id": sku}], paid=False)
    sim.clock.advance(1800)
    sim.expire_unpaid()
    assert told(sim, pushed) == ["100", "106"]


def test_addresses_are_masked_and_encrypted(sim, client, pushed, sku):
    order_id = sim.buy([{"sku_id": sku}])
    old = sim.order(order_id)["mask_post_receiver"]
    messages(sim, pushed)
    sim.ask_address(order_id, OTHER)
    ((tag, asked),) = messages(sim, pushed)
    assert (tag, asked["receiver_msg"]["name"]) == ("111", old)
    assert sim.order(order_id)["mask_post_receiver"] == old
    sim.change_address(order_id, OTHER)
    ((tag, changed),) = messages(sim, pushed)
    assert tag == "105"
    for receiver in (asked["post_receiver_msg"], changed["receiver_msg"]):
        address = json.loads(receiver["addr"])
        assert address["detail"].startswith("路2")
        assert "*" in receiver["name"] and "*" in receiver["tel"]
        ciphers = [receiver["encrypt_name"], receiver["encrypt_tel"], address["encrypt_detail"]]
        infos = [{"auth_id": order_id, "cipher_text": text} for text in ciphers]
        opened = client.data("/order/batchDecrypt", {"cipher_infos": infos})["decrypt_infos"]
        assert [x["decrypt_text"] for x in opened] == ["李四", "13900139000", "路2号"]


def test_part_of_an_order_shipped(sim, client, pushed, two_lines):
    order_id = sim.buy(two_lines)
    first, second = [line["order_id"] for line in sim.order(order_id)["sku_order_list"]]
    messages(sim, pushed)
    sim.ship_lines(order_id, [second], "SF11111111")
    ((tag, part),) = messages(sim, pushed)
    assert (tag, part["order_status"]) == ("108", 101)
    (shipped,) = part["logistics_msg"]["shipped_order_info"]
    assert (shipped["shipped_order_id"], shipped["shipped_num"]) == (int(second), 2)
    assert part["logistics_msg"]["pack_id"]
    with pytest.raises(ControlError, match="does not owe"):
        sim.ship_lines(order_id, [second], "SF33333333")
    assert client.ship(order_id, "SF22222222")["code"] == 10000
    ((tag, whole),) = messages(sim, pushed)
    assert (tag, whole["logistics_msg"]["logistics_code"]) == ("102", "SF22222222")
    parcels = sim.order(order_id)["logistics_info"]
    assert [p["product_info"][0]["sku_order_id"] for p in parcels] == [second, first]


def test_after_sales(sim, client, pushed, two_lines):
    order_id = sim.buy(two_lines, freight_fen=500)
    first, second = [line["order_id"] for line in sim.order(order_id)["sku_order_list"]]
    messages(sim, pushed)
    aftersale_id = sim.apply_refund(first)
    ((tag, data),) = messages(sim, pushed)
    assert tag == "200"
    moment = data.pop("update_time")
    assert moment.endswith("+08:00")
    assert data == {
        "aftersale_id": int(aftersale_id),
        "aftersale_status": 6,
        "aftersale_type": 2,
        "p_id": int(order_id),
        "s_id": int(first),
        "shop_id": sim.shop_id,
        "refund_amount": 1990,
        "refund_post_amount": 0,
        "refund_voucher_num": 0,
        "reason_code": 1,
        "apply_time": sim.clock.now(),
    }
    deadline = sim.aftersales.row(aftersale_id)["status_deadline"]
    sim.extend_refund(aftersale_id, 3600)
    ((tag, data),) = messages(sim, pushed)
    assert (tag, data["status_deadline"]) == ("209", deadline + 3600)
    sim.modify_refund(aftersale_id, 2)
    ((tag, data),) = messages(sim, pushed)
    assert (tag, data["reason_code"]) == ("208", 2)
    sim.close_refund(aftersale_id)
    ((tag, data),) = messages(sim, pushed)
    assert (tag, data["aftersale_status"]) == ("207", 28)
    sim.refuse_refund(sim.apply_refund(first))
    assert told(sim, pushed) == ["200", "204"]
    sim.agree_refund(sim.apply_refund(first))
    assert told(sim, pushed) == ["200", "201", "206"]
    sim.apply_refund(second, fast=True)
    (_, (tag, data)) = messages(sim, pushed)
    assert (tag, data["refund_post_amount"], data["aftersale_status"]) == ("206", 500, 12)
    sim.orphan_refund("6900000000000000001")
    assert told(sim, pushed) == ["200"]


def test_a_story_step_that_fails_tells_nothing(sim, pushed, sku):
    with pytest.raises(ControlError):
        sim.buy([{"sku_id": sku}, {"sku_id": 1}])
    with pytest.raises(ZeroDivisionError), sim.store.transaction():
        sim.buy([{"sku_id": sku}])
        1 / 0  # noqa: B018
    with sim.store.transaction():
        order_id = sim.buy([{"sku_id": sku}])
        assert pushed.posts == []  # nothing leaves before it is in the books
    assert [data["p_id"] for _tag, data in messages(sim, pushed)] == [int(order_id)] * 2


def test_any_message_can_be_sent(sim, pushed):
    msg_id = sim.pushes.send("203", {"p_id": 1})
    assert messages(sim, pushed) == [("203", {"p_id": 1})]
    assert sim.pushes.events()[0]["msg_id"] == msg_id


def test_ids_as_text(sim, pushed, sku):
    sim.pushes.configure(text_ids=0.5)
    for _ in range(30):
        sim.buy([{"sku_id": sku}])
    kinds = {(type(d["p_id"]), type(d["s_ids"][0])) for _tag, d in messages(sim, pushed)}
    assert kinds == {(int, int), (str, str)}


# -- delivery ---------------------------------------------------------------------------------


def test_signed_posts_over_one_connection(sim, pushed, sku):
    pushed.connections = 0
    for number in range(4):
        sim.buy([{"sku_id": sku}], buyer_words=f"好{number}")
        assert sim.pushes.settle()
    assert pushed.tags == ["100", "101"] * 4
    assert pushed.connections == 1
    for post in pushed.posts:
        assert post.headers["app-id"] == sim.app.key
        assert post.signed(*sim.app)
    assert sim.pushes.report()["acked"] == 8


def test_what_is_due_together_travels_together(sim, pushed, sku):
    sim.pushes.configure(max_events=4)
    with sim.store.transaction():
        for _ in range(5):
            sim.buy([{"sku_id": sku}])
    assert sim.pushes.settle()
    assert [len(post.messages) for post in pushed.posts] == [4, 4, 2]
    assert pushed.tags == ["100", "101"] * 5
    report = sim.pushes.report()
    assert (report["posts"], report["pushed"], report["events"]) == (3, 10, {"acked": 10})


@pytest.mark.parametrize("answer", [FAIL, (503, b""), (500, OK[1]), (200, b"{"), (200, b"[]")])
def test_without_an_ack_it_comes_again_on_schedule(sim, pushed, sku, answer):
    sim.pushes.configure(retry_seconds=RETRY, max_attempts=4)
    pushed.answer = answer
    sim.buy([{"sku_id": sku}], paid=False)
    for attempt, wait in enumerate(RETRY, start=1):
        assert sim.pushes.settle()
        assert states(sim) == [("due", attempt)]
        sim.clock.advance(wait - 1)
        assert sim.pushes.settle()
        assert len(pushed.posts) == attempt
        sim.clock.advance(1)
    assert sim.pushes.settle()
    assert states(sim) == [("given_up", 4)]
    sim.clock.advance(10**6)
    assert sim.pushes.settle()
    assert len(pushed.posts) == 4
    assert len({post.body for post in pushed.posts}) == 1
    report = sim.pushes.report()
    assert report["refused"] == {str(answer[0]): 4}
    assert (report["redelivered"], report["acked"]) == (3, 0)


def test_the_schedule_repeats_its_last_wait(sim, pushed, sku):
    sim.pushes.configure(retry_seconds=[5], max_attempts=3)
    pushed.answers = [FAIL, FAIL]
    sim.buy([{"sku_id": sku}], paid=False)
    for _ in range(2):
        assert sim.pushes.settle()
        sim.clock.advance(5)
    assert sim.pushes.settle()
    assert states(sim) == [("acked", 3)]


def test_a_late_ack_is_no_ack(sim, pushed, sku):
    sim.pushes.configure(ack_seconds=0.05, retry_seconds=RETRY)
    pushed.answers = [HANG]
    sim.buy([{"sku_id": sku}], paid=False)
    assert sim.pushes.settle()
    assert states(sim) == [("due", 1)]
    assert sim.pushes.report()["failed"] == {"timeout": 1}
    assert sim.pushes.log()[0]["ms"] >= 50
    sim.clock.advance(10)
    assert sim.pushes.settle()
    assert states(sim) == [("acked", 2)]


def test_a_dead_receiver(sim, receiver, sku):
    sim.clock.set(sim.clock.now())
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread = threading.Thread(target=_answer_once, args=(listening,), daemon=True)
        thread.start()
        sim.pushes.subscribe(url)
        thread.join()
    sim.buy([{"sku_id": sku}], paid=False)
    assert sim.pushes.settle()
    assert states(sim) == [("due", 1)]
    assert sim.pushes.report()["failed"] == {"broken": 1}
    sim.pushes.subscribe(receiver.url)
    sim.clock.advance(5)
    assert sim.pushes.settle()
    assert receiver.tags[1:] == ["100"]


def _answer_once(listening):
    """Answer one request with chunks and without keep-alive."""
    connection, _address = listening.accept()
    with connection:
        read_request(connection)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b'5\r\n{"cod\r\n4;x=y\r\ne":0\r\n1\r\n}\r\n0\r\n\r\n'
        )


@pytest.mark.parametrize(
    "head",
    [
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"cod\r\n5\r\ne":0}\r\n0\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 10\r\n\r\n{"code":0}',
        b'HTTP/1.0 200 OK\r\n\r\n{"code":0}',
    ],
)
def test_every_way_to_end_an_answer(sim, sku, head):
    """Chunks, a closed connection, and neither length nor chunks; split at every byte."""
    sim.clock.set(sim.clock.now())
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            for _ in range(3):  # ping and two messages, each on its own connection
                connection, _address = listening.accept()
                with connection:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    read_request(connection)
                    for byte in head:
                        connection.sendall(bytes([byte]))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        sim.pushes.subscribe(f"http://127.0.0.1:{listening.getsockname()[1]}/", max_events=1)
        sim.buy([{"sku_id": sku}], paid=False)
        assert sim.pushes.settle()
        sim.buy([{"sku_id": sku}], paid=False)
        assert sim.pushes.settle()
        assert states(sim) == [("acked", 1)] * 2
        thread.join()


def test_chunks():
    assert _dechunk(b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n") == b"abc0123456789"
    assert _dechunk(b"3\r\nab") is None


def test_ack_and_signature():
    assert is_ack(200, b'{"msg":"success", "code" : 0}')
    for status, answer in [(200, b'{"code":"0"}'), (201, OK[1]), (200, b"null"), (200, b"\xff")]:
        assert not is_ack(status, answer)
    assert event_sign(App("key", "secret"), b"[]") == "6f79ab32c51226cf58da9261ac4b93bc"


def test_several_connections(sim, pushed, sku):
    sim.pushes.configure(connections=4, ack_seconds=30)
    pushed.connections = 0
    pushed.answers = [HANG] * 3
    with sim.store.transaction():
        ids = [sim.buy([{"sku_id": sku}], paid=False) for _ in range(4)]
    deadline = time.monotonic() + 10
    while len(pushed.posts) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert pushed.connections == 4
    assert sorted(m["data"]["p_id"] for m in pushed.messages) == sorted(map(int, ids))
    assert not sim.pushes.settle(0.01)
    sim.pushes.configure(ack_seconds=0.01)  # the hanging three run out
    assert sim.pushes.settle()
    assert sorted(states(sim)) == [("acked", 1)] + [("due", 1)] * 3


# -- durable ----------------------------------------------------------------------------------


def test_a_restart_goes_on(tmp_path, receiver):
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        sim.add_sku(34, "A", "甲", 990)
        sim.clock.set(sim.clock.now())
        sim.pushes.subscribe(receiver.url, retry_seconds=[100], max_attempts=3, max_events=1)
        receiver.answers = [OK, FAIL, FAIL]
        sim.buy([{"sku_id": 34}])
        sim.buy([{"sku_id": 34}], paid=False)
        assert sim.pushes.settle()
        before = sim.pushes.events()
        assert [e["state"] for e in before] == ["acked", "due", "due"]
    receiver.posts.clear()
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        assert sim.pushes.settle()
        assert receiver.posts == []  # not yet due
        assert sim.pushes.events() == before
        sim.clock.advance(100)
        assert sim.pushes.settle()
        assert receiver.tags == ["101", "100"]
        assert [m["msg_id"] for m in receiver.messages] == [e["msg_id"] for e in before[1:]]
        sim.buy([{"sku_id": 34}], paid=False)
        assert sim.pushes.settle()
        assert len({e["msg_id"] for e in sim.pushes.events()}) == 4


def test_what_hangs_at_a_stop_comes_again(tmp_path, receiver):
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        sim.add_sku(34, "A", "甲", 990)
        sim.clock.set(sim.clock.now())
        sim.pushes.subscribe(receiver.url)
        receiver.answers = [HANG]
        sim.buy([{"sku_id": 34}], paid=False)
        assert not sim.pushes.settle(0.05)
    receiver.posts.clear()
    with DouyinSimulator(db=tmp_path / "d.db") as sim:
        sim.clock.advance(3600)
        assert sim.pushes.settle()
        assert receiver.tags == ["100"]
        assert states(sim)[0][0] == "acked"


def test_over_http(sim, receiver, sku):
    connection = http.client.HTTPConnection(sim.url.removeprefix("http://"), timeout=10)

    def call(verb, path, body=None):
        connection.request(verb, f"/_sim/{path}", json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        return response.status, json.loads(response.read()).get("result")

    status, settings = call("POST", "pushes/subscribe", {"url": receiver.url, "max_events": 2})
    assert (status, settings["max_events"]) == (200, 2)
    assert call("POST", "pushes/configure", {"max_events": 0})[0] == 409
    assert call("POST", "buy", {"lines": [{"sku_id": sku}]})[0] == 200
    assert call("POST", "pushes/settle", {}) == (200, True)
    assert [e["tag"] for e in call("GET", "pushes/events")[1]] == ["100", "101"]
    assert len(call("GET", "pushes/log?limit=1")[1]) == 1
    assert call("GET", "pushes")[1]["acked"] == 2
    assert call("POST", "pushes/send", {"tag": "400", "data": {}})[0] == 200
    assert call("POST", "pushes/unsubscribe", {})[0] == 200
    assert call("POST", "faults/push", {"kind": "none"})[0] == 409
    connection.close()
