"""A load client that costs little beside what it measures: uvloop, requests made beforehand."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import uvloop

PADDING = 45  # ids that bring a body to the 1.4 kB of performance.md


def bodies(count: int, shop_ref: str, first: int) -> Iterator[bytes]:
    """Pushes of one paid order each, every one with a number of its own."""
    for number in range(first, first + count):
        order = 4_900_000_000_000_000_000 + number
        data = {
            "p_id": order,
            "s_ids": [order + n for n in range(PADDING)],
            "shop_id": int(shop_ref),
            "order_status": 2,
            "order_type": 0,
            "create_time": 1795319400,
            "pay_time": 1795319415,
            "pay_type": 8,
            "pay_amount": 1990,
            "biz": 2,
        }
        text = json.dumps(data, separators=(",", ":"))
        yield json.dumps([{"tag": "101", "msg_id": f"{order}:101", "data": text}]).encode()


def request(path: str, body: bytes, key: str, secret: str) -> bytes:
    """One signed request as it goes over the wire."""
    sign = hashlib.md5(key.encode() + body + secret.encode()).hexdigest()
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"app-id: {key}\r\nevent-sign: {sign}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


@dataclass
class Measured:
    """What came back: acknowledgements and their times in seconds."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, part: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1000


class _Client(asyncio.Protocol):
    """Sends the next request when the answer to the one before is there.

    A server that closes the connection after its answer (Odoo's does) gets a new one.
    """

    def __init__(
        self, port: int, requests: Iterator[bytes], measured: Measured, until: float
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.port = port
        self.requests = requests
        self.measured = measured
        self.until = until
        self.done = self.loop.create_future()
        self.task: asyncio.Task | None = None

    async def start(self) -> None:
        """Take a request and connect for it."""
        self.whole = next(self.requests, None)
        self.sent = time.perf_counter()
        if self.whole is None or self.sent >= self.until:
            self.finish()
            return
        self.answered = False
        try:
            await self.loop.create_connection(lambda: self, "127.0.0.1", self.port)
        except OSError:
            self.measured.failed += 1
            self.loop.call_later(0.01, self._restart)

    def _restart(self) -> None:
        self.task = self.loop.create_task(self.start())

    def finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.answer = b""
        transport.write(self.whole)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        head, end, body = self.answer.partition(b"\r\n\r\n")
        if not end or len(body) < _content_length(head):
            return
        now = time.perf_counter()
        if not head.startswith(b"HTTP/1.1 200") and not head.startswith(b"HTTP/1.0 200"):
            self.measured.failed += 1
        elif now < self.until:
            self.measured.times.append(now - self.sent)
        self.answer = b""
        if head.startswith(b"HTTP/1.0") or b"onnection: close" in head:
            self.answered = True
            self.transport.close()
            return
        self.whole = next(self.requests, None)
        self.sent = now
        if self.whole is None or now >= self.until:
            self.answered = True
            self.transport.close()
        else:
            self.transport.write(self.whole)

    def connection_lost(self, _error) -> None:
        if not self.answered:
            self.measured.failed += 1
        self._restart()


def _content_length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r", 1)[0])


def run_load(port: int, requests: list[bytes], connections: int, seconds: float) -> Measured:
    """Keep so many connections busy for so long; the requests must last."""
    measured = Measured(seconds)
    source = iter(requests)

    async def main() -> None:
        until = time.perf_counter() + seconds
        clients = [_Client(port, source, measured, until) for _number in range(connections)]
        await asyncio.gather(*(client.start() for client in clients))
        # Whoever is not answered within a while after the end counts as failed.
        _done, late = await asyncio.wait([client.done for client in clients], timeout=seconds + 10)
        measured.failed += len(late)

    gc.collect()
    gc.disable()
    try:
        uvloop.run(main())
    finally:
        gc.enable()
    if next(source, None) is None:
        raise RuntimeError("the client ran out of requests: prepare more")
    return measured
