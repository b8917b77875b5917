"""Which days of a settlement can be asked for, and which are worth it."""

from __future__ import annotations

DAY = 86400
_CHINA = 8 * 3600
READY = 15 * 3600  # a day can be asked for after 15:00 of the next one
FIRST = 7  # days that are asked for the first time
OLDEST = 30


def due(now: int, until: int | None, *, again: bool = False) -> list[tuple[int, int]]:
    """Days as (first second, last second) in unix time, oldest first.

    The day that was read last is asked for again with the next: a platform may add to it.

    :param until: the end of the days that were read (unix seconds), None: none was
    :param again: also when there is no new day
    """
    ready = _midnight(now - READY)  # the end of the last day that is complete
    if until is not None and until >= ready and not again:
        return []
    first = ready - FIRST * DAY if until is None else min(until, ready) - DAY
    first = max(first, ready - OLDEST * DAY)
    return [(start, start + DAY - 1) for start in range(first, ready, DAY)]


def _midnight(at: int) -> int:
    """The beginning of the day in China."""
    return (at + _CHINA) // DAY * DAY - _CHINA
