"""One keep-alive HTTP/1.1 connection to the receiver of pushes, one request at a time."""

import asyncio
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]+)[^\r\n]*\r\n")
MAX_ANSWER = 64 * 1024

Answered = Callable[[int, bytes], None]


class Connection(asyncio.Protocol):
    """Sends a request and calls back with status and body of the answer.

    Status 0 means that the connection ended before a whole answer came.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, host: str, port: int):
        self._loop = loop
        self._address = host, port
        self._transport: asyncio.Transport | None = None
        self._answer = bytearray()
        self._request = b""
        self._cut = False
        self._task: asyncio.Task | None = None
        self._answered: Answered | None = None
        self.started = 0.0  # loop time at which the request went out

    @property
    def busy(self) -> bool:
        """A request is on its way."""
        return self._answered is not None

    def send(self, request: bytes, answered: Answered, cut_at: int = 0) -> None:
        """Send a request; ``cut_at`` > 0 hangs up after so many bytes."""
        self._answered = answered
        self._answer.clear()
        self._request = request[:cut_at] if cut_at else request
        self._cut = bool(cut_at)
        self.started = self._loop.time()
        if self._transport is None or self._transport.is_closing():
            self._task = self._loop.create_task(self._connect())
        else:
            self._write()

    def abort(self) -> None:
        """Hang up at once; a request on its way ends with status 0."""
        if self._task:
            self._task.cancel()
        if self._transport:
            self._transport.abort()
        self._transport = None
        self._finish(0, b"")

    async def _connect(self) -> None:
        try:
            transport, _self = await self._loop.create_connection(lambda: self, *self._address)
        except OSError:
            self._finish(0, b"")
            return
        self._transport = transport
        self._write()

    def _write(self) -> None:
        self._transport.write(self._request)
        if self._cut:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Collect the answer (asyncio calls this)."""
        self._answer += data
        self._parse(ended=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side hung up, or we did (asyncio calls this)."""
        self._transport = None
        if self.busy:
            if exc is None and not self._cut:
                self._parse(ended=True)
            self._finish(0, b"")

    def _parse(self, ended: bool) -> None:
        if not self.busy:
            return
        answer = bytes(self._answer)
        end = answer.find(b"\r\n\r\n")
        if end < 0:
            if len(answer) > MAX_ANSWER:
                self.abort()
            return
        head, rest = _read_head(answer[:end]), answer[end + 4 :]
        if head.length is not None:
            body = rest[: head.length] if len(rest) >= head.length else None
        elif head.chunked:
            body = _dechunk(rest)
        else:
            body = rest if ended else None
        if body is None:
            if len(answer) > MAX_ANSWER:
                self.abort()
            return
        if head.close and self._transport:
            self._transport.close()
            self._transport = None
        self._finish(head.status, body)

    def _finish(self, status: int, body: bytes) -> None:
        answered, self._answered = self._answered, None
        if answered:
            answered(status, body)


class _Head(NamedTuple):
    """What counts of an answer's status line and headers."""

    status: int
    length: int | None
    chunked: bool
    close: bool


@lru_cache(maxsize=64)
def _read_head(head: bytes) -> _Head:
    length = _LENGTH.search(head)
    return _Head(
        int(head[9:12]) if head[9:12].isdigit() else 0,
        int(length[1]) if length else None,
        bool(_CHUNKED.search(head)),
        bool(_CLOSE.search(head)),
    )


def _dechunk(data: bytes) -> bytes | None:
    """Return the body of a chunked answer, or None while it is not whole."""
    body, at = b"", 0
    while match := _CHUNK.match(data, at):
        size = int(match[1], 16)
        if size == 0:
            return body
        body += data[match.end() : match.end() + size]
        at = match.end() + size + 2
    return None
