"""HTTP/1.1 over asyncio and httptools, with a limit on everything a stranger may use up.

Each connection has a deadline for its head, its body and its idleness; bodies are refused before
they are read when they say that they are too large; the sum of all bodies under way is limited;
and when there are too many connections, those that never sent a request go first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol as Interface

import httptools

from .settings import Settings

WORDS = {
    200: b"OK",
    400: b"Bad Request",
    401: b"Unauthorized",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    413: b"Content Too Large",
    429: b"Too Many Requests",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}
MAX_HEADERS = 100
LINGER = 1.0  # for the rest of what a refused client sends, so that it sees the answer


class Request:
    """One request as far as it has arrived; ``refused`` is why it was not read to its end."""

    __slots__ = ("chunks", "headers", "keep", "method", "refused", "size", "target")

    def __init__(self) -> None:
        self.method = b""
        self.target = b""
        self.headers: dict[bytes, bytes] = {}
        self.chunks: list[bytes] = []
        self.size = 0
        self.keep = False
        self.refused = ""

    @property
    def path(self) -> bytes:
        return self.target.partition(b"?")[0]

    @property
    def body(self) -> bytes:
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)


class Handler(Interface):
    """Who decides what a request is answered."""

    def expects_body(self, request: Request) -> bool:
        """Whether a body may follow this head (a push to an address that exists)."""
        ...

    def handle(self, connection: Connection, request: Request) -> None:
        """Answer now or later, once: ``connection.answer(…)``."""
        ...


class Limits:
    """What all connections of the process share."""

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self.settings = settings
        self.loop = loop
        self.everyone: set[Connection] = set()
        # Connections that have no complete request, oldest first: strangers never had one.
        self.strangers: dict[Connection, None] = {}
        self.idle: dict[Connection, None] = {}
        self.buffered = 0
        self.evicted = 0
        self.draining = False

    def make_room(self) -> None:
        """Close the connection that will be missed least, when there are too many."""
        if len(self.everyone) > self.settings.max_connections:
            victim = next(iter(self.strangers), None) or next(iter(self.idle), None)
            if victim is not None:
                self.evicted += 1
                victim.abort()

    def sweep(self) -> None:
        """End what is overdue; called about once a second."""
        now = self.loop.time()
        for group in (self.strangers, self.idle):
            for connection in [c for c in group if c.deadline <= now]:
                connection.overdue()

    def drain(self) -> None:
        """Take no further request on connections that have none."""
        self.draining = True
        for connection in [*self.strangers, *self.idle]:
            if not connection.reading:
                connection.close()

    @property
    def busy(self) -> int:
        """Requests under way."""
        return sum(1 for c in self.everyone if c.reading or c.queue)


class Connection(asyncio.Protocol):
    """One client. Its requests are answered one after the other, in their order."""

    __slots__ = ("closing", "completed", "deadline", "fresh", "handed", "handler", "head_bytes", "limits",
                 "parser", "pumping", "queue", "reading", "request", "stalled",
                 "transport")  # fmt: skip

    def __init__(self, handler: Handler, limits: Limits) -> None:
        self.handler = handler
        self.limits = limits
        self.parser = httptools.HttpRequestParser(self)
        self.queue: deque[Request] = deque()
        self.handed = False  # the first of the queue is with the handler
        self.pumping = False
        self.request = Request()
        self.reading = False  # a request has begun and is not complete
        self.head_bytes = 0
        self.completed = 0  # size of the last body that ended in the chunk at hand
        self.fresh = True
        self.closing = False
        self.stalled = False
        self.deadline = 0.0
        self.transport: asyncio.Transport = None  # type: ignore[assignment]

    # --- the transport's side --------------------------------------------------------------

    def connection_made(self, transport) -> None:
        self.transport = transport
        limits = self.limits
        limits.everyone.add(self)
        self.deadline = limits.loop.time() + limits.settings.head_timeout
        limits.strangers[self] = None
        limits.make_room()

    def connection_lost(self, _error) -> None:
        limits = self.limits
        limits.everyone.discard(self)
        limits.strangers.pop(self, None)
        limits.idle.pop(self, None)
        self._forget_bodies()
        self.closing = True
        self.parser = None  # it knows us: no cycle that only the collector finds

    def data_received(self, data: bytes) -> None:
        if self.closing:
            return
        self.completed = 0
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            if not self.request.refused:
                self._refuse("bad_request")
            return
        if self.reading and self.head_bytes >= 0:
            # The chunk may hold whole requests before this head, the last one with a body.
            ended = data.rfind(b"\r\n\r\n")
            before = ended + 4 + self.completed if ended >= 0 else 0
            self.head_bytes += max(len(data) - before, 0)
            if self.head_bytes > self.limits.settings.max_head:
                self._refuse("large_head")

    def eof_received(self) -> bool:
        """A client that only closed its side for sending still gets its answer."""
        for request in self.queue:
            request.keep = False
        return bool(self.queue)

    def pause_writing(self) -> None:
        self.stalled = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.stalled = False
        self._pump()
        if not self.queue:
            self.transport.resume_reading()

    # --- the parser's side -----------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.request = Request()
        self.reading = True
        self.head_bytes = 0
        self.deadline = self.limits.loop.time() + self.limits.settings.head_timeout

    def on_url(self, part: bytes) -> None:
        self.request.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        headers = self.request.headers
        headers[name.lower()] = value
        if len(headers) > MAX_HEADERS:
            self._stop("large_head")

    def on_headers_complete(self) -> None:
        request, limits = self.request, self.limits
        request.method = self.parser.get_method()
        request.keep = self.parser.should_keep_alive() and not limits.draining
        self.head_bytes = -1
        self.deadline = limits.loop.time() + limits.settings.body_timeout
        if b"upgrade" in request.headers:
            self._stop("bad_request")
        length = request.headers.get(b"content-length", b"0")
        has_body = length != b"0" or b"transfer-encoding" in request.headers
        if has_body and not self.handler.expects_body(request):
            self._stop("no_body_here")
        if int(length) > limits.settings.max_body:
            self._stop("too_large")
        if b"expect" in request.headers and not self.queue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, part: bytes) -> None:
        request, limits = self.request, self.limits
        request.size += len(part)
        limits.buffered += len(part)
        request.chunks.append(part)
        if request.size > limits.settings.max_body:
            self._stop("too_large")
        if limits.buffered > limits.settings.max_buffered:
            self._stop("busy")

    def on_message_complete(self) -> None:
        limits = self.limits
        self.reading = False
        self.completed = self.request.size
        if self.fresh:
            self.fresh = False
            limits.strangers.pop(self, None)
        else:
            limits.idle.pop(self, None)
        self.queue.append(self.request)
        self._pump()
        if len(self.queue) > 1:  # no more until these are answered
            self.transport.pause_reading()

    # --- answers ---------------------------------------------------------------------------

    def answer(self, status: int, content_type: bytes, body: bytes) -> None:
        """Answer the request that is first in the queue, then turn to the next."""
        if not self.queue:  # the client has gone
            return
        request = self.queue.popleft()
        self.handed = False
        self.limits.buffered -= request.size
        keep = request.keep and not self.limits.draining
        self.transport.write(
            b"HTTP/1.1 %d %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n%b\r\n%b"
            % (
                status,
                WORDS[status],
                content_type,
                len(body),
                b"" if keep else b"Connection: close\r\n",
                body,
            )
        )
        if not keep:
            self._end_after_answer(bool(request.refused))
        elif self.queue:
            self._pump()
        else:
            self.limits.idle[self] = None
            if not self.reading:
                self.deadline = self.limits.loop.time() + self.limits.settings.idle_timeout
            if not self.stalled:
                self.transport.resume_reading()

    def _pump(self) -> None:
        """Hand out what is next, while the client takes its answers; a loop, not a recursion."""
        if self.pumping:
            return
        self.pumping = True
        while self.queue and not (self.handed or self.stalled or self.closing):
            self.handed = True
            self.handler.handle(self, self.queue[0])
        self.pumping = False

    def _end_after_answer(self, more_may_come: bool) -> None:
        self.closing = True
        if more_may_come and self.transport.can_write_eof():
            # Closing now would reset the connection and lose the answer on its way.
            self.transport.write_eof()
            self.deadline = self.limits.loop.time() + LINGER
            self.limits.idle[self] = None
        else:
            self.transport.close()

    def _stop(self, reason: str) -> None:
        """From within the parser: refuse, and parse no further."""
        self._refuse(reason)
        raise _Stop

    def _refuse(self, reason: str) -> None:
        if not self.reading:  # what is wrong is no part of a request
            self.request = Request()
        request = self.request
        request.refused = reason
        request.keep = False
        request.chunks.clear()
        self.reading = False
        self.limits.strangers.pop(self, None)
        self.limits.idle.pop(self, None)
        self.fresh = False
        self.queue.append(request)
        self.transport.resume_reading()
        self._pump()

    # --- ends ------------------------------------------------------------------------------

    def overdue(self) -> None:
        """Too slow in the middle of a request, or idle for too long."""
        if self.closing:
            self.abort()
        elif self.reading:
            self._refuse("slow")
        else:
            self.close()

    def close(self) -> None:
        self.closing = True
        self.transport.close()

    def abort(self) -> None:
        self.closing = True
        self.transport.abort()

    def _forget_bodies(self) -> None:
        if self.reading:
            self.limits.buffered -= self.request.size
        for request in self.queue:
            self.limits.buffered -= request.size
        self.queue.clear()
        self.reading = False


class _Stop(Exception):
    """Leaves the parser; it becomes an HttpParserError."""
