"""Whether a buyer who asks for another receiver may have it: it depends on where the order stands.

The receiver itself is never changed by the answer: the platform sends the order anew when it has
changed it, and what comes then is what holds.
"""

from enum import StrEnum

from . import stages


class AddressAnswer(StrEnum):
    """What the platform is told. The refusals say how far the goods are."""

    AGREED = "agreed"
    ALLOCATING = "allocating"  # put into a wave
    PICKING = "picking"
    OUTBOUND = "outbound"  # packed
    SHIPPING = "shipping"  # with the carrier


_REFUSED = {
    stages.WAVED: AddressAnswer.ALLOCATING,
    stages.PICKED: AddressAnswer.PICKING,
    stages.PACKED: AddressAnswer.OUTBOUND,
    stages.SHIPPED: AddressAnswer.SHIPPING,
    stages.DONE: AddressAnswer.SHIPPING,
}


def answer_of(stage: str) -> AddressAnswer | None:
    """The answer for an order at a stage; None: it is over, nobody needs an answer.

    Before the order is in a wave no label is printed and no parcel is merged: the new receiver
    costs nothing.
    """
    if stage in stages.TERMINAL:
        return None
    return _REFUSED.get(stage, AddressAnswer.AGREED)
