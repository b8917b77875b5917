"""A worker process: works while there is something, else waits to be notified."""

import logging
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, TransactionRollbackError

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.modules.registry import Registry

_logger = logging.getLogger(__name__)

IDLE = 1.0  # seconds without a notification after which the queue is looked at all the same
SETUP_PAUSE = 30.0  # something that a person must set right: the data key
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0


class Worker:
    """Works until SIGTERM; what it has taken and not finished goes back to its queue.

    A kind of worker says in ``channel`` which notification wakes it, and in :meth:`work` what it
    does.
    """

    channel = ""

    def __init__(self, database: str):
        self._database = database
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
                _logger.error("%s: work waits: %s", type(self).__name__, error)
                self._forget_connections()
                self._wait(SETUP_PAUSE)
            except TransactionRollbackError as error:
                _logger.info("work is tried again: %s", type(error).__name__)
                self._forget_connections()
            except psycopg2.Error as error:
                self._failures += 1
                _logger.warning("database: %s", type(error).__name__)
                self._forget_connections()
                self._sleep(min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE))
        self._forget_connections()

    def work(self) -> int:
        """One piece of work. :return: 0 when there was nothing to do"""
        raise NotImplementedError

    @contextmanager
    def environment(self) -> Iterator[api.Environment]:
        """An environment of a transaction of its own, with the registry as it is now."""
        registry = Registry(self._database).check_signaling()
        with registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def greet(self, cursor) -> None:
        """What is said once on the connection that listens, for as long as it lives."""

    # -- waiting -----------------------------------------------------------------------------

    def _end(self, *_args) -> None:
        self._ending = True

    def _listen(self) -> None:
        """A connection that is woken, and says that this worker is alive."""
        if self._listener and not self._listener.closed:
            return
        _name, settings = sql_db.connection_info_for(self._database)
        self._listener = psycopg2.connect(**settings)
        self._listener.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with self._listener.cursor() as cursor:
            cursor.execute(f"LISTEN {self.channel}")
            self.greet(cursor)

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
