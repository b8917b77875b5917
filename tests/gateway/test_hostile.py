"""Whoever sends whatever: refused in bounded time and memory, while good traffic flows."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import ExitStack

import pytest

from .harness import SUCCESS, event, numbers, request_bytes, signed, until

MEGABYTE = 1024 * 1024


def connect(gateway, timeout: float = 20) -> socket.socket:
    return socket.create_connection(("127.0.0.1", gateway.port), timeout=timeout)


def answer(client: socket.socket) -> bytes:
    """Everything until the gateway closes the connection."""
    whole = b""
    while piece := client.recv(65536):
        whole += piece
    return whole


def head(length: int | str, extra: str = "") -> bytes:
    return (
        f"POST /push/douyin HTTP/1.1\r\nHost: x\r\napp-id: 1\r\nContent-Length: {length}\r\n"
        f"{extra}\r\n"
    ).encode()


def test_a_large_body_is_refused_before_it_is_sent(gateway, world):
    with connect(gateway) as client:
        client.sendall(head(300_000))
        assert answer(client).startswith(b"HTTP/1.1 413")
    body = b"x" * 300_000
    status, _text = gateway.post(body, signed(body))
    assert status == 413
    assert gateway.push(event()) == (200, SUCCESS)
    query = "SELECT sum(times) FROM channel_push_refusal WHERE reason = 'too_large'"
    assert until(lambda: world.sql(query)[0][0] == 2, "both are counted")


def test_a_body_that_does_not_say_how_large_it_is(gateway):
    with connect(gateway) as client:
        client.sendall(
            b"POST /push/douyin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        for _n in range(5):
            client.sendall(piece)
        assert answer(client).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # TLS
        (head("-1"), 400),
        (head("1" * 30), 400),
        (head(5, "Content-Length: 6\r\n") + b"hello", 400),
        (head(5, "Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 20_000, 431),
        (b"GET /" + b"a" * 20_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"A%d: 1\r\n" % n for n in range(200)) + b"\r\n", 431),
        (b"POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", 404),
    ],
)
def test_what_is_no_request(gateway, sent, status):
    with connect(gateway) as client:
        client.sendall(sent)
        assert answer(client).startswith(b"HTTP/1.1 %d" % status)
    assert gateway.push(event()) == (200, SUCCESS)


def test_slow_heads_and_bodies_end_while_others_are_served(gateway):
    """A byte now and then does not keep a connection: the deadline is for the whole."""
    with ExitStack() as stack:
        slow = {name: stack.enter_context(connect(gateway)) for name in ("head", "body", "silent")}
        slow["head"].sendall(b"POST /push/douyin HTTP/1.1\r\n")
        slow["body"].sendall(head(200_000) + b"[")
        for client in slow.values():
            client.setblocking(False)
        ended: dict[str, bytes] = {}
        started = time.monotonic()

        def trickle():
            assert gateway.push(event()) == (200, SUCCESS)
            for name, client in slow.items():
                try:
                    piece = client.recv(1000)
                except BlockingIOError:
                    if name != "silent":
                        client.send(b"a" if name == "body" else b"A: 1\r\n")
                    continue
                except ConnectionError:
                    piece = b""
                ended[name] = ended.get(name, b"") + piece
            return len(ended) == len(slow)

        until(trickle, "all slow connections are ended", give_up=15)
        assert time.monotonic() - started >= 4, "nobody honest is cut off that early"
        assert ended["head"].startswith(b"HTTP/1.1 408") or ended["head"] == b""
        assert ended["body"].startswith(b"HTTP/1.1 408")
        assert ended["silent"] == b""


def test_a_client_that_reads_no_answers(gateway):
    """Requests without end on one connection, whose answers nobody takes."""
    before = gateway.memory()
    with connect(gateway) as client:
        client.setblocking(False)
        piece = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 500
        stuck = 0
        end = time.monotonic() + 20
        while stuck < 50 and time.monotonic() < end:
            try:
                client.send(piece)
                stuck = 0
            except BlockingIOError:
                stuck += 1
                assert gateway.push(event()) == (200, SUCCESS)
            except ConnectionError:
                break  # cut off, because half a request stayed too long
        else:
            assert stuck == 50, "the gateway goes on reading what it cannot answer"
        assert gateway.memory() - before < 20 * MEGABYTE


def test_many_requests_at_once_behind_one_that_waits(gateway, world):
    blocker = world.connect()
    blocker.autocommit = False
    item = event()
    page = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(gateway) as client:
        with blocker.cursor() as cr:
            cr.execute("LOCK TABLE channel_push IN ACCESS EXCLUSIVE MODE")
            client.sendall(request_bytes(json.dumps([item]).encode()) + page * 2000)
            until(lambda: gateway.figures()["waiting_events"], "a push that waits")
            blocker.rollback()
        blocker.close()
        client.sendall(b"garbage\r\n\r\n")
        whole = answer(client)
    assert whole.count(b"HTTP/1.1 200 OK") == 2001
    assert whole.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: application/json")
    assert whole.count(b"HTTP/1.1 400") == 1 and whole.endswith(b"Connection: close\r\n\r\n")


def test_ten_thousand_connections(world):
    """More than the limit: the ones that never ask make room, good traffic goes on."""
    with world.gateway("--max-connections", "3000") as gateway, ExitStack() as stack:
        items = [event() for _n in range(20)]
        before = gateway.memory()
        opened = []
        for number in range(10_000):
            client = stack.enter_context(connect(gateway))
            opened.append(client)
            if number % 3 == 0:
                client.sendall(b"POST /push/douyin HTTP/1.1\r\nHost: x\r\n")  # and no more
            if number % 500 == 0:
                started = time.monotonic()
                assert gateway.push(items[number // 500]) == (200, SUCCESS)
                assert time.monotonic() - started < 1
        figures = gateway.figures()
        assert figures["connections"] <= 3001
        assert figures["evicted_total"] >= 1_000
        assert gateway.memory() - before < 100 * MEGABYTE
        assert world.stored(*items) == numbers(items)
    assert "Traceback" not in gateway.log()


def test_bodies_under_way_are_limited_together(gateway):
    """400 connections that each send nearly the largest body, and never its end."""
    before = gateway.memory()
    with ExitStack() as stack:
        refused = 0
        for _n in range(400):
            client = stack.enter_context(connect(gateway))
            client.settimeout(0.01)
            try:
                client.sendall(head(256 * 1024) + b"x" * (255 * 1024))
                refused += client.recv(100).startswith(b"HTTP/1.1 429")
            except (TimeoutError, ConnectionError):
                pass
        figures = gateway.figures()
        assert figures["buffered_bytes"] <= 65 * MEGABYTE
        assert figures['refused_total{reason="busy"}'] >= 100
        assert gateway.memory() - before < 150 * MEGABYTE
    until(lambda: gateway.figures()["buffered_bytes"] == 0, "the budget is given back")
    assert gateway.push(event()) == (200, SUCCESS)


def test_a_full_queue_is_429_and_empties(world):
    with world.gateway("--max-waiting", "10") as gateway, ExitStack() as stack:
        blocker = world.connect()
        blocker.autocommit = False
        first = [event() for _n in range(10)]
        late = event()
        with blocker.cursor() as cr:
            cr.execute("LOCK TABLE channel_push IN ACCESS EXCLUSIVE MODE")
            waiting = stack.enter_context(connect(gateway))
            waiting.sendall(request_bytes(json.dumps(first).encode()))
            until(lambda: gateway.figures()["waiting_events"] == 10, "the queue is full")
            assert gateway.push(late) == (429, {"code": 1, "msg": "busy"})
            blocker.rollback()
        blocker.close()
        assert waiting.recv(1000).startswith(b"HTTP/1.1 200")
        assert gateway.push(late) == (200, SUCCESS)
        assert world.stored(*first, late) == numbers([*first, late])


def test_an_answer_that_nobody_waits_for(gateway, world):
    """The client is gone before its push is committed: stored all the same, nothing breaks."""
    items = [event() for _n in range(50)]
    for item in items:
        with connect(gateway) as client:
            client.sendall(request_bytes(json.dumps([item]).encode()))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    assert gateway.push(event()) == (200, SUCCESS)
    until(lambda: gateway.figures()["connections"] == 1, "they are forgotten")
    assert gateway.figures()["buffered_bytes"] == 0
    assert "Traceback" not in gateway.log()


def test_nothing_of_what_was_sent_is_logged(gateway):
    secret = f"13800138{os.getpid() % 1000:03d}"
    body = json.dumps([event(remark=secret)]).encode()
    gateway.post(body, {"app-id": secret, "event-sign": secret})
    gateway.post(secret.encode())
    gateway.push(event(secret))
    assert secret not in gateway.log()
