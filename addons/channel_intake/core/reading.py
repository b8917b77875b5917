"""Careful reading of somebody else's JSON: nothing raises, every oddity becomes a Problem.

A problem's detail names the platform's field and what stood there ("pay_amount = -5"), so that it
reads the same in every language; the type of the problem says the rest.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson

from .snapshots import Problem

MAX_FEN = 10**12
MAX_TIME = 4102444800  # 2100-01-01
MAX_INT = 2**31 - 1
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_INTEGER = re.compile(r"[+-]?\d{1,19}")
CHINA = timezone(timedelta(hours=8))


def loads(text: str | bytes) -> Any:
    """JSON, several times as fast as Python's own reader where nothing is odd.

    Integers beyond 64 bit come as floats, which no reader here takes for a number or an id.

    :raises ValueError: when it is no JSON
    """
    try:
        return orjson.loads(text)
    except ValueError:  # half an emoji or NaN: refused there, read here
        return json.loads(text)


def dumps(value: Any) -> str:
    """JSON in one form: keys sorted, no blanks, no escapes but the necessary ones."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # half an emoji or a number beyond 64 bit
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def clean(value: object, limit: int = 500) -> str:
    """Text without control characters (a new line stays), cut to ``limit`` characters."""
    if isinstance(value, str):
        text = value
    elif value is None or isinstance(value, (Mapping, list, bool)):
        return ""
    else:
        text = str(value)
    if text.isprintable():
        return text[:limit].strip()
    return _CONTROL.sub("", _SURROGATE.sub("\ufffd", text))[:limit].strip()


def as_int(value: object) -> int | None:
    """An exact integer from an int or its text; None for everything else (also true and 1.5)."""
    if type(value) is int:
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    return None


def as_ref(value: object, limit: int = 64) -> str:
    """An id as text; empty for missing, 0, and for floats, whose last digits are already lost."""
    if type(value) is int:
        return str(value) if value > 0 else ""
    if isinstance(value, str):
        if value.isdigit() and len(value) <= limit:
            return "" if value == "0" else value
        text = clean(value, limit + 1).replace("\n", "")
        return "" if text == "0" or len(text) > limit else text
    return ""


class Reader:
    """Reads fields of one order and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, kind: str, detail: str) -> None:
        """Note a problem once."""
        found = Problem(kind, clean(detail, 300))
        if found not in self.problems:
            self.problems.append(found)

    def fen(self, source: Mapping, key: str, *, required: bool = False) -> int:
        """An amount in fen, 0 when it is missing or unusable (then with a problem)."""
        value = source.get(key)
        if type(value) is int and 0 <= value <= MAX_FEN:
            return value
        if value is None or value == "":
            if required:
                self.problem("amounts", f"{key} = ?")
            return 0
        number = as_int(value)
        if number is None:
            self.problem("amounts", f"{key} = {value!r:.40}")
            return 0
        if number < 0 or number > MAX_FEN:
            self.problem("amounts", f"{key} = {number}")
            return 0
        return number

    def quantity(self, source: Mapping, key: str) -> int:
        """A number of units; what cannot be read is 0 with a problem."""
        number = as_int(source.get(key))
        if number is None:
            self.problem("quantity", f"{key} = {source.get(key)!r:.40}")
            return 0
        if number < 0 or number > MAX_INT:
            self.problem("quantity", f"{key} = {number}")
            return 0 if number < 0 else MAX_INT
        return number

    def time(self, source: Mapping, key: str) -> int | None:
        """A time in unix seconds; None when the platform gives none (0 means none)."""
        value = source.get(key)
        if type(value) is int and 0 < value < MAX_TIME:
            return value
        if value in (None, "", 0, "0"):
            return None
        number = as_int(value)
        if number is None or not 0 < number < MAX_TIME:
            self.problem("malformed", f"{key} = {value!r:.40}")
            return None
        return number

    def text(self, source: Mapping, key: str, limit: int = 500) -> str:
        """A text; another type is a problem and reads as empty."""
        value = source.get(key)
        if not isinstance(value, str) and isinstance(value, (Mapping, list)):
            self.problem("malformed", f"{key} = {source[key]!r:.40}")
        return clean(value, limit)


def utc_seconds(text: str) -> int | None:
    """Unix seconds of a date as people write it, read as China's time; None when unreadable."""
    text = text.strip().replace("/", "-").replace("T", " ")
    for pattern in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return int(datetime.strptime(text[:19], pattern).replace(tzinfo=CHINA).timestamp())
        except ValueError:
            continue
    return None


def mask_name(name: str) -> str:
    """张三丰 → 张**."""
    return name[:1] + "*" * (len(name) - 1) if name else ""


def mask_phone(phone: str) -> str:
    """13800138000 → 138****8000; a short number keeps its last two digits."""
    if len(phone) >= 11:
        return phone[:3] + "****" + phone[-4:]
    return "*" * max(len(phone) - 2, 0) + phone[-2:]


def mask_address(address: str) -> str:
    """The first six characters of a street address, then stars."""
    return address[:6] + "******" if len(address) > 6 else "*" * len(address)
