"""Refunds before shipment: which lines stop, which are gone, and who won the race."""

from collections.abc import Iterable
from dataclasses import dataclass

from . import stages
from .facts import NO_UPDATE, Claim, Stored
from .snapshot import LineSnapshot


def state_of(
    line_ref: str, *, flag: bool, gone: bool, updated_at: int, claims: Iterable[Claim]
) -> str:
    """The state of a platform line: live, stopped or refunded.

    :param flag: the order's snapshot of ``updated_at`` shows a refund that is not decided; it
        counts unless an after-sale of the line is as new
    :param gone: the line is refunded already; that is never undone
    """
    latest, is_open = NO_UPDATE, False
    for claim in claims:
        if claim.line_ref and claim.line_ref != line_ref:
            continue
        if claim.succeeded:
            return "refunded"
        is_open = is_open or claim.open
        latest = max(latest, claim.updated_at)
    if gone:
        return "refunded"
    return "stopped" if is_open or (flag and updated_at > latest) else "live"


def line_state(
    line: LineSnapshot, updated_at: int, claims: Iterable[Claim], before: str | None
) -> str:
    """The state of a line of a snapshot."""
    return state_of(
        line.line_id,
        flag=line.refund_open,
        gone=line.refunded or before == "refunded",
        updated_at=updated_at,
        claims=claims,
    )


@dataclass(frozen=True, slots=True)
class Settlement:
    """What after-sales make of an order that is in the system.

    ``states``: line ids that change; ``release``: those of them whose units go back.
    """

    stored: Stored
    stage: str
    states: tuple[tuple[int, str], ...]
    release: tuple[int, ...]
    refund_open: bool
    kind: str | None


def winner_of(stage: str, succeeded: bool) -> str | None:
    """Who won: the shipment when goods had left; the refund when it succeeded before."""
    if stage in stages.LEFT:
        return "shipment"
    return "refund" if succeeded else None


def settle(stored: Stored, claims: tuple[Claim, ...]) -> Settlement:
    """Apply after-sales to an order. After shipment they change nothing here."""
    if stored.stage in stages.LEFT or stored.stage in stages.ENDED:
        return Settlement(stored, stored.stage, (), (), stored.refund_open, None)
    now = {
        line.id: state_of(
            line.line_ref,
            flag=line.refund_flag,
            gone=line.state == "refunded",
            updated_at=stored.updated_at,
            claims=claims,
        )
        for line in stored.lines
    }
    states = tuple((line.id, now[line.id]) for line in stored.lines if now[line.id] != line.state)
    refund_open = "stopped" in now.values()
    refunded = bool(now) and set(now.values()) == {"refunded"}
    release = ()
    if stored.stage in stages.HOLDS_UNITS:
        release = tuple(line_id for line_id, state in states if state == "refunded")
    kind = None
    if any(state == "refunded" for _line, state in states):
        kind = "refunded"
    elif refund_open != stored.refund_open:
        kind = "refund_asked" if refund_open else "refund_closed"
    stage = stages.REFUNDED if refunded else stored.stage
    return Settlement(stored, stage, states, release, refund_open, kind)
