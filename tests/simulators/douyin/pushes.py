"""The platform's push service: signs messages, posts them, and tries again until acknowledged."""

import asyncio
import concurrent.futures
import hashlib
import heapq
import http.client
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from .api import App
from .books import Books
from .clock import Clock
from .errors import ControlError
from .events import PING, Event, Events
from .faults import Faults
from .push_connection import Connection

PING_DATA = "2021-05-31T11:21:51+08:00"  # our reading: a text that is no JSON
BODY_FAULTS = ("bad_signature", "cut", "ack_lost")
_WRITE_SECONDS = 0.02  # outcomes of a busy service are written together
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_quote = json.encoder.encode_basestring


@dataclass
class Settings:
    """How messages are sent; kept with the books.

    ``ack_seconds`` is real time, ``retry_seconds`` (waits before the second, third … attempt;
    the last one repeats) runs on the platform's clock. ``text_ids``: share of messages whose
    ids are text.
    """

    url: str = ""
    ack_seconds: float = 5.0
    retry_seconds: tuple[int, ...] = (5, 10, 30, 60, 300, 600, 1800, 3600)
    max_attempts: int = 9
    max_events: int = 10
    connections: int = 1
    text_ids: float = 0.0

    def check(self) -> None:
        """Refuse what cannot work."""
        parts = urlsplit(self.url)
        if self.url and (
            parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost")
        ):
            raise ControlError("pushes go to http://127.0.0.1 only")
        counts = (self.max_attempts, self.max_events, self.connections, len(self.retry_seconds))
        if min(counts) < 1 or self.ack_seconds <= 0 or not 0 <= self.text_ids <= 1:
            raise ControlError(f"impossible push settings {self}")


class Body(NamedTuple):
    """One POST and the messages in it."""

    events: list[Event]
    faults: tuple[str, ...]


def event_sign(app: App, body: bytes) -> str:
    """Return the header ``event-sign`` of a body: MD5 hex of app_key + body + app_secret."""
    return hashlib.md5(app.key.encode() + body + app.secret.encode()).hexdigest()


def body_of(events: Sequence[Event]) -> bytes:
    """Return the JSON array of messages that is posted."""
    parts = [f'{{"tag":"{e.tag}","msg_id":"{e.msg_id}","data":{_quote(e.data)}}}' for e in events]
    return f"[{','.join(parts)}]".encode()


@lru_cache(maxsize=64)
def is_ack(status: int, answer: bytes) -> bool:
    """Tell whether an answer acknowledges: HTTP 200 and code 0."""
    try:
        return status == 200 and json.loads(answer)["code"] == 0
    except (ValueError, TypeError, KeyError):
        return False


class Pushes:
    """Delivers the messages of :class:`.events.Events` from a thread of its own.

    Every message is in the books before it is sent, and so is each outcome: a restart goes on
    with what is neither acknowledged nor given up.
    """

    def __init__(self, books: Books, clock: Clock, app: App, events: Events, faults: Faults):
        self._books = books
        self._clock = clock
        self._app = app
        self._events = events
        self._faults = faults
        self._stored = Settings(**json.loads(books.meta("push_settings") or "{}"))
        self._settings = self._stored
        self._apply()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._waiting: list[tuple[int, int, Event]] = []  # heap by due second
        self._held: list[Event] = []  # out of order: until a later one has left
        self._ready: deque[Event] = deque()
        self._free: list[Connection] = []
        self._busy: dict[Connection, Body] = {}
        self._outcomes: list[tuple[Body, int, str, float]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._writer: asyncio.TimerHandle | None = None
        self._idle: list[asyncio.Future] = []
        self._last_sent = 0
        self._head = b""
        self.greatest_queue = 0

    # -- settings ---------------------------------------------------------------------------

    def subscribe(self, url: str, **settings: object) -> dict:
        """Save the push URL after its validation ping was acknowledged.

        :raises ControlError: when it was not; the old settings stay
        """
        changed = self._changed(url=url, **settings)
        status, answer = self._ping(changed)
        if not is_ack(status, answer):
            raise ControlError(f"the validation ping was not acknowledged: HTTP {status}")
        return self._save(changed)

    def unsubscribe(self) -> dict:
        """Push nothing any more; what is unfinished waits for a new URL."""
        return self._save(self._changed(url=""))

    def configure(self, **settings: object) -> dict:
        """Change settings other than the URL (see :class:`Settings`) and return all."""
        if "url" in settings:
            raise ControlError("a URL is saved by subscribing")
        return self._save(self._changed(**settings))

    def _changed(self, **settings: object) -> Settings:
        changed = Settings(**{**asdict(self._stored), **settings})
        changed.retry_seconds = tuple(changed.retry_seconds)
        changed.check()
        return changed

    def _save(self, settings: Settings) -> dict:
        self._books.set_meta("push_settings", json.dumps(asdict(settings)))
        self._stored = self._settings = settings
        self._apply()
        if self._loop:
            self._call(self._reconnect)
        return asdict(settings)

    def _apply(self) -> None:
        self._events.wanted = bool(self._settings.url)
        self._events.text_ids = self._settings.text_ids

    def _ping(self, settings: Settings) -> tuple[int, bytes]:
        body = _encode([{"tag": PING, "msg_id": "0", "data": PING_DATA}]).encode()
        parts = urlsplit(settings.url)
        connection = http.client.HTTPConnection(
            parts.hostname, parts.port or 80, timeout=settings.ack_seconds
        )
        headers = {
            "Content-Type": "application/json",
            "app-id": self._app.key,
            "event-sign": event_sign(self._app, body),
        }
        try:
            connection.request("POST", _target(settings.url), body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    # -- from other threads -----------------------------------------------------------------

    def start(self) -> None:
        """Deliver from now on, first what an earlier process left."""
        self._stopping = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop,), daemon=True)
        self._events.deliver = lambda events: self._call(self._take, events)
        self._clock.on_change = lambda: self._call(self._pump)
        unfinished = self._events.unfinished()
        self._thread.start()
        self._call(self._reconnect)
        self._call(self._take, unfinished)

    def stop(self) -> None:
        """End the thread; a request on its way counts as failed and comes again."""
        if not self._thread:
            return
        self._stopping = True
        self._call(self._shut)
        self._thread.join()
        self._thread = None

    def _call(self, function: Callable, *args: object) -> None:
        loop = self._loop
        if loop and not loop.is_closed():
            try:
                loop.call_soon_threadsafe(function, *args)
            except RuntimeError:
                if not self._stopping:
                    raise

    def settle(self, seconds: float = 10) -> bool:
        """Wait until every message due now was sent and its outcome is in the books.

        :return: False when that took longer than ``seconds``
        """
        if not self._thread:
            raise ControlError("the simulator does not run")
        future = asyncio.run_coroutine_threadsafe(self.settled(), self._loop)
        try:
            future.result(seconds)
        except concurrent.futures.TimeoutError:
            future.cancel()
            return False
        return True

    def send(self, tag: str, data: object) -> str:
        """Push any message, also of something the books do not know; return its msg_id."""
        if not self._events.wanted:
            raise ControlError("nobody has subscribed")
        text = data if isinstance(data, str) else _encode(data)
        return self._events.write([(str(tag), text)])[0]

    # -- looking inside ---------------------------------------------------------------------

    def events(self, limit: int = 1000) -> list[dict]:
        """Return the last messages, oldest first: state due, acked, lost or given_up."""
        rows = self._books.all("SELECT * FROM events ORDER BY seq DESC LIMIT ?", (int(limit),))
        return [dict(row) for row in reversed(rows)]

    def log(self, limit: int = 1000) -> list[dict]:
        """Return the last POSTs, oldest first."""
        rows = self._books.all("SELECT * FROM pushes ORDER BY seq DESC LIMIT ?", (int(limit),))
        return [dict(row) for row in reversed(rows)]

    def mark(self) -> tuple[int, int]:
        """Return where the books stand now, for :meth:`report`."""
        return (
            self._books.scalar("SELECT max(seq) FROM events"),
            self._books.scalar("SELECT max(seq) FROM pushes"),
        )

    def report(self, since: tuple[int, int] = (0, 0)) -> dict:
        """Return what was pushed and how it was answered.

        ``pushed`` counts messages, ``posts`` requests; ``refused`` is posts by HTTP status (200:
        answered, but code is not 0), ``failed`` posts without an answer by reason;
        ``redelivered`` counts messages sent again. ``ack_ms`` is of acknowledged posts.
        """
        first_event, first_post = since
        books = self._books
        with books.lock:
            states = books.all(
                "SELECT state, count(*) FROM events WHERE seq > ? GROUP BY state", (first_event,)
            )
            sums = books.all(
                "SELECT outcome, http, count(*), sum(events),"
                " sum(CASE WHEN attempt > 1 THEN events ELSE 0 END)"
                " FROM pushes WHERE seq > ? GROUP BY outcome, http",
                (first_post,),
            )
            times = books.all(
                "SELECT ms FROM pushes WHERE seq > ? AND outcome = 'acked' ORDER BY ms",
                (first_post,),
            )
        ms = [row[0] for row in times]
        return {
            "events": dict(map(tuple, states)),
            "posts": sum(row[2] for row in sums),
            "pushed": sum(row[3] for row in sums),
            "acked": sum(row[3] for row in sums if row[0] == "acked"),
            "redelivered": sum(row[4] for row in sums),
            "refused": {str(row[1]): row[2] for row in sums if row[0] == "refused"},
            "failed": {row[0]: row[2] for row in sums if row[0] not in ("acked", "refused")},
            "ack_ms": {
                "p50": ms[len(ms) // 2] if ms else None,
                "p99": ms[len(ms) * 99 // 100] if ms else None,
                "max": ms[-1] if ms else None,
            },
            "greatest_queue": self.greatest_queue,
        }

    # -- for a rush -------------------------------------------------------------------------

    def run(self, steps: Coroutine, **settings: object) -> concurrent.futures.Future:
        """Run a coroutine in the thread of the service, with other settings until it ends."""
        if not self._thread:
            raise ControlError("the simulator does not run")
        return asyncio.run_coroutine_threadsafe(
            self._with(self._changed(**settings), steps), self._loop
        )

    async def _with(self, settings: Settings, steps: Coroutine) -> object:
        self._settings = settings
        self.greatest_queue = 0
        self._reconnect()
        try:
            return await steps
        finally:
            self._settings = self._stored
            self._reconnect()

    async def settled(self) -> None:
        """Wait, in the loop, until nothing is due; see :meth:`settle`."""
        self._pump()
        while not self._is_idle():
            waiter = self._loop.create_future()
            self._idle.append(waiter)
            await waiter

    # -- in the loop ------------------------------------------------------------------------

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()

    def _shut(self) -> None:
        for connection in [*self._busy, *self._free]:
            connection.abort()
        self._write_outcomes()
        self._loop.stop()

    def _reconnect(self) -> None:
        """Take up changed settings."""
        for connection in self._free:
            connection.abort()
        self._free.clear()
        if self._sweeper:
            self._sweeper.cancel()
            self._sweep()
        url = self._settings.url
        if url:
            parts = urlsplit(url)
            address = parts.hostname, parts.port or 80
            count = max(0, self._settings.connections - len(self._busy))
            self._free = [Connection(self._loop, *address) for _ in range(count)]
            self._head = (
                f"POST {_target(url)} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"Content-Type: application/json\r\napp-id: {self._app.key}\r\nevent-sign: "
            ).encode()
        self._pump()

    def _take(self, events: list[Event]) -> None:
        """Receive messages that were just written into the books."""
        for event in events:
            heapq.heappush(self._waiting, (event.next_at, event.seq, event))
        self._pump()

    def _pump(self) -> None:
        """Send what is due as far as connections are free, and wake up for the next."""
        if self._stopping:
            return
        if self._settings.url:
            self._collect_due()
            self._feed()
        self._set_timer()
        if self._idle and self._is_idle():
            for waiter in self._idle:
                if not waiter.done():
                    waiter.set_result(None)
            self._idle.clear()

    def _feed(self) -> None:
        """Give what is ready to free connections."""
        while self._ready and self._free:
            count = min(self._settings.max_events, len(self._ready))
            self._send([self._ready.popleft() for _ in range(count)])
            if self._held:
                self._release_held()

    def _collect_due(self) -> None:
        now = self._clock.now()
        lost = []
        while self._waiting and self._waiting[0][0] <= now:
            event = heapq.heappop(self._waiting)[2]
            if event.attempts or event.fault or not self._faulty(event, lost):
                self._ready.append(event)
        for event in [event for event in self._held if event.next_at <= now]:
            self._held.remove(event)
            self._ready.append(event)
        if lost:
            self._books.executemany(
                "UPDATE events SET state = 'lost', fault = 'lost' WHERE seq = ?", lost
            )
        self.greatest_queue = max(self.greatest_queue, len(self._ready))

    def _faulty(self, event: Event, lost: list[tuple]) -> bool:
        """Apply the faults that hit a message before it is first sent."""
        if self._faults.push_hit("lost", event.tag, event.msg_id):
            lost.append((event.seq,))
            return True
        for kind in ("delayed", "out_of_order"):
            fault = self._faults.push_hit(kind, event.tag, event.msg_id)
            if not fault:
                continue
            event.add_fault(kind)
            event.next_at += fault.seconds
            self._books.execute(
                "UPDATE events SET next_at = ?, fault = ? WHERE seq = ?",
                (event.next_at, event.fault, event.seq),
            )
            if kind == "out_of_order":
                self._held.append(event)
            else:
                heapq.heappush(self._waiting, (event.next_at, event.seq, event))
            return True
        return False

    def _release_held(self) -> None:
        for event in [event for event in self._held if event.seq < self._last_sent]:
            self._held.remove(event)
            self._ready.append(event)

    def _set_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due = [self._waiting[0][0]] if self._waiting else []
        due += [event.next_at for event in self._held]
        if due and self._settings.url and not self._clock.stands:
            wait = max(0.0, min(due) - self._clock.now() - time.time() % 1 + 0.001)
            if min(due) > self._clock.now():
                self._timer = self._loop.call_later(wait, self._pump)

    def _is_idle(self) -> bool:
        if self._stopping or not self._settings.url:
            return True
        due = self._clock.now()
        return not (
            self._ready
            or self._busy
            or self._outcomes
            or (self._waiting and self._waiting[0][0] <= due)
            or any(event.next_at <= due for event in self._held)
        )

    def _send(self, events: list[Event]) -> None:
        faults = self._body_faults(events) if self._faults.push_armed else ()
        body = body_of(events)
        sign = event_sign(self._app, body)
        if "bad_signature" in faults:
            sign = event_sign(self._app, body + b" ")
        head = b"%b%b\r\nContent-Length: %d\r\n\r\n" % (self._head, sign.encode(), len(body))
        connection = self._free.pop()
        self._busy[connection] = Body(events, faults)
        self._last_sent = max(self._last_sent, events[-1].seq)
        cut_at = len(head) + len(body) // 2 if "cut" in faults else 0
        connection.send(
            head + body, lambda status, answer: self._answered(connection, status, answer), cut_at
        )
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(self._settings.ack_seconds / 10, self._sweep)

    def _body_faults(self, events: list[Event]) -> tuple[str, ...]:
        found = []
        for kind in BODY_FAULTS:
            for event in events:
                if self._faults.push_hit(kind, event.tag, f"{event.msg_id}/{event.attempts}"):
                    event.add_fault(kind)
                    found.append(kind)
                    break
        return tuple(found)

    def _sweep(self) -> None:
        """End requests that were not answered in time."""
        self._sweeper = None
        limit = self._loop.time() - self._settings.ack_seconds
        for connection in [c for c in self._busy if c.started <= limit]:
            connection.abort()
        if self._busy:
            self._sweeper = self._loop.call_later(self._settings.ack_seconds / 10, self._sweep)

    def _answered(self, connection: Connection, status: int, answer: bytes) -> None:
        body = self._busy.pop(connection)
        spent = self._loop.time() - connection.started
        if len(self._busy) + len(self._free) < self._settings.connections:
            self._free.append(connection)
        if "cut" in body.faults:
            outcome = "cut"
        elif status == 0:
            outcome = "timeout" if spent >= self._settings.ack_seconds else "broken"
        elif not is_ack(status, answer):
            outcome = "refused"
        else:
            outcome = "ack_lost" if "ack_lost" in body.faults else "acked"
        self._outcomes.append((body, status, outcome, round(spent * 1000, 3)))
        if not (self._busy or self._ready):
            self._write_outcomes()
            self._pump()
            return
        if self._writer is None:
            self._writer = self._loop.call_later(_WRITE_SECONDS, self._write_and_pump)
        self._feed()

    def _write_and_pump(self) -> None:
        self._write_outcomes()
        self._pump()

    def _write_outcomes(self) -> None:
        """Write what happened to the messages sent, and put back what must go again."""
        if self._writer:
            self._writer.cancel()
            self._writer = None
        outcomes, self._outcomes = self._outcomes, []
        if not outcomes:
            return
        now = self._clock.now()
        posts, rows = [], []
        for body, status, outcome, ms in outcomes:
            attempt = max(event.attempts for event in body.events) + 1
            posts.append(
                (now, len(body.events), attempt, status, outcome, ms, ",".join(body.faults))
            )
            for event in body.events:
                event.attempts += 1
                state = self._next_state(event, outcome, now)
                rows.append((state, event.attempts, event.next_at, event.fault, event.seq))
                if state == "due":
                    heapq.heappush(self._waiting, (event.next_at, event.seq, event))
        with self._books.transaction():
            self._books.executemany(
                "INSERT INTO pushes (at, events, attempt, http, outcome, ms, fault)"
                " VALUES (?,?,?,?,?,?,?)",
                posts,
            )
            self._books.executemany(
                "UPDATE events SET state = ?, attempts = ?, next_at = ?, fault = ? WHERE seq = ?",
                rows,
            )

    def _next_state(self, event: Event, outcome: str, now: int) -> str:
        if outcome == "acked":
            if "repeated" in event.fault:
                return "acked"
            fault = self._faults.push_hit("repeated", event.tag, event.msg_id)
            if fault is None:
                return "acked"
            event.add_fault("repeated")
            event.next_at = now + fault.seconds
            return "due"
        if event.attempts >= self._settings.max_attempts:
            return "given_up"
        waits = self._settings.retry_seconds
        event.next_at = now + waits[min(event.attempts, len(waits)) - 1]
        return "due"


def _target(url: str) -> str:
    """Return path and query of a URL, as they stand in a request line."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
