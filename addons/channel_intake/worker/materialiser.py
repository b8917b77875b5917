"""Turns stored messages into orders as they come."""

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from ..models.message_materialise import ALIVE
from ..models.message_todo import WAKE
from .worker import Worker

BATCH = 2000


class Materialiser(Worker):
    """Takes messages from the queue and makes orders of them, one batch a transaction."""

    channel = WAKE

    def __init__(self, database: str, batch: int = BATCH):
        super().__init__(database)
        self._batch = batch

    def greet(self, cursor) -> None:
        """Others may count the materialisers that are alive."""
        cursor.execute("SELECT pg_advisory_lock_shared(%s, 0)", [ALIVE])

    def work(self) -> int:
        """One batch. :return: messages taken"""
        with self.environment() as env:
            env.cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            return env["channel.message"]._materialise(self._batch).total
