"""Periods of statements: weeks from Monday, halves of months, months. Days are China's."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum


class Period(str, Enum):
    """How long a statement is."""

    WEEK = "week"
    HALF_MONTH = "half_month"  # until the 15th, and until the end of the month
    MONTH = "month"


def last_end(period: Period, day: date) -> date:
    """The last day of the newest period that is over on the evening of a day."""
    if period is Period.WEEK:
        return day - timedelta((day.weekday() + 1) % 7)
    tomorrow = day + timedelta(1)
    if period is Period.HALF_MONTH and tomorrow.day > 15:
        return tomorrow.replace(day=15)
    return tomorrow.replace(day=1) - timedelta(1)


def begin(period: Period, end: date) -> date:
    """The first day of the period that ends on a day."""
    if period is Period.WEEK:
        return end - timedelta(6)
    if period is Period.HALF_MONTH and end.day > 15:
        return end.replace(day=16)
    return end.replace(day=1)
