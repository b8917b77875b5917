"""The one connection to PostgreSQL: commits what is pending in groups, survives its loss.

No timer gathers a group: while one commit is on its way, the next group comes together.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone

import asyncpg

from .directory import Directory, ShopRow
from .intake import Row
from .metrics import Metrics
from .refusals import Refusals
from .settings import Settings

log = logging.getLogger("gateway.store")

SCHEMA_VERSION = 1  # models/push_gateway.py
BATCH = 500
LOOK_EVERY = 15.0
REFUSALS_EVERY = 3.0
RETRY_FIRST, RETRY_LAST = 0.1, 2.0

# Without a conflict target: naming columns there would need the right to read them.
INSERT = """
INSERT INTO channel_push (shop_id, tag, msg_id, order_ref, aftersale_ref, data, received_at)
SELECT r.shop_id, r.tag, r.msg_id, r.order_ref, r.aftersale_ref, r.data, now() AT TIME ZONE 'UTC'
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
       AS r(shop_id, tag, msg_id, order_ref, aftersale_ref, data)
ON CONFLICT DO NOTHING
"""
INSERT_REFUSALS = """
INSERT INTO channel_push_refusal (minute, reason, app, shop_ref, times)
SELECT * FROM unnest($1::timestamp[], $2::text[], $3::text[], $4::text[], $5::int[])
"""
LOST = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncio.TimeoutError,
        asyncpg.OperatorInterventionError)  # fmt: skip


class WrongSchema(Exception):
    """The database is not the one this gateway was written for."""

    def __init__(self, found: object) -> None:
        super().__init__(
            f"the database has the gateway tables in version {found}, this gateway needs version "
            f"{SCHEMA_VERSION}. Update the addon channel_intake in the database, or start the "
            "gateway that came with the addon that is installed there."
        )


class Pending:
    """Rows of one push and what to do when their fate is known ('' or a reason)."""

    __slots__ = ("done", "rows")

    def __init__(self, rows: tuple[Row, ...], done: Callable[[str], None]) -> None:
        self.rows = rows
        self.done = done


class Store:
    """Takes rows, answers when they are committed or certainly will not be waited for."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        refusals: Refusals,
        read_directory: Callable[[list[ShopRow]], Directory],
    ) -> None:
        self.settings = settings
        self.metrics = metrics
        self.refusals = refusals
        self.read_directory = read_directory
        self.directory = Directory({})
        self.up = False
        self.tried = False  # to connect, with whatever outcome
        self.waiting_events = 0
        self._pending: deque[Pending] = deque()
        self._wake = asyncio.Event()
        self._look_again = False
        self._stopping = False
        self._was_up = False
        self._next_look = 0.0
        self._next_refusals = 0.0

    # --- from the side of requests ---------------------------------------------------------

    def offer(self, rows: tuple[Row, ...], done: Callable[[str], None]) -> str:
        """Queue rows. :return: why they are not taken, else '' and ``done`` is called later."""
        if not self.up:
            return "unavailable"
        # One push alone may be larger than the queue has room for when nothing else waits.
        if self.waiting_events + len(rows) > self.settings.max_waiting:
            return "busy"
        self.waiting_events += len(rows)
        self._pending.append(Pending(rows, done))
        self._wake.set()
        return ""

    def tick(self) -> None:
        """Let the chores be looked at; called about once a second."""
        self._wake.set()

    def stop(self) -> None:
        """Commit what is pending, then end."""
        self._stopping = True
        self._wake.set()

    # --- the connection --------------------------------------------------------------------

    async def run(self) -> None:
        """Until stopped. :raises WrongSchema: when the first connection finds another version"""
        delay = RETRY_FIRST
        while not self._stopping:
            try:
                await self._session()
            except WrongSchema as error:
                if not self._was_up:
                    raise
                self._lost(error)
            except (*LOST, asyncpg.PostgresError) as error:
                self._lost(error)
            else:
                break
            self.tried = True
            if self.up:  # it had worked: try again at once
                delay = RETRY_FIRST
            self.up = False
            self._fail_all()
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))
            delay = min(delay * 2, RETRY_LAST)
        self.up = False
        self._fail_all()

    def _lost(self, error: Exception) -> None:
        # The text of a server's error may quote data: only its kind is logged.
        text = str(error) if isinstance(error, WrongSchema) else type(error).__name__
        log.warning("PostgreSQL is away (%s); pushes get 503 until it is back", text)

    async def _session(self) -> None:
        settings = self.settings
        connection = await asyncpg.connect(
            database=settings.database or None,
            user=settings.user or None,
            timeout=5,
            command_timeout=settings.answer_timeout,
            server_settings={
                # Acknowledged is on disk, whatever else the database is used to.
                "synchronous_commit": "on",
                "application_name": f"qudao_gateway {settings.index}",
                "lock_timeout": str(int(settings.lock_timeout * 1000)),
                "statement_timeout": str(int(settings.statement_timeout * 1000)),
            },
        )
        self.metrics.reconnects += 1
        try:
            connection.add_termination_listener(lambda _connection: self._wake.set())
            await connection.add_listener("channel_gateway", self._told)
            await self._look(connection)
            self.up = self._was_up = True
            log.info("connected to PostgreSQL, %d app(s)", len(self.directory.apps))
            await self._work(connection)
            await connection.close(timeout=2)
        finally:
            connection.terminate()

    def _told(self, *_what: object) -> None:
        self._look_again = True
        self._wake.set()

    async def _work(self, connection: asyncpg.Connection) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if not self._pending:
                await self._wake.wait()
            self._wake.clear()
            if connection.is_closed():
                raise asyncpg.ConnectionDoesNotExistError("connection closed")
            if self._pending:
                await self._flush(connection, self._take())
            now = loop.time()
            if self._look_again or now >= self._next_look:
                await self._chore(connection, self._look)
            if self.refusals and (now >= self._next_refusals or self._stopping):
                self._next_refusals = now + REFUSALS_EVERY
                await self._chore(connection, self._write_refusals)
            if self._stopping and not self._pending:
                return

    async def _chore(self, connection: asyncpg.Connection, work: Callable) -> None:
        """Something that may fail without harm (a lock of an upgrade): the next turn tries again."""
        try:
            await work(connection)
        except LOST:
            raise
        except asyncpg.PostgresError as error:
            log.warning("%s: %s", work.__name__.strip("_"), type(error).__name__)

    async def _look(self, connection: asyncpg.Connection) -> None:
        """Check the version and read the shops anew."""
        self._look_again = False
        self._next_look = asyncio.get_running_loop().time() + LOOK_EVERY
        try:
            version = await connection.fetchval("SELECT version FROM channel_gateway_schema")
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            version = "unknown (or the role may not read it)"
        if version != SCHEMA_VERSION:
            raise WrongSchema(version)
        rows = await connection.fetch(
            "SELECT shop_id, platform, shop_ref, credential_ref FROM channel_gateway_shop"
            " ORDER BY shop_id"
        )
        before = self.directory
        self.directory = self.read_directory([ShopRow(*row) for row in rows])
        if self.directory.missing != before.missing and self.directory.missing:
            log.warning(
                "no app key and secret in the environment for the credentials %s: their shops'"
                " pushes are refused",
                ", ".join(self.directory.missing),
            )

    # --- writing ---------------------------------------------------------------------------

    def _take(self) -> list[Pending]:
        """The next group; at least one push, however large."""
        taken, count = [], 0
        while self._pending and (not taken or count + len(self._pending[0].rows) <= BATCH):
            pending = self._pending.popleft()
            count += len(pending.rows)
            taken.append(pending)
        return taken

    async def _flush(self, connection: asyncpg.Connection, batch: list[Pending]) -> None:
        columns = list(zip(*(row for pending in batch for row in pending.rows), strict=True))
        try:
            status = await connection.execute(INSERT, *columns)
        except asyncpg.DataError:
            await self._one_by_one(connection, batch)
            return
        except BaseException as error:
            # Perhaps it was committed: the platform sends it again, and that is absorbed.
            self.metrics.failed_batches += 1
            self._answer(batch, "unavailable")
            if isinstance(error, asyncpg.PostgresError) and not isinstance(error, LOST):
                # Such as a lock held by an upgrade: nobody who waits behind it gets through.
                log.warning("a batch was refused by PostgreSQL: %s", type(error).__name__)
                self._fail_all()
                return
            raise
        new = int(status.rpartition(" ")[2])
        self.metrics.batches += 1
        self.metrics.stored += new
        self.metrics.replayed += len(columns[0]) - new
        self._answer(batch, "")

    async def _one_by_one(self, connection: asyncpg.Connection, batch: list[Pending]) -> None:
        """A row that the database cannot hold spoils only its own push."""
        if len(batch) == 1:
            self._answer(batch, "malformed")
            return
        for pending in batch:
            await self._flush(connection, [pending])

    def _answer(self, batch: list[Pending], reason: str) -> None:
        for pending in batch:
            self.waiting_events -= len(pending.rows)
            pending.done(reason)

    def _fail_all(self) -> None:
        waiting, self._pending = list(self._pending), deque()
        self._answer(waiting, "unavailable")

    async def _write_refusals(self, connection: asyncpg.Connection) -> None:
        counts = self.refusals.take()
        rows = [
            (_utc(key.minute), key.reason, key.app, key.shop_ref, times)
            for key, times in sorted(counts.items())
        ]
        try:
            await connection.execute(INSERT_REFUSALS, *zip(*rows, strict=True))
        except BaseException:
            self.refusals.give_back(counts)
            raise


def _utc(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, timezone.utc).replace(tzinfo=None)
