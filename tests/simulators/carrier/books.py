"""The service's durable books: one SQLite file, one lock, a change is one transaction."""

import sqlite3
import threading
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS scans (
    entry INTEGER PRIMARY KEY, waybill TEXT NOT NULL, company TEXT NOT NULL, at INTEGER NOT NULL,
    code TEXT NOT NULL, text TEXT NOT NULL, place TEXT NOT NULL DEFAULT '',
    shown_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS scans_waybill ON scans (waybill, entry);
CREATE TABLE IF NOT EXISTS calls (
    entry INTEGER PRIMARY KEY, waybill TEXT NOT NULL, code TEXT NOT NULL, fault TEXT NOT NULL);
"""


class Books:
    """Scans of parcels, and the calls that were answered."""

    def __init__(self, path: str | Path):
        self._lock = threading.Lock()
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(SCHEMA)

    def execute(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Run one statement; its rows."""
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
