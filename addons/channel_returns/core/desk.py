"""The returns desk: what a scan means, by what is open on the desk. The scanner alone drives it.

A parcel is opened by its waybill. Each unit is counted by two scans, its product and a condition
code; the parcel is closed by the confirm code. Nothing is guessed: a product without its condition
is asked for, and a unit that nobody expects can only be counted as wrong.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

MOBILE = re.compile(r"(?:TEL)?(1[3-9]\d{9})")
WAREHOUSE = re.compile(r"R-WH-([0-9A-Z_-]{1,16})")


class Code(StrEnum):
    """The codes of the desk's printed sheet."""

    GOOD = "R-GOOD"
    DEFECT = "R-DEFECT"
    WRONG = "R-WRONG"
    MISSING = "R-MISSING"
    CONFIRM = "R-CONFIRM"
    UNDO = "R-UNDO"
    LEAVE = "R-LEAVE"
    STOCK = "R-STOCK"


_CODES = {code.value: code for code in Code}
CONDITIONS = {
    Code.GOOD: "good",
    Code.DEFECT: "defect",
    Code.WRONG: "wrong",
    Code.MISSING: "missing",
}


class Act(StrEnum):
    """What the desk does with a scan."""

    OPEN = "open"  # a waybill: take the parcel in, or go on with it
    SHOW = "show"  # the open parcel again
    HOLD = "hold"  # a product: its condition comes next
    HOLD_SURPLUS = "hold_surplus"  # a product that nothing more is expected of
    COUNT = "count"
    REST_MISSING = "rest_missing"  # everything that is not counted is missing
    CONFIRM = "confirm"
    DROP = "drop"  # forget the product that waits for its condition
    UNDO = "undo"
    LEAVE = "leave"  # put the parcel aside, uncounted
    PHONE = "phone"  # the sender's number of a parcel without owner
    STOCK = "stock"  # the trolley goes into stock
    REFUSE = "refuse"


class Why(StrEnum):
    """Why a scan is refused."""

    UNKNOWN = "unknown"
    NO_PARCEL = "no_parcel"
    CONDITION_FIRST = "condition_first"
    PRODUCT_FIRST = "product_first"
    NOT_EXPECTED = "not_expected"
    NOTHING_LEFT = "nothing_left"
    NOTHING_COUNTED = "nothing_counted"
    NO_OWNER = "no_owner"
    FINISH_FIRST = "finish_first"
    NOTHING_TO_UNDO = "nothing_to_undo"


@dataclass(frozen=True, slots=True)
class Desk:
    """What is open on the desk.

    ``waybill`` of the open parcel, empty: none. ``owned``: its orders are known. ``holding``: a
    product waits for its condition, and ``room`` more units of it are expected. ``left``: units
    expected and not counted. ``counted``: units counted in any way. ``undoable``: the last count
    can be taken back.
    """

    waybill: str = ""
    owned: bool = True
    holding: int | None = None
    room: int = 0
    left: int = 0
    counted: int = 0
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """A cleaned text, with the product that has it as bar code (or internal reference), the units
    of it that are still expected, and whether it is a waybill that we know."""

    text: str
    product_id: int | None = None
    room: int = 0
    known_waybill: bool = False
    is_waybill: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a scan does: a refusal says why, a count which product is in which condition."""

    act: Act
    why: Why | None = None
    product_id: int | None = None
    condition: str = ""


def code_of(text: str) -> Code | None:
    """The desk code of a cleaned text."""
    return _CODES.get(text)


def phone_of(text: str) -> str:
    """The mobile number (mainland China) in a cleaned text, or nothing."""
    found = MOBILE.fullmatch(text.replace(" ", "").replace("-", "").removeprefix("+86"))
    return found[1] if found else ""


def warehouse_of(text: str) -> str:
    """The short name of the warehouse in a warehouse code, or nothing."""
    found = WAREHOUSE.fullmatch(text)
    return found[1] if found else ""


def decide(desk: Desk, scan: Scan) -> Decision:
    """What the desk does with a scan."""
    code = code_of(scan.text)
    if code:
        return _decide_code(desk, code)
    if not desk.waybill:
        return _decide_closed(scan)
    if scan.text == desk.waybill:
        return Decision(Act.SHOW)
    if scan.known_waybill:
        return _refuse(Why.FINISH_FIRST)
    if scan.product_id:
        return _decide_product(desk, scan)
    if not desk.owned and phone_of(scan.text):
        return Decision(Act.PHONE)
    return _refuse(Why.UNKNOWN)


def _refuse(why: Why) -> Decision:
    return Decision(Act.REFUSE, why)


def _decide_closed(scan: Scan) -> Decision:
    """Nothing is open: only a waybill opens a parcel, and a product's bar code is none."""
    if scan.known_waybill:
        return Decision(Act.OPEN)
    if scan.product_id:
        return _refuse(Why.NO_PARCEL)
    return Decision(Act.OPEN) if scan.is_waybill else _refuse(Why.UNKNOWN)


def _decide_product(desk: Desk, scan: Scan) -> Decision:
    if desk.holding:
        return _refuse(Why.CONDITION_FIRST)
    expected = not desk.owned or scan.room
    return Decision(Act.HOLD if expected else Act.HOLD_SURPLUS, product_id=scan.product_id)


def _decide_code(desk: Desk, code: Code) -> Decision:
    if code is Code.STOCK:
        return Decision(Act.STOCK) if not desk.waybill else _refuse(Why.FINISH_FIRST)
    if not desk.waybill:
        return _refuse(Why.NO_PARCEL)
    if code in CONDITIONS:
        return _decide_condition(desk, CONDITIONS[code])
    if code is Code.UNDO:
        if desk.holding:
            return Decision(Act.DROP)
        return Decision(Act.UNDO) if desk.undoable else _refuse(Why.NOTHING_TO_UNDO)
    if desk.holding:
        return _refuse(Why.CONDITION_FIRST)
    if code is Code.LEAVE:
        return Decision(Act.LEAVE)
    return Decision(Act.CONFIRM) if desk.counted else _refuse(Why.NOTHING_COUNTED)


def _decide_condition(desk: Desk, condition: str) -> Decision:
    if condition == "missing":
        return _decide_missing(desk)
    if condition == "wrong":
        return Decision(Act.COUNT, product_id=desk.holding, condition=condition)
    if not desk.holding:
        return _refuse(Why.PRODUCT_FIRST)
    if desk.owned and not desk.room:
        return _refuse(Why.NOT_EXPECTED)
    return Decision(Act.COUNT, product_id=desk.holding, condition=condition)


def _decide_missing(desk: Desk) -> Decision:
    """With a product one unit of it is missing; without, everything that is not counted."""
    if not desk.owned:
        return _refuse(Why.NO_OWNER)
    if not desk.holding:
        return Decision(Act.REST_MISSING) if desk.left else _refuse(Why.NOTHING_LEFT)
    if not desk.room:
        return _refuse(Why.NOT_EXPECTED)
    return Decision(Act.COUNT, product_id=desk.holding, condition="missing")
