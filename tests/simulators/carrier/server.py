"""HTTP/1.1 front: the query and the control API, on 127.0.0.1 only."""

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl

MAX_BODY = 1024 * 1024
CONTROL = {"scan", "fault", "clear", "calls"}


def handler_of(sim) -> type[BaseHTTPRequestHandler]:
    """The handler class of one simulator."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_args: object) -> None:
            """Log nothing."""

        def do_POST(self) -> None:
            """A query or a control action."""
            length = int(self.headers.get("Content-Length") or 0)
            if length > MAX_BODY:
                self.close_connection = True
                return self._send(413, b"{}")
            body = self.rfile.read(length)
            if self.path.startswith("/_sim/"):
                return self._control(self.path.removeprefix("/_sim/"), body)
            if self.path != "/poll/query.do":
                return self._send(404, b"{}")
            status, answer = sim.query(dict(parse_qsl(body.decode(), keep_blank_values=True)))
            if not status:
                self.close_connection = True
                return None
            return self._send(status, answer)

        def _control(self, name: str, body: bytes) -> None:
            if name not in CONTROL:
                return self._send(404, b"{}")
            result = getattr(sim, name)(**json.loads(body or b"{}"))
            return self._send(200, json.dumps(result).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
