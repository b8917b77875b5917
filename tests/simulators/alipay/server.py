"""HTTP/1.1 front: the channel's one address and the control API, on 127.0.0.1 only."""

import json
from http.server import BaseHTTPRequestHandler

MAX_BODY = 1024 * 1024
GATEWAY = "/gateway.do"
CONTROL = {"pay", "settle", "advance", "balance", "receiver", "fault", "clear", "books", "check"}


def handler_of(sim) -> type[BaseHTTPRequestHandler]:
    """The handler class of one simulator."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_args: object) -> None:
            """Log nothing."""

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > MAX_BODY:
                self.close_connection = True
                return self._send(413, b"{}")
            body = self.rfile.read(length)
            if self.path == GATEWAY:
                return self._answer(body)
            name = self.path.removeprefix("/_sim/")
            if not self.path.startswith("/_sim/") or name not in CONTROL:
                return self._send(404, b"{}")
            result = getattr(sim, name)(**json.loads(body or b"{}"))
            return self._send(200, json.dumps(result).encode())

        def _answer(self, body: bytes) -> None:
            text = sim.answer(body)
            if text is None:
                self.close_connection = True
                return
            self._send(200, text)

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
