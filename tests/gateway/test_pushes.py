"""What is stored, what is refused, and what the platform is answered."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket

import pytest

from .harness import APPS, SUCCESS, event, numbers, request_bytes, signed, until


def test_a_good_push_is_stored_before_it_is_acknowledged(gateway, world):
    item = event(1001, update_time=1795319420)  # the shop's number as an int
    assert gateway.push(item) == (200, SUCCESS)
    [row] = world.sql(
        "SELECT s.platform_shop_ref, p.tag, p.order_ref, p.aftersale_ref, p.data,"
        " now() AT TIME ZONE 'UTC' - p.received_at < interval '1 minute'"
        " FROM channel_push p JOIN channel_shop s ON s.id = p.shop_id WHERE msg_id = %s",
        item["msg_id"],
    )
    order = str(json.loads(item["data"])["p_id"])
    assert row == ("1001", "101", order, None, item["data"], True)


def test_new_events_wait_in_the_queue_once(gateway, world):
    item = event()
    for _time in range(3):
        assert gateway.push(item, item) == (200, SUCCESS)
    found = world.sql(
        "SELECT t.shop_id = p.shop_id, attempts, next_attempt <= now() AT TIME ZONE 'UTC'"
        " FROM channel_push_todo t JOIN channel_push p ON p.id = t.push_id WHERE msg_id = %s",
        item["msg_id"],
    )
    assert found == [(True, 0, True)]


def test_a_listener_is_told(gateway, world):
    connection = world.connect()
    with connection.cursor() as cr:
        cr.execute("LISTEN channel_push")
    gateway.push(event())
    until(lambda: connection.poll() or connection.notifies, "a NOTIFY channel_push")
    connection.close()


def test_ids_are_text_whatever_they_came_as(gateway, world):
    items = [event(p_id=4916281726172618219), event(p_id="4916281726172618219", aftersale_id=77)]
    assert gateway.push(*items) == (200, SUCCESS)
    rows = world.sql(
        "SELECT order_ref, aftersale_ref FROM channel_push WHERE msg_id = ANY(%s) ORDER BY id",
        [item["msg_id"] for item in items],
    )
    assert rows == [("4916281726172618219", None), ("4916281726172618219", "77")]


def test_two_shops_of_one_app_and_a_shop_of_another(gateway, world):
    items = [event("1001"), event("1002")]
    assert gateway.push(*items) == (200, SUCCESS)
    other = event("2001")
    assert gateway.push(other, app="TWO") == (200, SUCCESS)
    rows = world.sql(
        "SELECT s.platform_shop_ref FROM channel_push p JOIN channel_shop s ON s.id = p.shop_id"
        " WHERE msg_id = ANY(%s) ORDER BY p.id",
        [item["msg_id"] for item in (*items, other)],
    )
    assert rows == [("1001",), ("1002",), ("2001",)]


def test_an_app_cannot_push_for_the_shop_of_another(gateway, world):
    item = event("2001")
    assert gateway.push(item, app="ONE")[0] == 404
    assert world.stored(item) == []


def test_the_ping_is_answered_and_not_stored(gateway, world):
    before = world.sql("SELECT count(*) FROM channel_push")
    assert gateway.push({"tag": "0", "msg_id": "0", "data": ""}) == (200, SUCCESS)
    assert world.sql("SELECT count(*) FROM channel_push") == before


def test_an_unknown_shop_is_refused_and_the_known_one_beside_it_stored(gateway, world):
    known, unknown = event("1001"), event("999")
    status, answer = gateway.push(known, unknown)
    assert (status, answer) == (404, {"code": 1, "msg": "unknown_shop"})
    assert world.stored(known, unknown) == numbers([known])
    refused = "SELECT app, times FROM channel_push_refusal WHERE shop_ref = '999'"
    assert until(lambda: world.sql(refused), "a counted refusal") == [("ONE", 1)]


@pytest.mark.parametrize("what", ["signature", "body", "no signature", "other app's secret"])
def test_a_bad_signature_is_refused(gateway, world, what):
    item = event()
    body = json.dumps([item]).encode()
    headers = signed(body)
    if what == "signature":
        headers["event-sign"] = "0" * 32
    elif what == "no signature":
        del headers["event-sign"]
    elif what == "other app's secret":
        key = APPS["ONE"][0]
        text = key.encode() + body + APPS["TWO"][1].encode()
        headers["event-sign"] = hashlib.md5(text).hexdigest()
    else:
        body += b" "
    assert gateway.post(body, headers) == (401, {"code": 1, "msg": "bad_signature"})
    assert world.stored(item) == []


def test_a_signature_in_capitals_is_good(gateway):
    body = json.dumps([event()]).encode()
    headers = signed(body)
    headers["event-sign"] = headers["event-sign"].upper()
    assert gateway.post(body, headers) == (200, SUCCESS)


def test_an_unknown_app_is_refused_without_keeping_what_it_sent(gateway, world):
    body = json.dumps([event()]).encode()
    headers = {"app-id": "13800138000", "event-sign": "x"}
    assert gateway.post(body, headers) == (401, {"code": 1, "msg": "unknown_app"})
    counted = "SELECT app, shop_ref FROM channel_push_refusal WHERE reason = 'unknown_app'"
    assert until(lambda: world.sql(counted), "a counted refusal") == [("", "")]
    assert "13800138000" not in gateway.log()


def test_what_is_said_about_the_receiver_is_not_stored(gateway, world):
    item = event(receiver_msg={"name": "张三丰", "tel": "13800138000"}, logistics_msg={"a": 1})
    assert gateway.push(item) == (200, SUCCESS)
    [(data,)] = world.sql("SELECT data FROM channel_push WHERE msg_id = %s", item["msg_id"])
    assert "13800138000" not in data and "张" not in data
    assert json.loads(data)["logistics_msg"] == {"a": 1}


BAD = {
    "not JSON": b"hello",
    "empty": b"",
    "truncated": json.dumps([event()]).encode()[:-7],
    "not UTF-8": b'[{"tag": "101", "msg_id": "1", "data": "\xff\xfe"}]',
    "an object": json.dumps(event()).encode(),
    "an empty list": b"[]",
    "a number": b"[1]",
    "no number": json.dumps([{"tag": "101", "data": "{}"}]).encode(),
    "data is no JSON": json.dumps([{"tag": "101", "msg_id": "1", "data": "{"}]).encode(),
    "data is a list": json.dumps([{"tag": "101", "msg_id": "1", "data": "[]"}]).encode(),
    "a NUL": json.dumps([{"tag": "101", "msg_id": "1\x00", "data": "{}"}]).encode(),
    "half a character": b'[{"tag":"101","msg_id":"1","data":"{\\"a\\":\\"\\ud800\\"}"}]',
    "nested deeply": b"[" * 50_000 + b"]" * 50_000,
    "data nested deeply": json.dumps(
        [{"tag": "101", "msg_id": "1", "data": '{"a":' + "[" * 500 + "]" * 500 + "}"}]
    ).encode(),
    "too many": json.dumps([{"tag": "1", "msg_id": "1", "data": "{}"}] * 501).encode(),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_read_is_refused(gateway, what):
    assert gateway.post(BAD[what]) == (400, {"code": 1, "msg": "malformed"})
    assert gateway.push(event()) == (200, SUCCESS)


def test_the_body_is_not_looked_at_before_the_signature_holds(gateway):
    assert gateway.post(b"hello", {"app-id": APPS["ONE"][0], "event-sign": "0"})[0] == 401


def test_other_addresses_and_methods(gateway):
    assert gateway.request("GET", "/push/douyin")[0] == 405
    for method, path in (("GET", "/"), ("POST", "/push/kuaishou"), ("POST", "/healthz"),
                         ("PUT", "/push/douyin")):  # fmt: skip
        body = b"x" if method != "GET" else b""
        assert gateway.request(method, path, body)[0] == 404, (method, path)
    assert gateway.healthy()


def test_figures(gateway):
    before = gateway.figures()
    item = event()
    gateway.push(item)
    gateway.push(item)
    gateway.post(b"[]")
    after = gateway.figures()
    assert {
        name: after[name] - before.get(name, 0)
        for name in ("acked_total", "stored_total", "replayed_total", "ack_seconds_count",
                     'refused_total{reason="malformed"}')
    } == {"acked_total": 2, "stored_total": 1, "replayed_total": 1, "ack_seconds_count": 2,
          'refused_total{reason="malformed"}': 1}  # fmt: skip
    assert (after["up"], after["shops"], after["waiting_events"], after["buffered_bytes"]) == (
        1, 3, 0, 0,
    )  # fmt: skip


def _read_answers(client: socket.socket, count: int) -> list[int]:
    statuses = []
    for _number in range(count):
        reply = http.client.HTTPResponse(client)
        reply.begin()
        reply.read()
        statuses.append(reply.status)
    return statuses


def test_requests_that_come_in_pieces_or_together(gateway, world):
    items = [event() for _n in range(3)]
    whole = b"".join(request_bytes(json.dumps([item]).encode()) for item in items)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as client:
        for start in range(0, len(whole), 97):
            client.sendall(whole[start : start + 97])
        # HTTPResponse reads ahead on a file of its own: take the raw bytes instead
        answer = b""
        while answer.count(b'"success"') < 3:
            answer += client.recv(65536)
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert world.stored(*items) == numbers(items)


def test_a_chunked_body_and_expect_continue(gateway, world):
    item = event()
    body = json.dumps([item]).encode()
    head = "".join(f"{n}: {v}\r\n" for n, v in signed(body).items())
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as client:
        client.sendall(
            f"POST /push/douyin HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            f"Transfer-Encoding: chunked\r\n{head}\r\n".encode()
        )
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for start in range(0, len(body), 50):
            piece = body[start : start + 50]
            client.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        client.sendall(b"0\r\n\r\n")
        assert _read_answers(client, 1) == [200]
    assert world.stored(item) == numbers([item])
