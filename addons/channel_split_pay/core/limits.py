"""What a payment channel would refuse, found before anything is sent.

Amounts in fen, times in UTC. Source: reference facts on WeChat Pay profit sharing (分账), Alipay split (§12).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

BASIS_POINTS = 10_000
RECEIVERS_A_REQUEST = 50
REQUESTS_A_PAYMENT = 50
SETTLING = timedelta(minutes=1)
FREEZE = timedelta(days=30)
RETURNS_A_SPLIT = 50
RETURN_WINDOW = timedelta(days=180)


@dataclass(frozen=True)
class Limits:
    """How much a channel takes, and how long after a payment it is too early."""

    receivers: int  # a request
    requests: int  # a payment
    settling: timedelta = timedelta(0)


WECHAT = Limits(RECEIVERS_A_REQUEST, REQUESTS_A_PAYMENT, SETTLING)
ALIPAY_SYNC = Limits(5, 50)
ALIPAY_ASYNC = Limits(50, 300)


class Misfit(str, Enum):
    """Why a request does not fit."""

    NOTHING = "nothing"
    TWICE = "twice"
    EARLY = "early"
    LATE = "late"
    CAP = "cap"
    FEE = "fee"
    REQUESTS = "requests"
    RECEIVERS = "receivers"
    UNREGISTERED = "unregistered"
    PERSON = "person"
    OVER = "over"


@dataclass(frozen=True)
class Payment:
    """A payment and what others of its requests already take."""

    amount_fen: int
    fee_fen: int
    paid_at: datetime
    cap_bp: int
    taken_fen: int = 0
    requests: int = 0

    @property
    def cap_fen(self) -> int:
        """The most that all requests together may divide, by the merchant's cap."""
        return self.amount_fen * self.cap_bp // BASIS_POINTS

    @property
    def net_fen(self) -> int:
        """What is there after the channel's own fee."""
        return self.amount_fen - self.fee_fen


@dataclass(frozen=True)
class Part:
    """What one receiver is to get."""

    receiver: int
    fen: int
    registered: bool = True


def misfits(
    payment: Payment, parts: Sequence[Part], now: datetime, limits: Limits = WECHAT
) -> tuple[Misfit, ...]:
    """What of one request does not fit; empty when it may be sent now."""
    whole = payment.taken_fen + sum(part.fen for part in parts)
    wrong = {
        Misfit.NOTHING: not parts or any(part.fen <= 0 for part in parts),
        Misfit.TWICE: len({part.receiver for part in parts}) < len(parts),
        Misfit.EARLY: now < payment.paid_at + limits.settling,
        Misfit.LATE: now >= payment.paid_at + FREEZE,
        Misfit.CAP: whole > payment.cap_fen,
        Misfit.FEE: whole > payment.net_fen,
        Misfit.REQUESTS: payment.requests >= limits.requests,
        Misfit.RECEIVERS: len(parts) > limits.receivers,
        Misfit.UNREGISTERED: any(not part.registered for part in parts),
    }
    return tuple(misfit for misfit, is_wrong in wrong.items() if is_wrong)


@dataclass(frozen=True)
class Paid:
    """What a receiver got by a split, and what returns of it already take.

    :ivar sent_at: when the split was asked for; None: it never was
    """

    fen: int
    sent_at: datetime | None
    taken_fen: int = 0
    requests: int = 0
    is_person: bool = False


def return_misfits(paid: Paid, fen: int, now: datetime) -> tuple[Misfit, ...]:
    """What of a request to take back does not fit; empty when it may be sent now (§11 Return)."""
    wrong = {
        Misfit.PERSON: paid.is_person,
        Misfit.LATE: paid.sent_at is None or now >= paid.sent_at + RETURN_WINDOW,
        Misfit.OVER: fen <= 0 or paid.taken_fen + fen > paid.fen,
        Misfit.REQUESTS: paid.requests >= RETURNS_A_SPLIT,
    }
    return tuple(misfit for misfit, is_wrong in wrong.items() if is_wrong)


def requests_of(receivers: Sequence[int], limits: Limits = WECHAT) -> list[Sequence[int]]:
    """Receivers in their order, cut into as few requests as the channel takes."""
    size = limits.receivers
    return [receivers[start : start + size] for start in range(0, len(receivers), size)]
