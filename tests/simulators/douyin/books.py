"""The platform's own durable books: one SQLite file in WAL mode.

One connection, one lock: a change is one transaction, and what was answered is on disk before
the answer leaves, so a killed process loses nothing it acknowledged.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS skus (
    sku_id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL, code TEXT NOT NULL,
    title TEXT NOT NULL, spec TEXT NOT NULL, price_fen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS receivers (
    receiver_id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    phone TEXT NOT NULL, detail TEXT NOT NULL, region TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, status INTEGER NOT NULL,
    main_status INTEGER NOT NULL, risk INTEGER NOT NULL DEFAULT 0,
    aftersale TEXT NOT NULL DEFAULT '', create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL, receiver_id INTEGER NOT NULL, freight_fen INTEGER NOT NULL,
    company_code TEXT NOT NULL DEFAULT '', waybill TEXT NOT NULL DEFAULT '',
    bad TEXT NOT NULL DEFAULT '', json TEXT NOT NULL, old_json TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS orders_update
    ON orders (update_time, seq, create_time, status, main_status, risk, aftersale);
CREATE INDEX IF NOT EXISTS orders_create
    ON orders (create_time, seq, update_time, status, main_status, risk, aftersale);
CREATE INDEX IF NOT EXISTS orders_waybill ON orders (waybill) WHERE waybill != '';
CREATE TABLE IF NOT EXISTS lines (
    line_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, position INTEGER NOT NULL,
    sku_id INTEGER NOT NULL, item_num INTEGER NOT NULL, pay_fen INTEGER NOT NULL,
    owed_fen INTEGER NOT NULL, refunded INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS lines_order ON lines (order_id, position);
CREATE TABLE IF NOT EXISTS aftersales (
    seq INTEGER PRIMARY KEY, aftersale_id TEXT NOT NULL UNIQUE, order_id TEXT NOT NULL,
    line_id TEXT NOT NULL, status INTEGER NOT NULL, type INTEGER NOT NULL,
    refund_status INTEGER NOT NULL, refund_fen INTEGER NOT NULL,
    refund_post_fen INTEGER NOT NULL, item_num INTEGER NOT NULL, reason_code INTEGER NOT NULL,
    apply_time INTEGER NOT NULL, update_time INTEGER NOT NULL, status_deadline INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS aftersales_update ON aftersales (update_time, seq);
CREATE INDEX IF NOT EXISTS aftersales_order ON aftersales (order_id);
CREATE TABLE IF NOT EXISTS returns (
    aftersale_id TEXT PRIMARY KEY, got_pkg INTEGER NOT NULL DEFAULT 0,
    company TEXT NOT NULL DEFAULT '', waybill TEXT NOT NULL DEFAULT '',
    new_company TEXT NOT NULL DEFAULT '', new_waybill TEXT NOT NULL DEFAULT '',
    address_id INTEGER NOT NULL DEFAULT 0, logistics_state INTEGER NOT NULL DEFAULT 0,
    intercept TEXT NOT NULL DEFAULT '', intercept_at INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS address_asks (
    entry INTEGER PRIMARY KEY, order_id TEXT NOT NULL, receiver_id INTEGER NOT NULL,
    at INTEGER NOT NULL, answer INTEGER, answered_at INTEGER);
CREATE INDEX IF NOT EXISTS address_asks_order ON address_asks (order_id, entry);
CREATE TABLE IF NOT EXISTS owed (
    entry INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, order_id TEXT NOT NULL,
    line_id TEXT NOT NULL, amount_fen INTEGER NOT NULL, note TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS owed_order ON owed (order_id);
CREATE TABLE IF NOT EXISTS settlements (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, line_id TEXT NOT NULL, kind INTEGER NOT NULL,
    income_fen INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS settlements_line ON settlements (line_id);
CREATE INDEX IF NOT EXISTS settlements_at ON settlements (at, seq);
CREATE TABLE IF NOT EXISTS stocks (
    sku_id INTEGER PRIMARY KEY, reduce_type INTEGER NOT NULL DEFAULT 2, stock_num INTEGER,
    prehold INTEGER NOT NULL DEFAULT 0, told INTEGER, told_at INTEGER, told_real REAL,
    zero_told_at INTEGER, zero_told_real REAL);
CREATE TABLE IF NOT EXISTS stock_changes (
    entry INTEGER PRIMARY KEY, at INTEGER NOT NULL, real REAL NOT NULL, sku_id INTEGER NOT NULL,
    kind TEXT NOT NULL, units INTEGER NOT NULL, stock_num INTEGER NOT NULL,
    order_id TEXT NOT NULL DEFAULT '', idempotent_id TEXT);
CREATE INDEX IF NOT EXISTS stock_changes_sku ON stock_changes (sku_id);
CREATE UNIQUE INDEX IF NOT EXISTS stock_changes_once
    ON stock_changes (sku_id, idempotent_id) WHERE idempotent_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, tag TEXT NOT NULL, msg_id TEXT NOT NULL,
    data TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'due', attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL, fault TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS events_due ON events (seq) WHERE state = 'due';
CREATE TABLE IF NOT EXISTS pushes (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, events INTEGER NOT NULL,
    attempt INTEGER NOT NULL, http INTEGER NOT NULL, outcome TEXT NOT NULL, ms REAL NOT NULL,
    fault TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS premade (
    seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL, receiver_id INTEGER NOT NULL,
    freight_fen INTEGER NOT NULL, created TEXT NOT NULL, paid TEXT NOT NULL,
    json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS premade_order ON premade (order_id);
-- An order sold by a rush reads its text from where it was prepared until it changes.
CREATE VIEW IF NOT EXISTS order_texts AS
    SELECT o.seq, o.order_id, o.status, o.main_status, o.risk, o.aftersale, o.create_time,
        o.update_time, o.receiver_id, o.freight_fen, o.company_code, o.waybill, o.bad,
        CASE WHEN o.json != '' THEN o.json ELSE (
            SELECT replace(replace(p.json, ':1111111111', ':' || o.create_time),
                ':1111283911', ':' || (o.create_time + 172800))
            FROM premade p WHERE p.seq = o.seq) END AS json,
        o.old_json
    FROM orders o;
CREATE TABLE IF NOT EXISTS tokens (
    access_token TEXT PRIMARY KEY, refresh_token TEXT NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL, refresh_expires_at INTEGER NOT NULL,
    replaced INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, method TEXT NOT NULL, http INTEGER NOT NULL,
    code INTEGER NOT NULL, sub_code TEXT NOT NULL, fault TEXT NOT NULL, ms REAL NOT NULL);
"""


class Books:
    """A small transaction layer over one SQLite connection shared by all threads."""

    def __init__(self, path: str):
        self.lock = threading.RLock()
        self._depth = 0
        self._after_commit: dict[Callable[[list], None], list] = {}
        self._meta: dict[str, str] = {}
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)
        self._meta = {row["key"]: row["value"] for row in self.all("SELECT * FROM meta")}

    def close(self) -> None:
        """Close the file; nothing may be running."""
        with self.lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction; an inner block joins the outer one."""
        with self.lock:
            outermost = self._depth == 0
            if outermost:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if outermost:
                    self._connection.execute("ROLLBACK")
                    self._after_commit.clear()
                raise
            self._depth -= 1
            if outermost:
                self._connection.execute("COMMIT")
                actions, self._after_commit = self._after_commit, {}
                for action, items in actions.items():
                    action(items)

    def after_commit(self, action: Callable[[list], None], items: list) -> None:
        """Call ``action`` once with all its items when the transaction around is on disk.

        A transaction that fails forgets them.
        """
        with self.lock:
            if self._depth:
                self._after_commit.setdefault(action, []).extend(items)
            else:
                action(items)

    def execute(self, sql: str, values: tuple = ()) -> None:
        """Run one writing statement."""
        with self.lock:
            self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: list[tuple]) -> None:
        """Run one writing statement for many rows."""
        with self.lock:
            self._connection.executemany(sql, rows)

    def all(self, sql: str, values: tuple = ()) -> list[sqlite3.Row]:
        """Return every row of a query."""
        with self.lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, values: tuple = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        with self.lock:
            return self._connection.execute(sql, values).fetchone()

    def scalar(self, sql: str, values: tuple = ()) -> int:
        """Return the first column of the first row, 0 when there is none."""
        row = self.one(sql, values)
        return (row[0] if row else 0) or 0

    def insert(self, table: str, record: dict) -> None:
        """Insert one record given as column: value."""
        names = ", ".join(record)
        marks = ", ".join("?" * len(record))
        # Table and column names are constants of this package.
        self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(record.values()))

    def meta(self, key: str) -> str:
        """Return a setting kept with the books, or an empty text.

        Without the lock: the clock must be readable while a long transaction runs.
        """
        return self._meta.get(key, "")

    def set_meta(self, key: str, value: str) -> None:
        """Keep a setting with the books."""
        with self.transaction():
            self.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
            self._meta[key] = value
