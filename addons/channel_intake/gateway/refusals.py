"""Counts of refusals until they are stored; bounded, whoever sends whatever."""

from collections import Counter
from typing import NamedTuple

MAX_KEYS = 500


class RefusalKey(NamedTuple):
    """``minute`` in minutes since 1970; ``app`` is the name of credentials, never a sent text."""

    minute: int
    reason: str
    app: str
    shop_ref: str


class Refusals:
    """Counts that wait to be written."""

    def __init__(self) -> None:
        self._waiting: Counter[RefusalKey] = Counter()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, minute: int, reason: str, app: str = "", shop_ref: str = "") -> None:
        """Count one. When too many different ones wait, the shop and the minute are dropped."""
        key = RefusalKey(minute, reason, app, shop_ref)
        if key not in self._waiting and len(self._waiting) >= MAX_KEYS:
            key = RefusalKey(max(self._waiting).minute, reason, "", "")
        self._waiting[key] += 1

    def take(self) -> Counter[RefusalKey]:
        """Everything that waits, to be written (or given back)."""
        taken, self._waiting = self._waiting, Counter()
        return taken

    def give_back(self, counts: Counter[RefusalKey]) -> None:
        """What could not be written waits again."""
        counts.update(self._waiting)
        self._waiting = counts
