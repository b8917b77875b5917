"""A small real HTTP receiver of pushes on 127.0.0.1, for the simulator's tests."""

import hashlib
import json
import socket
import threading
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

OK = (200, b'{"code":0,"msg":"success"}')
FAIL = (200, b'{"code":1,"msg":"fail"}')
HANG = (0, b"")  # no answer until the receiver stops


class Post(NamedTuple):
    """One request as it came."""

    headers: dict
    body: bytes

    @property
    def messages(self) -> list[dict]:
        """The messages in it, with ``data`` opened (that of a ping is no JSON)."""
        found = json.loads(self.body)
        return [{**m, "data": json.loads(m["data"])} if m["tag"] != "0" else m for m in found]

    def signed(self, key: str, secret: str) -> bool:
        """Tell whether the signature is right; the test's own reading of the rule."""
        expected = hashlib.md5((key + self.body.decode() + secret).encode()).hexdigest()
        return self.headers["event-sign"] == expected


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Receiver(AbstractContextManager):
    """Keeps every post; ``answers`` are used up first, then ``answer`` is given."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.broken = 0  # requests whose body was cut
        self.cut = threading.Event()  # one was: its connection has a thread of its own
        self.answers: list[tuple[int, bytes]] = []
        self.answer = OK
        self.connections = 0
        self.stop_after: int | None = None  # answer no more after so many posts
        self.stopped = threading.Event()
        self.verify = None  # (key, secret): answer 401 to a wrong signature
        self._lock = threading.Lock()
        self._release = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    @property
    def url(self) -> str:
        """Where to push to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/push?shop=1"

    def __exit__(self, *exc_info: object) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, post: Post) -> tuple[int, bytes]:
        """Keep a post and return the answer to it."""
        with self._lock:
            self.posts.append(post)
            answer = self.answers.pop(0) if self.answers else self.answer
            if self.stop_after is not None and len(self.posts) >= self.stop_after:
                self.stopped.set()
                answer = HANG
        if answer is HANG:
            self._release.wait(30)
        if self.verify and not post.signed(*self.verify):
            return 401, b'{"code":40041}'
        return answer

    @property
    def messages(self) -> list[dict]:
        """Every message received, in the order of arrival."""
        return [message for post in self.posts for message in post.messages]

    @property
    def tags(self) -> list[str]:
        """The tags of the messages received."""
        return [message["tag"] for message in self.messages]


def read_request(connection: socket.socket) -> bytes:
    """Read one request from a bare socket."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return body


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 4096

        def log_message(self, *_args: object) -> None:
            """Stay silent."""

        def setup(self) -> None:
            super().setup()
            receiver.connections += 1

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                receiver.broken += 1
                receiver.cut.set()
                self.close_connection = True
                return
            status, answer = receiver.take(Post(dict(self.headers), body))
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    return Handler
