"""One materialiser: takes messages from the queue and makes orders of them, batch by batch."""

import logging
import os
import select
import signal
import time

import psycopg2
from psycopg2.extensions import (
    ISOLATION_LEVEL_AUTOCOMMIT,
    ISOLATION_LEVEL_READ_COMMITTED,
    TransactionRollbackError,
)

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.modules.registry import Registry

_logger = logging.getLogger(__name__)

BATCH = 2000
IDLE = 1.0  # seconds without a notification after which the queue is looked at all the same
SETUP_PAUSE = 30.0  # something that a person must set right: the data key
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0


class Materialiser:
    """Works until SIGTERM; whatever it has taken and not finished goes back to the queue."""

    def __init__(self, database: str, batch: int = BATCH):
        self._database = database
        self._batch = batch
        self._ending = False
        self._listener = None
        self._failures = 0
        self._parent = os.getppid()

    def run(self) -> None:
        """Until SIGTERM, or until the supervisor is gone; the batch at hand is finished first."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._end)
        while not self._ending and os.getppid() == self._parent:
            try:
                self._listen()
                done = self.work()
                self._failures = 0
                if not done:
                    self._wait(IDLE)
            except UserError as error:
                _logger.error("messages wait: %s", error)
                self._forget_connections()
                self._wait(SETUP_PAUSE)
            except TransactionRollbackError as error:
                _logger.info("batch is tried again: %s", type(error).__name__)
                self._forget_connections()
            except psycopg2.Error as error:
                self._failures += 1
                _logger.warning("database: %s", type(error).__name__)
                self._forget_connections()
                self._sleep(min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE))
        self._forget_connections()

    def work(self) -> int:
        """One batch in one transaction. :return: messages taken"""
        registry = Registry(self._database).check_signaling()
        with registry.cursor() as cr:
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            env = api.Environment(cr, SUPERUSER_ID, {})
            return env["channel.message"]._materialise(self._batch).total

    # -- waiting -----------------------------------------------------------------------------

    def _end(self, *_args) -> None:
        self._ending = True

    def _listen(self) -> None:
        """A connection that hears of new messages, and says that this materialiser is alive."""
        if self._listener and not self._listener.closed:
            return
        from ..models.message_materialise import ALIVE
        from ..models.message_todo import WAKE

        _name, settings = sql_db.connection_info_for(self._database)
        self._listener = psycopg2.connect(**settings)
        self._listener.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with self._listener.cursor() as cursor:
            cursor.execute(f"LISTEN {WAKE}")
            cursor.execute("SELECT pg_advisory_lock_shared(%s, 0)", [ALIVE])

    def _wait(self, seconds: float) -> None:
        """Until something new waits, or the time is over."""
        if self._ending:
            return
        if self._listener is None or self._listener.closed:
            self._sleep(seconds)
            return
        self._listener.poll()
        if not self._listener.notifies:
            select.select([self._listener], [], [], seconds)
            self._listener.poll()
        self._listener.notifies.clear()

    def _sleep(self, seconds: float) -> None:
        """In short pieces, so that SIGTERM is heard."""
        deadline = time.monotonic() + seconds
        while not self._ending and time.monotonic() < deadline:
            time.sleep(0.1)

    def _forget_connections(self) -> None:
        """Close them for good: a lock of the session must not outlive a batch that failed."""
        sql_db.close_db(self._database)
        if self._listener is not None:
            self._listener.close()
            self._listener = None
