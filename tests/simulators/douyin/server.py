"""HTTP/1.1 front with keep-alive: the gateway of the platform and the control API."""

import contextlib
import secrets
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from . import api, control, signature
from .errors import RefusalError
from .faults import CallFault, cut

if TYPE_CHECKING:
    from .simulator import DouyinSimulator

MAX_BODY = 8 * 1024 * 1024
_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>openresty</body></html>"


class Server(ThreadingHTTPServer):
    """A thread a connection; only 127.0.0.1."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], sim: "DouyinSimulator"):
        self.sim = sim
        self._open: set[socket.socket] = set()
        self._stopping = False
        self._open_lock = threading.Lock()
        super().__init__(address, Handler)

    def process_request(self, request, client_address) -> None:
        """Remember the connection so that a stop can end it."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:
        """Forget a finished connection."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End every open keep-alive connection."""
        self._stopping = True
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the other side was faster
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address) -> None:
        """A client that goes away is no error of ours; anything else is printed."""
        if not self._stopping and not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024

    def log_message(self, *_args: object) -> None:
        """Log nothing: a request line carries the access token."""

    def do_GET(self) -> None:
        """Control views only; the platform wants POST."""
        self._route("GET")

    def do_POST(self) -> None:
        """A platform call or a control action."""
        self._route("POST")

    def _route(self, verb: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self._send(413, b"{}")
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        if parts.path.startswith("/_sim/"):
            return self._send(*control.handle(self.server.sim, verb, parts.path, parts.query, body))
        if verb != "POST":
            return self._send(405, b'{"code":40003,"msg":"POST only"}')
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return self._platform(signature.method_of(parts.path), query, body)

    # -- the platform -----------------------------------------------------------------------

    def _platform(self, method: str, query: dict[str, str], body: bytes) -> None:
        started = time.monotonic()
        sim = self.server.sim
        log_id = secrets.token_hex(16)
        faults = sim.faults.take(method)
        if "slow" in faults:
            time.sleep(faults["slow"].seconds)
        status, code, sub_code, answer = 200, 10000, "", b""
        if "server_error" in faults:
            status, code, answer = 502, 0, _BAD_GATEWAY
        elif "drop_before" in faults:
            status, code = 0, 0
        else:
            try:
                answer = api.success(self._call(method, query, body, faults), log_id)
            except RefusalError as error:
                code, sub_code, answer = error.code, error.sub_code, api.refusal(error, log_id)
        self._record(method, status, code, sub_code, faults, started)
        if "drop_after" in faults or "drop_before" in faults:
            return self._drop()
        return self._send(status, cut(answer) if "truncate" in faults else answer)

    def _call(
        self, method: str, query: dict[str, str], body: bytes, faults: dict[str, CallFault]
    ) -> dict | list | str:
        sim = self.server.sim
        if method not in sim.methods:
            raise RefusalError("no_such_api")
        api.check_call(sim.app, method, query, body)
        if sim.faults.limited(method):
            raise RefusalError("rate_limited")
        if method not in api.WITHOUT_TOKEN:
            sim.tokens.check(query.get("access_token", ""))
        params = api.parameters(body)
        data = sim.methods[method](params)
        if "shift_page" in faults and method == "order.searchList":
            self._shift(params)
        return data

    def _shift(self, params: dict) -> None:
        """Change the first order of the page just read, so that later pages move up by one."""
        shown = self.server.sim.queries.shown(params)
        if shown:
            self.server.sim.orders.touch(shown[0], later=True)

    def _record(
        self,
        method: str,
        status: int,
        code: int,
        sub_code: str,
        faults: dict[str, CallFault],
        started: float,
    ) -> None:
        sim = self.server.sim
        sim.store.insert(
            "requests",
            {
                "at": sim.clock.now(),
                "method": method if method in sim.methods else "unknown",
                "http": status,
                "code": code,
                "sub_code": sub_code,
                "fault": ",".join(sorted(faults)),
                "ms": round((time.monotonic() - started) * 1000, 2),
            },
        )

    # -- answering --------------------------------------------------------------------------

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        kind = "text/html" if body is _BAD_GATEWAY else "application/json; charset=utf-8"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _drop(self) -> None:
        """Hang up without a byte."""
        self.close_connection = True
        with contextlib.suppress(OSError):  # the client hung up first
            self.connection.shutdown(socket.SHUT_RDWR)
