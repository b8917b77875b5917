"""Whether a parcel on the road is to be stopped for a refund, and who asks the carrier."""

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """Who asks the carrier."""

    PLATFORM = "platform"
    CARRIER = "carrier"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Money:
    """Fen that buyers paid for goods, and how many of them are granted back."""

    paid: int
    granted: int

    @property
    def whole(self) -> bool:
        return self.granted >= self.paid


def way_of(scope: Money, parcel: Money, platform: bool, carrier: bool) -> Way | None:
    """Who asks the carrier to stop a parcel; None: nobody, the buyer keeps the goods.

    :param scope: of what the after-sale is about (a line, or the order)
    :param parcel: of everything in the parcel, which may hold several lines and orders
    :param platform: the platform has a call for it
    :param carrier: the carrier's service has one

    A part of the money is a compensation: the goods stay with the buyer. When the parcel also
    holds goods that nobody gives back, a person decides.
    """
    if not scope.whole:
        return None
    if not parcel.whole:
        return Way.PERSON
    if platform:
        return Way.PLATFORM
    return Way.CARRIER if carrier else Way.PERSON


def next_way(way: Way, carrier: bool) -> Way:
    """Who asks when one way has failed for good."""
    return Way.CARRIER if way is Way.PLATFORM and carrier else Way.PERSON
