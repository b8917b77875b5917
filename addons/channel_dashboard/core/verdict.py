"""What a control's result means. Pure: numbers in, words of the state field out."""

from datetime import datetime, timedelta

UNUSED = "unused"
UNKNOWN = "unknown"
GREEN = "green"
RED = "red"
ERROR = "error"

# Rows beyond this number are not counted: the board shows "1000+" and the query stops early.
COUNT_LIMIT = 1000
# Rows kept for the screen; the rest is found again by the next run.
SAMPLE = 200
# The board is refreshed every 10 minutes; a result older than this says so.
STALE_AFTER = timedelta(minutes=30)


def state_of(in_use: bool, count: int, failed: bool) -> str:
    """The state after a run: a control not in use is never green, a failed query is never green."""
    if not in_use:
        return UNUSED
    if failed:
        return ERROR
    return RED if count else GREEN


def shown_count(count: int) -> str:
    """The figure on the card; at the limit the true number is unknown, so a plus is added."""
    return f"{COUNT_LIMIT}+" if count >= COUNT_LIMIT else str(count)


def is_stale(checked_at: datetime | None, now: datetime) -> bool:
    """Whether a result is too old to be believed (or was never made)."""
    return checked_at is None or now - checked_at > STALE_AFTER


def turned(before: str, after: str) -> str | None:
    """``red`` when people must be told, ``green`` when they may stop, else None.

    A control that could not be checked is as bad as a red one: nobody knows whether it holds.
    """
    bad = {RED, ERROR}
    if after in bad and before not in bad:
        return RED
    if after not in bad and before in bad:
        return GREEN
    return None
