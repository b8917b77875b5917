"""The channel's durable books: one SQLite file, one lock, a request is one transaction."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, merchant TEXT NOT NULL, amount INTEGER NOT NULL, fee INTEGER NOT NULL,
    paid_at INTEGER NOT NULL, splits INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0,
    refunded INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS receivers (
    merchant TEXT NOT NULL, type TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (merchant, type, account));
CREATE TABLE IF NOT EXISTS orders (
    entry INTEGER PRIMARY KEY, merchant TEXT NOT NULL, number TEXT NOT NULL, payment TEXT NOT NULL,
    content TEXT NOT NULL, asked_at INTEGER NOT NULL, state TEXT NOT NULL, unfreezes INTEGER NOT NULL,
    UNIQUE (merchant, number));
CREATE TABLE IF NOT EXISTS parts (
    entry INTEGER PRIMARY KEY, split INTEGER NOT NULL REFERENCES orders (entry), type TEXT NOT NULL,
    account TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), description TEXT NOT NULL,
    result TEXT NOT NULL DEFAULT 'PENDING', reason TEXT NOT NULL DEFAULT '',
    returned INTEGER NOT NULL DEFAULT 0, CHECK (returned BETWEEN 0 AND amount));
CREATE TABLE IF NOT EXISTS returns (
    entry INTEGER PRIMARY KEY, merchant TEXT NOT NULL, number TEXT NOT NULL, part INTEGER NOT NULL,
    amount INTEGER NOT NULL, result TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    UNIQUE (merchant, number));
CREATE TABLE IF NOT EXISTS balances (
    account TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0),
    consents INTEGER NOT NULL DEFAULT 1, blocked TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS listeners (merchant TEXT PRIMARY KEY, url TEXT NOT NULL, key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notices (
    entry INTEGER PRIMARY KEY, merchant TEXT NOT NULL, part INTEGER NOT NULL UNIQUE,
    done_at INTEGER NOT NULL, received INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Books:
    """Payments, splits, receivers' balances."""

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

    def close(self) -> None:
        with self._lock:
            self._db.close()
