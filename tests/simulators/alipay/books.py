"""The channel's durable books: one SQLite file, one lock, a request is one transaction."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, app TEXT NOT NULL, seller TEXT NOT NULL, amount INTEGER NOT NULL,
    fee INTEGER NOT NULL, paid_at INTEGER NOT NULL, freezes INTEGER NOT NULL,
    finished INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0,
    CHECK (refunded BETWEEN 0 AND amount));
CREATE TABLE IF NOT EXISTS relations (
    app TEXT NOT NULL, type TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (app, type, account));
CREATE TABLE IF NOT EXISTS requests (
    entry INTEGER PRIMARY KEY, app TEXT NOT NULL, number TEXT NOT NULL,
    payment TEXT NOT NULL REFERENCES payments (id), content TEXT NOT NULL, asked_at INTEGER NOT NULL,
    finishes INTEGER NOT NULL, UNIQUE (app, number));
CREATE TABLE IF NOT EXISTS details (
    entry INTEGER PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests (entry),
    type TEXT NOT NULL, account TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL DEFAULT 'PROCESSING', code TEXT NOT NULL DEFAULT '', done_at INTEGER);
CREATE TABLE IF NOT EXISTS refunds (
    entry INTEGER PRIMARY KEY, app TEXT NOT NULL, number TEXT NOT NULL,
    payment TEXT NOT NULL REFERENCES payments (id), content TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0), UNIQUE (app, payment, number));
CREATE TABLE IF NOT EXISTS takings (
    entry INTEGER PRIMARY KEY, refund INTEGER NOT NULL REFERENCES refunds (entry),
    account TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0));
CREATE TABLE IF NOT EXISTS balances (
    account TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0),
    blocked TEXT NOT NULL DEFAULT '');
"""


class Books:
    """Payments, relations, splits, refunds, balances."""

    def __init__(self, path: str | Path):
        self._lock = threading.RLock()
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator["Books"]:
        """All of it or nothing, one at a time."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def all(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    def one(self, statement: str, *values: object) -> sqlite3.Row | None:
        return next(iter(self.all(statement, *values)), None)

    def sum(self, statement: str, *values: object) -> int:
        """The one number that a statement gives; nothing is 0."""
        row = self.one(statement, *values)
        return row[0] or 0 if row else 0

    def close(self) -> None:
        with self._lock:
            self._db.close()
