"""Whose parcel it is: from the waybill on a parcel that came back to its orders and after-sales.

A waybill is known in two ways: the buyer told it to the platform with the after-sale, or it is the
waybill under which we sent the parcel, because a carrier brings back what was stopped or refused
under its first number.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from odoo.addons.channel_order.core.aftersales import Fate

WAYBILL = re.compile(r"[0-9A-Z-]{6,32}")
ENDED = frozenset({"refused", "closed"})


class Source(StrEnum):
    """Why a parcel came back: the buyer sent it, the carrier was asked to stop it, or the receiver
    did not take it."""

    BUYER = "buyer"
    INTERCEPT = "intercept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Claim:
    """An after-sale that names the waybill. ``order_id`` None: its order has not come in."""

    aftersale_id: int
    order_id: int | None
    status: str


@dataclass(frozen=True, slots=True)
class Sent:
    """An order that we sent under the waybill, with one of its after-sales if it has any.

    ``stopping``: the carrier was asked to stop the parcel for this after-sale.
    """

    order_id: int
    aftersale_id: int | None = None
    status: str = ""
    stopping: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose parcel it is. Without an after-sale the whole parcel is expected."""

    source: Source
    order_ids: tuple[int, ...]
    aftersale_ids: tuple[int, ...] = ()


def is_waybill(text: str) -> bool:
    """Whether a cleaned text can be a waybill at all: 6 to 32 letters, digits or hyphens."""
    return WAYBILL.fullmatch(text) is not None


def owner_of(claims: Iterable[Claim], sent: Iterable[Sent]) -> Owner | None:
    """Whose parcel it is; None: nobody's, it is kept until its owner is found.

    What the buyer told goes before our own number: a box that he used again still carries our
    label. After-sales that are over own a parcel only when no other one does: goods are followed
    to the end, but a request that stands wants them first.
    """
    claims = [claim for claim in claims if claim.order_id is not None]
    standing = [claim for claim in claims if claim.status not in ENDED] or claims
    if standing:
        return Owner(
            Source.BUYER,
            _sorted(claim.order_id for claim in standing),
            _sorted(claim.aftersale_id for claim in standing),
        )
    sent = list(sent)
    if not sent:
        return None
    asked = [one for one in sent if one.aftersale_id is not None and one.status not in ENDED]
    return Owner(
        Source.INTERCEPT if any(one.stopping for one in asked) else Source.REFUSED,
        _sorted(one.order_id for one in sent),
        _sorted(one.aftersale_id for one in asked),
    )


def fate_of(here: bool, told: str, asked: bool) -> Fate | None:
    """What became of the parcel that we sent.

    :param here: it was scanned at a returns desk
    :param told: what the platform says of it, a value of ``Fate`` or nothing
    :param asked: the carrier was asked to stop it

    A parcel that is said to be back is still on its way until somebody has scanned it.
    """
    if here:
        return Fate.BACK
    if told:
        return Fate.STOPPED if told == Fate.BACK else Fate(told)
    return Fate.ASKED if asked else None


def _sorted(ids: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(ids)))
