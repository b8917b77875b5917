"""What the scan station answers: pure decisions over what the database knows of one parcel."""

import re
from dataclasses import dataclass
from enum import StrEnum

PARCEL_CODE = re.compile(r"W\d{6,}-\d{4,}")


class Answer(StrEnum):
    """The colour a packer sees: ok is green, stop and unknown red, already and left amber."""

    OK = "ok"
    STOP = "stop"
    ALREADY = "already"
    UNKNOWN = "unknown"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """One parcel as it is now.

    ``wanted`` counts its orders that still ship, ``waiting`` those stopped by an after-sale that
    is not decided or by a changed receiver, ``repack`` says that units must come out before it may
    ship. ``confirmed``: the packer saw the stop and has taken the units out.
    """

    state: str
    wanted: int
    waiting: int
    repack: bool
    confirmed: bool


def clean(code: str) -> str:
    """A scanned text without what keyboards and scanners add: blanks, control characters."""
    return "".join(char for char in code if char.isprintable()).strip().upper()


def is_parcel_code(code: str) -> bool:
    """Whether a cleaned text is a parcel's bar code (a waybill is anything else)."""
    return PARCEL_CODE.fullmatch(code) is not None


def decide(facts: ParcelFacts | None) -> Answer:
    """What a scan of the parcel's bar code does.

    A stop is shown once; scanning the same parcel a second time confirms that the units are out,
    and what is still wanted is packed.
    """
    if facts is None:
        return Answer.UNKNOWN
    if facts.state == "handed":
        return Answer.LEFT
    if facts.state == "cancelled" or not facts.wanted:
        return Answer.STOP
    if (facts.waiting or facts.repack) and not facts.confirmed:
        return Answer.STOP
    if facts.state == "packed" and not facts.waiting:
        return Answer.ALREADY
    return Answer.OK


def waybill_error(code: str, pattern: str | None) -> bool:
    """Whether a waybill number is malformed: 6 to 32 letters, digits or hyphens, and the
    carrier's own pattern where it has one."""
    if not re.fullmatch(r"[0-9A-Z-]{6,32}", code):
        return True
    return bool(pattern) and re.fullmatch(pattern, code) is None
