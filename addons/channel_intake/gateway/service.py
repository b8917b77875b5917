"""One process of the gateway: requests in, rows to the store, answers out, figures."""

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable

from .directory import Directory, ShopRow, build
from .intake import judge
from .metrics import Metrics
from .platforms import PLATFORMS
from .platforms.base import REASONS
from .refusals import Refusals
from .settings import Settings
from .store import Store, WrongSchema
from .wire import Connection, Limits, Request

log = logging.getLogger("gateway")

PATHS = {f"/push/{name}".encode(): name for name in PLATFORMS}
TEXT = b"text/plain; charset=utf-8"
# Refusals of requests that are no pushes, or not read so far that they could be one.
NO_PUSH = {"bad_request": 400, "no_body_here": 404, "large_head": 431}
EXIT_SCHEMA = 3


class Service:
    """Handles the requests of all connections of this process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.refusals = Refusals()
        self.limits = Limits(settings, asyncio.get_running_loop())
        self.store = Store(settings, self.metrics, self.refusals, _directory)

    # --- requests --------------------------------------------------------------------------

    def expects_body(self, request: Request) -> bool:
        """Only a POST to a platform's address has a body."""
        return request.method == b"POST" and request.path in PATHS

    def handle(self, connection: Connection, request: Request) -> None:
        """Answer a request, at once or when its rows are committed."""
        name = PATHS.get(request.path)
        if request.refused in NO_PUSH:
            connection.answer(NO_PUSH[request.refused], TEXT, b"")
        elif name is None:
            self._page(connection, request)
        elif request.refused:
            self._refuse(connection, name, request.refused)
        elif request.method != b"POST":
            connection.answer(405, TEXT, b"")
        else:
            self._push(connection, name, request)

    def _push(self, connection: Connection, name: str, request: Request) -> None:
        began = time.monotonic()
        self.metrics.received += 1
        verdict = judge(self.store.directory, name, request.headers, request.body)

        def done(reason: str) -> None:
            reason = reason or verdict.reason
            if reason:
                self._refuse(connection, name, reason, verdict.app, verdict.shop_ref)
            else:
                self.metrics.ack(time.monotonic() - began)
                platform = PLATFORMS[name]
                connection.answer(200, platform.content_type, platform.success)

        if not verdict.rows:  # refused, or only a test ping
            done("")
        elif why := self.store.offer(verdict.rows, done):
            done(why)

    def _refuse(
        self, connection: Connection, name: str, reason: str, app: str = "", shop_ref: str = ""
    ) -> None:
        self.metrics.refused[reason] += 1
        self.refusals.add(int(time.time()) // 60, reason, app, shop_ref)
        platform = PLATFORMS[name]
        connection.answer(REASONS[reason], platform.content_type, platform.failure(reason))

    def _page(self, connection: Connection, request: Request) -> None:
        if request.refused or request.method not in (b"GET", b"HEAD"):
            connection.answer(408 if request.refused == "slow" else 404, TEXT, b"")
        elif request.path == b"/healthz":
            ready = self.store.up and not self.limits.draining
            text = b"ok\n" if ready else b"draining\n" if self.limits.draining else b"no database\n"
            connection.answer(200 if ready else 503, TEXT, text)
        elif request.path == b"/metrics":
            connection.answer(200, b"text/plain; version=0.0.4", self._figures().encode())
        else:
            connection.answer(404, TEXT, b"")

    def _figures(self) -> str:
        directory = self.store.directory
        self.metrics.evicted = self.limits.evicted
        return self.metrics.text(
            {
                "up": float(self.store.up),
                "waiting_events": self.store.waiting_events,
                "connections": len(self.limits.everyone),
                "buffered_bytes": self.limits.buffered,
                "shops": sum(len(app.shops) for app in directory.apps.values()),
                "credentials_missing": len(directory.missing),
            },
            self.settings.index,
        )

    # --- life ------------------------------------------------------------------------------

    async def run(self, listening: socket.socket, metrics_port: int = 0) -> None:
        """Serve until SIGTERM or SIGINT, then finish what was begun.

        :raises WrongSchema: when the database is not the one this gateway was written for
        """
        loop = asyncio.get_running_loop()
        ending = asyncio.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, ending.set)
        keeper = loop.create_task(self.store.run())
        keeper.add_done_callback(lambda _task: ending.set())
        clock = loop.create_task(self._clock(ending, os.getppid()))
        while not (self.store.up or ending.is_set() or self.store.tried):
            await asyncio.sleep(0.01)
        servers = []
        if not ending.is_set():
            servers.append(await self._listen(sock=listening, backlog=4096))
            if metrics_port:
                servers.append(await self._listen(host="127.0.0.1", port=metrics_port))
            host, port = listening.getsockname()[:2]
            log.info("listening on http://%s:%d", host, port)
            await ending.wait()
        for server in servers:
            server.close()
        await self._drain(loop)
        self.store.stop()
        await keeper
        clock.cancel()

    async def _listen(self, **where) -> asyncio.AbstractServer:
        make: Callable[[], Connection] = lambda: Connection(self, self.limits)  # noqa: E731
        return await asyncio.get_running_loop().create_server(make, **where)

    async def _drain(self, loop: asyncio.AbstractEventLoop) -> None:
        log.info("draining %d request(s)", self.limits.busy)
        self.limits.drain()
        end = loop.time() + self.settings.drain_timeout
        while self.limits.busy and loop.time() < end:
            await asyncio.sleep(0.01)

    async def _clock(self, ending: asyncio.Event, parent: int) -> None:
        """Chores about once a second; also ends us when the supervisor was killed."""
        while True:
            await asyncio.sleep(0.5)
            self.limits.sweep()
            self.store.tick()
            if self.settings.processes > 1 and os.getppid() != parent:
                ending.set()


def _directory(rows: list[ShopRow]) -> Directory:
    return build(rows, os.environ)


def listen_socket(settings: Settings) -> socket.socket:
    """The shared port: every process has a socket of its own there, the kernel spreads clients."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if settings.processes > 1:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((settings.host, settings.port))
    made.setblocking(False)
    return made


def serve(settings: Settings, metrics_port: int = 0) -> int:
    """Run one process to its end. :return: its exit code"""
    import uvloop

    async def main() -> None:
        await Service(settings).run(listen_socket(settings), metrics_port)

    # What was imported stays; requests make no cycles that would have to be found often.
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    try:
        uvloop.run(main())
    except WrongSchema as error:
        log.error("cannot start: %s", error)
        return EXIT_SCHEMA
    except OSError as error:
        log.error("cannot listen on %s:%d: %s", settings.host, settings.port, error.strerror)
        return 1
    return 0
