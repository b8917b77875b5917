"""Where a request to a payment channel stands, and what may be done next.

A request whose outcome is unknown is asked for before anything is sent; it is sent again, with the
same number and the same body, only when the channel says that it does not know the number.
Source: reference facts on profit sharing (same number = same request).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class State(str, Enum):
    NEW = "new"  # nothing of it is at the channel
    SENDING = "sending"  # written down before the request leaves
    UNKNOWN = "unknown"  # it may be at the channel
    DONE = "done"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Step(Enum):
    SEND = "send"
    ASK = "ask"
    NOTHING = "nothing"


class Said(Enum):
    """What was learnt from the channel. Only verified answers are more than SILENT."""

    SILENT = "silent"  # no answer, a server error, an answer that cannot be trusted
    LATER = "later"  # not taken: too many requests
    REFUSED = "refused"  # not taken, with a reason
    NOT_FOUND = "not_found"  # only an answer to a question
    RUNNING = "running"  # taken, not finished
    DONE = "done"
    PARTLY = "partly"
    NONE_PAID = "none_paid"  # finished, no receiver got anything


@dataclass(frozen=True)
class Message:
    """One request: its state, how often it was sent, whether the last sending was refused."""

    state: State = State.NEW
    attempts: int = 0
    refused: bool = False


STEPS = {State.NEW: Step.SEND, State.SENDING: Step.ASK, State.UNKNOWN: Step.ASK}
ENDS = {Said.DONE: State.DONE, Said.PARTLY: State.PARTLY, Said.NONE_PAID: State.FAILED}


def next_step(message: Message) -> Step:
    """What is to be done with a message. One that is found sending was cut off: ask."""
    return STEPS.get(message.state, Step.NOTHING)


def begin(message: Message) -> Message:
    """The message as it is stored before the request leaves.

    :raises ValueError: when it must not be sent now
    """
    if next_step(message) is not Step.SEND:
        raise ValueError(f"a message that is {message.state.value} must not be sent")
    return Message(State.SENDING, message.attempts + 1)


def sent(message: Message, said: Said) -> Message:
    """The message after its request was made."""
    if message.state is not State.SENDING:
        raise ValueError(f"a message that is {message.state.value} was not being sent")
    if said in ENDS:
        return replace(message, state=ENDS[said], refused=False)
    if said in (Said.REFUSED, Said.LATER) and message.attempts == 1:
        # nothing went before: what was not taken is not there
        refused = said is Said.REFUSED
        return replace(message, state=State.FAILED if refused else State.NEW, refused=refused)
    return replace(message, state=State.UNKNOWN, refused=said is Said.REFUSED)


def asked(message: Message, said: Said) -> Message:
    """The message after the channel was asked about its number."""
    if next_step(message) is not Step.ASK:
        raise ValueError(f"a message that is {message.state.value} is not asked for")
    if said in ENDS:
        return replace(message, state=ENDS[said], refused=False)
    if said is Said.NOT_FOUND:
        return replace(message, state=State.FAILED if message.refused else State.NEW)
    refused = message.refused and said is not Said.RUNNING
    return replace(message, state=State.UNKNOWN, refused=refused)


def again(message: Message) -> Message:
    """A refused message whose cause was mended: asked for first, then sent with the same number.

    :raises ValueError: when it was not refused; what the channel finished needs a new number
    """
    if message.state is not State.FAILED or not message.refused:
        raise ValueError("only a refused message is tried again with its number")
    return replace(message, state=State.UNKNOWN, refused=False)


def cancel(message: Message, *, is_late: bool = False) -> Message:
    """A message that never left.

    :param is_late: the channel takes nothing of it any more: what is not there never will be
    :raises ValueError: when it left already
    """
    if message.state is not State.NEW or (message.attempts and not is_late):
        raise ValueError("only a message that never left is cancelled")
    return replace(message, state=State.CANCELLED)
