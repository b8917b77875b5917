"""Reading a platform's list by update time so that nothing is lost while it changes.

Rows move: an order that is changed while we read leaves its place for a later update time. So
each next request starts at the last row's time (keyset) instead of counting pages, and pages
are counted only inside one second, in passes that are repeated until one saw nothing move.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import BadAnswer
from .platforms.base import Page, RawMessage

Fetch = Callable[[int, int, int, int], Page]
PASSES = 5
PAGES_IN_A_SECOND = 1000


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows to store; once they are, everything updated before ``cursor`` has been read."""

    rows: tuple[RawMessage, ...]
    cursor: int


def windows(start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch of time into windows of at most ``width`` seconds, oldest first."""
    at = start
    while at < end:
        upto = min(at + max(width, 1), end)
        yield at, upto
        at = upto


def read_window(fetch: Fetch, start: int, end: int, size: int) -> Iterator[Batch]:
    """All rows updated from ``start`` to ``end``, oldest first, in batches to store.

    :param fetch: (start, end, page, size) → one page, sorted by update time, oldest first
    :raises BadAnswer: when the platform's answers cannot be trusted to be complete
    """
    at, unstable = start, 0
    while at <= end:
        page = fetch(at, end, 0, size)
        last = _last(page, at)
        if page.more and at == end:
            # a second that may not be over: the next window begins with it and reads it again
            page = Page(page.rows + _further_pages(fetch, at, size), page.total, False)
        if not page.more:
            yield Batch(page.rows, end)
            return
        if last > at:
            at = min(last, end)
            yield Batch(page.rows, at)
            continue
        rows = _read_second(fetch, at, size)
        if rows:
            at += 1
        else:  # all of it moved away meanwhile: look again
            unstable += 1
        if unstable >= PASSES:
            raise BadAnswer("the platform's list kept changing while it was read")
        yield Batch(page.rows + rows, min(at, end))


def _last(page: Page, at: int) -> int:
    """The newest update time of a page, checked to be sorted."""
    times = [row.updated_at for row in page.rows]
    if times != sorted(times):
        raise BadAnswer("the platform's list is not sorted by update time")
    if page.more and not times:
        raise BadAnswer("the platform says there is more and gives nothing")
    return max(times, default=at)


def _further_pages(fetch: Fetch, second: int, size: int) -> tuple[RawMessage, ...]:
    """What the pages of a second after its first show, read once."""
    rows: list[RawMessage] = []
    for number in range(1, PAGES_IN_A_SECOND):
        page = fetch(second, second, number, size)
        rows += page.rows
        if not page.more or not page.rows:
            break
    return tuple(rows)


def _read_second(fetch: Fetch, second: int, size: int) -> tuple[RawMessage, ...]:
    """All rows of one second that holds more than a page.

    Rows only ever leave a second that is over, so a pass over which the total stayed the same,
    and that saw as many different rows, missed none. Rows seen in a spoiled pass are kept.
    """
    seen: dict[str, RawMessage] = {}
    before: set[str] = set()
    for _attempt in range(PASSES):
        rows, totals = [], set()
        for number in range(PAGES_IN_A_SECOND):
            page = fetch(second, second, number, size)
            totals.add(page.total)
            rows += page.rows
            if not page.more or not page.rows:
                break
        seen.update((row.ref + row.digest, row) for row in rows)
        refs = {row.ref for row in rows}
        # a list that tells no total is believed when two passes saw the same
        if totals == {len(refs)} or (totals == {None} and refs == before):
            return tuple(seen.values())
        before = refs
    raise BadAnswer("the platform's list kept changing while it was read")
