"""What we ask of a carrier, or of a service that asks carriers: traces, and to stop a parcel.

Errors are those of platforms (``channel_intake.core.errors``): Throttled and Unreachable mean
later, Refused with ``permanent`` never.
"""

from dataclasses import dataclass, field
from typing import Protocol

from odoo.addons.channel_intake.core.errors import Refused

from ..road import Kind


class AccountRefused(Refused):
    """The service refuses our account: no other parcel needs to be asked about now."""


class TooLate(Refused):
    """The carrier cannot stop the parcel any more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A parcel that is asked about.

    ``company``: the service's code of the carrier. ``phone``: the sender's, which some carriers
    want as a proof; never the receiver's.
    """

    company: str
    waybill: str
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """One trace as a carrier tells it; ``at`` in unix seconds."""

    at: int
    kind: Kind
    text: str = ""
    place: str = ""


class CarrierService(Protocol):
    """A carrier's interface. ``can_intercept``: it takes wishes to stop a parcel."""

    can_intercept: bool

    def trace(self, parcel: Asked) -> tuple[Told, ...]:
        """All that is known of a parcel, in any order; empty: nothing yet.

        :raises PlatformError: it could not be asked
        """

    def intercept(self, parcel: Asked) -> str:
        """Ask for a parcel to be stopped. Asking twice is harmless.

        :return: the carrier's number of the wish, or its words
        :raises PlatformError: it could not be asked, or will not be stopped
        """
