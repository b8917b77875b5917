"""Quarters, by whose ends balances are confirmed."""

from __future__ import annotations

from datetime import date, timedelta


def last_quarter_end(today: date) -> date:
    """The last day of the quarter before the one that ``today`` is in."""
    first_month = (today.month - 1) // 3 * 3 + 1
    return date(today.year, first_month, 1) - timedelta(days=1)
