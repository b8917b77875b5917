"""Where a sales target stands, by what was achieved and how much of its time is over."""

from __future__ import annotations

from datetime import date
from enum import Enum


class Standing(Enum):
    """How a target does."""

    TO_COME = "to_come"  # its time has not begun
    BEHIND = "behind"  # less than the days gone by ask for
    ON_TRACK = "on_track"
    REACHED = "reached"
    MISSED = "missed"  # its time is over


def percent(achieved: int, goal: int) -> float:
    """What was achieved, in percent of the goal (above 0), to one decimal; returns may exceed it."""
    return round(max(0, achieved) * 100 / goal, 1)


def standing(achieved: int, goal: int, begin: date, end: date, today: date) -> Standing:
    """Where a target stands today. Achieved and goal in the same unit; ``end`` is its last day.

    A day counts as gone by when it is over, so that nobody is behind on the first morning.
    """
    if achieved >= goal:
        return Standing.REACHED
    if today > end:
        return Standing.MISSED
    if today < begin:
        return Standing.TO_COME
    over, days = (today - begin).days, (end - begin).days + 1
    return Standing.ON_TRACK if achieved * days >= goal * over else Standing.BEHIND
