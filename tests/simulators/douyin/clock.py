"""The platform's clock: real time, shifted, or standing still at a chosen second."""

import time
from collections.abc import Callable

from .books import Books


class Clock:
    """Virtual ``now`` in unix seconds, kept in the books so that a restart keeps it."""

    def __init__(self, books: Books):
        self._books = books
        self.on_change: Callable[[], None] = lambda: None

    def now(self) -> int:
        """Return the platform's time in unix seconds."""
        frozen = self._books.meta("clock_frozen")
        if frozen:
            return int(frozen)
        return int(time.time()) + int(self._books.meta("clock_shift") or 0)

    def set(self, at: int) -> int:
        """Stop the clock at ``at`` (unix seconds)."""
        self._books.set_meta("clock_frozen", str(int(at)))
        self.on_change()
        return self.now()

    def advance(self, seconds: int) -> int:
        """Move the clock forward; a stopped clock stays stopped at the new second."""
        frozen = self._books.meta("clock_frozen")
        key = "clock_frozen" if frozen else "clock_shift"
        self._books.set_meta(key, str(int(frozen or self._books.meta(key) or 0) + int(seconds)))
        self.on_change()
        return self.now()

    def real(self) -> int:
        """Go back to real time."""
        self._books.set_meta("clock_frozen", "")
        self._books.set_meta("clock_shift", "0")
        self.on_change()
        return self.now()

    @property
    def stands(self) -> bool:
        """The clock stands still at a chosen second."""
        return bool(self._books.meta("clock_frozen"))
