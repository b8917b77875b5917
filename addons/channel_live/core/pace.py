"""How fast something sells and how long it lasts, from counts taken at different times."""

from collections.abc import Mapping
from dataclasses import dataclass

SHORTEST = 8.0  # seconds between two counts below which a rate says nothing
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Count:
    """What had been counted at a moment; ``at`` in seconds of any clock."""

    at: float
    counts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ItemPace:
    """Units a minute over the last and the last five minutes; seconds until nothing is left.

    ``None``: not known (too few counts), or for ``lasts``: nothing sells.
    """

    last_1: float | None
    last_5: float | None
    lasts: int | None


def per_minute(key: int, now: Count, before: Count | None) -> float | None:
    """Net rate of ``key`` between two counts; what was given back makes it 0, never less.

    :return: per minute, ``None`` when it is not known
    """
    if before is None or now.at - before.at < SHORTEST:
        return None
    if key not in now.counts or key not in before.counts:
        return None
    grown = now.counts[key] - before.counts[key]
    return max(grown, 0) * MINUTE / (now.at - before.at)


def lasting(left: int, *rates: float | None) -> int | None:
    """Seconds until ``left`` units are gone at the first of these rates that is above 0.

    :return: 0 when nothing is left, ``None`` when nothing sells or no rate is known
    """
    if left <= 0:
        return 0
    rate = next((rate for rate in rates if rate), None)
    return None if rate is None else round(left * MINUTE / rate)


def item_pace(
    key: int, left: int, now: Count, minute: Count | None, five: Count | None
) -> ItemPace:
    """The pace of one item from the oldest counts within a minute and within five minutes.

    What sold in the last minute says how long it lasts; when nothing did, the last five minutes.
    """
    last_1, last_5 = per_minute(key, now, minute), per_minute(key, now, five)
    return ItemPace(last_1, last_5, lasting(left, last_1, last_5))
