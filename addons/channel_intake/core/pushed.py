"""Which stored messages answer a push: a push says that something changed, not what it is now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .reading import as_int

# When the event happened, in whichever of these fields its kind has it; dates as text are no help.
EVENT_TIMES = (
    "update_time", "pay_time", "create_time", "cancel_time", "modify_time", "apply_time",
    "complete_time",
)  # fmt: skip
# The event by which a buyer asks for another receiver. The order does not change by it.
ADDRESS_ASKED = {"douyin": "111"}
RETRY_FIRST, RETRY_LONGEST = 5, 3600
LIST_REACH = 900  # seconds: what happened before is asked for by its number


@dataclass(frozen=True, slots=True)
class Pushed:
    """A waiting push. ``received_at``: unix seconds, UTC."""

    id: int
    order_ref: str
    aftersale_ref: str
    data: str
    received_at: int
    attempts: int


def happened_at(push: Pushed) -> int:
    """Unix seconds of the event; without a usable time a second before it came."""
    try:
        event = json.loads(push.data)
    except ValueError:
        event = {}
    times = [as_int(event.get(name)) for name in EVENT_TIMES] if isinstance(event, Mapping) else []
    known = [time for time in times if time and time <= push.received_at + 60]
    return max(known, default=push.received_at - 1)


@dataclass(frozen=True, slots=True)
class Asking:
    """What answers pushes: the lists of changes since a moment (unix seconds), or orders by number.

    ``listed``: the pushes that the list of orders answers.
    """

    orders_since: int | None
    aftersales_since: int | None
    details: tuple[str, ...]
    listed: frozenset[int]


def asking(pushes: Sequence[Pushed], now: int, details_at_most: int) -> Asking:
    """Few orders are asked for one by one, many by the list of what changed, a page a call.

    What a list did not answer before, or what is old, is asked for by its number, so that it does
    not stretch the list of the others.

    :param pushes: those that are not answered
    :param now: unix seconds
    """
    orders = [push for push in pushes if push.order_ref and not push.aftersale_ref]
    moments = {push.id: happened_at(push) for push in pushes}
    fresh = [push for push in orders if not push.attempts and moments[push.id] >= now - LIST_REACH]
    listed = fresh if len({push.order_ref for push in fresh}) > details_at_most else []
    known = {push.id for push in listed}
    details = dict.fromkeys(push.order_ref for push in orders if push.id not in known)
    aftersales = [moments[push.id] for push in pushes if push.aftersale_ref]
    return Asking(
        orders_since=min((moments[push.id] for push in listed), default=None),
        aftersales_since=min(aftersales, default=None),
        details=tuple(details)[:details_at_most],
        listed=frozenset(known),
    )


def to_put_off(pushes: Sequence[Pushed], asked: Asking, now: int) -> list[Pushed]:
    """Of pushes without an answer those to be asked for later.

    The others happened in a second that was not over when its list was read: the next round reads
    it again.
    """
    return [push for push in pushes if push.id not in asked.listed or happened_at(push) < now - 1]


def unanswered(
    pushes: Sequence[Pushed], orders: Mapping[str, int], aftersales: Mapping[str, int]
) -> list[Pushed]:
    """The pushes whose order or after-sale we do not know as it was after the event.

    :param orders: {order number: the newest update time we have stored of it}
    :param aftersales: the same of after-sales
    """
    return [
        push
        for push in pushes
        if not (
            _known(push.aftersale_ref, aftersales, push)
            if push.aftersale_ref
            else _known(push.order_ref, orders, push)
        )
    ]


def _known(ref: str, newest: Mapping[str, int], push: Pushed) -> bool:
    return not ref or newest.get(ref, -1) >= happened_at(push)


def retry_after(attempts: int) -> int:
    """Seconds until a push without an answer is looked at again; it is never given up."""
    return min(RETRY_FIRST * 2 ** min(attempts, 20), RETRY_LONGEST)
