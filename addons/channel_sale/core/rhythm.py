"""How often a member orders, and when it has gone quiet.

Days in, answers out; no clock, no database.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from itertools import pairwise
from statistics import median

SLACK = 2  # quiet: twice the usual gap has passed


def usual_gap(days: Collection[date]) -> int | None:
    """Days that usually lie between two orders: the median, so that one long holiday counts little.

    :param days: days with orders, in any order; several orders a day count once
    :return: None for fewer than three days: two orders make no rhythm
    """
    known = sorted(set(days))
    if len(known) < 3:
        return None
    gaps = [(late - early).days for early, late in pairwise(known)]
    return max(1, round(median(gaps)))


def days_quiet(days: Collection[date], today: date) -> int | None:
    """Days since the last order of a member that has gone quiet; None while it has not.

    A member has gone quiet when twice its usual gap has passed since its last order.
    """
    gap = usual_gap(days)
    if gap is None:
        return None
    since = (today - max(days)).days
    return since if since > SLACK * gap else None


def near_limit(
    available: int, credit_line: int, week: int, credit_percent: int, week_percent: int
) -> bool:
    """Whether a member is about to be short: of its credit line, or of a usual week's orders.

    :param available: fen, as ``credit_line`` and ``week``
    :param credit_percent: near when less than so much of the credit line is available
    :param week_percent: near when less than so much of a usual week is available
    """
    return available * 100 < credit_line * credit_percent or available * 100 < week * week_percent


def change_percent(now: int, before: int) -> int | None:
    """By how many percent ``now`` is above (below: negative) ``before``; None without a before."""
    return round((now - before) * 100 / before) if before else None
