"""The stages of a channel order and the moves between them.

The database trigger of ``channel.order`` is generated from this file (``trigger_moves``), so
that the rule is written once. Three kinds of move:

* forward, and to an end (cancelled, refunded): always allowed while goods are ours;
* to ``exception`` or ``held``: a stop, before goods are in a wave;
* put back: from a later to an earlier stage between ``queued`` and ``packed`` (reassigned, wave
  undone, left behind at hand-over). Only the caller that says so may do it.

After ``shipped`` nothing earlier; an end is never left.
"""

UNPAID = "unpaid"
HELD = "held"
EXCEPTION = "exception"
QUEUED = "queued"
ALLOCATED = "allocated"
WAVED = "waved"
PICKED = "picked"
PACKED = "packed"
SHIPPED = "shipped"
DONE = "done"
CANCELLED = "cancelled"
REFUNDED = "refunded"

STAGES: tuple[str, ...] = (
    UNPAID, HELD, EXCEPTION, QUEUED, ALLOCATED, WAVED, PICKED, PACKED, SHIPPED, DONE,
)  # fmt: skip
TERMINAL: tuple[str, ...] = (CANCELLED, REFUNDED)
ALL_STAGES: tuple[str, ...] = STAGES + TERMINAL

# Stages in which units of a pool are taken for the order.
HOLDS_UNITS = frozenset({ALLOCATED, WAVED, PICKED, PACKED})
# Stages in which the order is in a wave, so that channel_fulfilment must undo what it did.
IN_WAVE = frozenset({WAVED, PICKED, PACKED})
# Stages in which the order has not left and is not ended.
OPEN = frozenset(STAGES[: STAGES.index(SHIPPED)])
LEFT = frozenset({SHIPPED, DONE})
ENDED = frozenset({DONE, CANCELLED, REFUNDED})

MOVES: dict[str, frozenset[str]] = {
    UNPAID: frozenset({HELD, EXCEPTION, QUEUED, ALLOCATED, CANCELLED, REFUNDED}),
    HELD: frozenset({EXCEPTION, QUEUED, ALLOCATED, CANCELLED, REFUNDED}),
    # shipped, done: a person accepted that the order left by another way than ours
    EXCEPTION: frozenset({UNPAID, HELD, QUEUED, ALLOCATED, SHIPPED, DONE, CANCELLED, REFUNDED}),
    QUEUED: frozenset({HELD, EXCEPTION, ALLOCATED, CANCELLED, REFUNDED}),
    ALLOCATED: frozenset({HELD, EXCEPTION, WAVED, CANCELLED, REFUNDED}),
    WAVED: frozenset({PICKED, PACKED, SHIPPED, CANCELLED, REFUNDED}),
    PICKED: frozenset({PACKED, SHIPPED, CANCELLED, REFUNDED}),
    PACKED: frozenset({SHIPPED, CANCELLED, REFUNDED}),
    SHIPPED: frozenset({DONE}),
    DONE: frozenset(),
    CANCELLED: frozenset(),
    REFUNDED: frozenset(),
}
PUT_BACK: dict[str, frozenset[str]] = {
    ALLOCATED: frozenset({QUEUED}),
    WAVED: frozenset({ALLOCATED, QUEUED}),
    PICKED: frozenset({WAVED, ALLOCATED, QUEUED}),
    PACKED: frozenset({PICKED, WAVED, ALLOCATED, QUEUED}),
}


def can_move(stage_from: str, stage_to: str, *, put_back: bool = False) -> bool:
    """Whether an order may go from one stage to the other. Staying is no move and is allowed."""
    if stage_from == stage_to or stage_to in MOVES[stage_from]:
        return True
    return put_back and stage_to in PUT_BACK.get(stage_from, frozenset())


def sources(stage_to: str, *, put_back: bool = False) -> tuple[str, ...]:
    """The stages from which ``stage_to`` may be reached, in the order of ``ALL_STAGES``."""
    return tuple(
        stage
        for stage in ALL_STAGES
        if stage != stage_to and can_move(stage, stage_to, put_back=put_back)
    )


def trigger_moves() -> list[tuple[str, str, bool]]:
    """Rows ``(from, to, needs put back)`` of every allowed move, for the database trigger."""
    rows = [(a, b, False) for a in ALL_STAGES for b in ALL_STAGES if b in MOVES[a]]
    rows += [
        (a, b, True) for a in ALL_STAGES for b in ALL_STAGES if b in PUT_BACK.get(a, frozenset())
    ]
    return rows
