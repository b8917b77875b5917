"""HTTP/1.1 front: the channel and the control API, on 127.0.0.1 only."""

import json
from http.server import BaseHTTPRequestHandler

MAX_BODY = 1024 * 1024
CONTROL = {
    "pay", "settle", "advance", "balance", "receiver", "fault", "clear", "books", "check",
    "listen", "notify",
}  # fmt: skip


def handler_of(sim) -> type[BaseHTTPRequestHandler]:
    """The handler class of one simulator."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_args: object) -> None:
            """Log nothing."""

        def do_GET(self) -> None:
            self._answer("GET", b"")

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > MAX_BODY:
                self.close_connection = True
                return self._send(413, {}, b"{}")
            body = self.rfile.read(length)
            if not self.path.startswith("/_sim/"):
                return self._answer("POST", body)
            name = self.path.removeprefix("/_sim/")
            if name not in CONTROL:
                return self._send(404, {}, b"{}")
            result = getattr(sim, name)(**json.loads(body or b"{}"))
            return self._send(200, {}, json.dumps(result).encode())

        def _answer(self, method: str, body: bytes) -> None:
            authorization = self.headers.get("Authorization") or ""
            status, headers, text = sim.answer(method, self.path, authorization, body)
            if not status:
                self.close_connection = True
                return
            self._send(status, headers, text)

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler
