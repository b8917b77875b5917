"""Where a parcel on the road stands, by its traces, and which clock is over.

A trace is one line of a carrier's record. Traces come late, repeated and in any order, so nothing
is moved by an event: where the parcel stands is a fold over all of them in the order of their
times, and gives the same for the same set.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from odoo.addons.channel_order.core.aftersales import Fate


class Kind(StrEnum):
    """What a trace says. The order is that of two traces of one second."""

    PICKED_UP = "picked_up"
    ON_THE_WAY = "on_the_way"
    TROUBLE = "trouble"
    DELIVERING = "delivering"
    REFUSED = "refused"  # the receiver did not take it
    RETURNING = "returning"
    DELIVERED = "delivered"
    RETURNED = "returned"  # the sender signed for it


_RANK = {kind: rank for rank, kind in enumerate(Kind)}
# On the way back a carrier scans and delivers as on the way there.
_BACKWARDS = frozenset({Kind.REFUSED, Kind.RETURNING})
OVER = frozenset({Kind.DELIVERED, Kind.RETURNED})


class Alarm(StrEnum):
    """Why a parcel needs somebody."""

    NO_PICKUP = "no_pickup"  # handed over, and the carrier has not scanned it
    STALLED = "stalled"  # no trace for long
    TROUBLE = "trouble"  # the carrier says that something is wrong
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"  # the carrier says that we have it: scan it at the returns desk


_ALARM_OF = {
    Kind.TROUBLE: Alarm.TROUBLE,
    Kind.REFUSED: Alarm.REFUSED,
    Kind.RETURNING: Alarm.RETURNING,
    Kind.RETURNED: Alarm.RETURNED,
}
_FATE_OF = {
    Kind.DELIVERED: Fate.DELIVERED,
    Kind.REFUSED: Fate.REFUSED,
    Kind.RETURNING: Fate.STOPPED,
    Kind.RETURNED: Fate.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of a carrier's record; ``at`` in unix seconds."""

    at: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds after which silence is an alarm: from the hand-over to the first trace, and from
    one trace to the next. 0: never."""

    pickup: int
    stall: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a parcel stands; times in unix seconds.

    ``last_at``: of the newest trace. ``alarm_at``: since when it needs somebody. ``due_at``: when
    silence becomes an alarm; None: never, or it is one already.
    """

    kind: Kind | None = None
    last_at: int | None = None
    alarm: Alarm | None = None
    alarm_at: int | None = None
    due_at: int | None = None


def standing_of(handed_at: int, traces: Iterable[Trace], clocks: Clocks, now: int) -> Standing:
    """Where a parcel stands at ``now``.

    :param handed_at: when the carrier took it over
    :param traces: in any order, also repeated
    """
    ordered = sorted(set(traces), key=lambda trace: (trace.at, _RANK[trace.kind]))
    if not ordered:
        return _silent(None, None, handed_at, clocks.pickup, Alarm.NO_PICKUP, now)
    kind, since = None, handed_at
    for trace in ordered:
        after = _after(kind, trace.kind)
        if after is not kind:
            kind, since = after, trace.at
    last_at = ordered[-1].at
    if kind in OVER:
        alarm = _ALARM_OF.get(kind)
        return Standing(kind, last_at, alarm, since if alarm else None)
    standing = _silent(kind, last_at, last_at, clocks.stall, Alarm.STALLED, now)
    if standing.alarm is None and kind in _ALARM_OF:
        return Standing(kind, last_at, _ALARM_OF[kind], since, standing.due_at)
    return standing


def _silent(
    kind: Kind | None, last_at: int | None, since: int, wait: int, alarm: Alarm, now: int
) -> Standing:
    """A parcel of which nothing was heard since ``since``."""
    if not wait:
        return Standing(kind, last_at)
    if now >= since + wait:
        return Standing(kind, last_at, alarm, since + wait)
    return Standing(kind, last_at, due_at=since + wait)


def _after(before: Kind | None, told: Kind) -> Kind:
    """Where a parcel stands after the next trace.

    Back at the sender is the end. After the delivery a carrier may add lines that change nothing,
    unless the parcel comes back after all.
    """
    if before is Kind.RETURNED:
        return before
    if before is Kind.DELIVERED:
        return told if told in _BACKWARDS or told is Kind.RETURNED else before
    if before is Kind.RETURNING:
        return Kind.RETURNED if told in OVER else before
    if before is Kind.REFUSED:
        return told if told in OVER or told is Kind.RETURNING else before
    return told


def fate_of(known: Fate | None, kind: Kind | None, asked: bool) -> Fate | None:
    """What becomes of the parcel of an order whose money goes back.

    :param known: what the returns desk or the platform says
    :param kind: where the parcel stands by its traces
    :param asked: somebody was asked to stop it, and has not said that it is too late

    What was scanned here is here. Then the carrier's "delivered" ends a hope; else the platform's
    word stands, and the carrier's where the platform says nothing.
    """
    if known is Fate.BACK:
        return known
    traced = _FATE_OF.get(kind) if kind else None
    if traced is Fate.DELIVERED:
        return traced
    if known not in (None, Fate.ASKED):
        return known
    return traced or (Fate.ASKED if asked else None)
