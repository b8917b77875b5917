"""Amounts, counts, times and names as bills write them. Exact: text to integer, never float."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from functools import lru_cache

MAX_DIGITS = 15
_CACHED = 2048
_FEN = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}")
_FEE = re.compile(r"-?[0-9]{1,10}\.[0-9]{5}")
_NUMBER = re.compile(r"([+-]?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.([0-9]*))?")
_MINUS = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))  # NFKC leaves these as they are
_CURRENCY = re.compile(r"^(?:CNY|RMB|¥)|元$")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?: ?([0-9]{2}):?([0-9]{2}):?([0-9]{2}))?")
_WRITTEN = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
    r"(?:[ T]*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?"
)
_UNIT = re.compile(r"(?<=.)[(\[].*$")
_GUARDS = str.maketrans("", "", "`'\"\ufeff")
_FIGURES = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+")
_CARD = re.compile(r"[0-9]{13,19}")


@lru_cache(_CACHED)
def fen(text: str) -> int:
    """Yuan as fen: "1,234.50", "－３．２", "(3.20)", "3.20-", "¥3.2元".

    :raises ValueError: for anything else, or a part of a fen
    """
    if _FEN.fullmatch(text):
        return int(text[:-3] + text[-2:])
    return exact(text, 2)


@lru_cache(_CACHED)
def fee_units(text: str) -> int:
    """Yuan as 1/1000 fen; :raises ValueError: for more than five decimals"""
    if _FEE.fullmatch(text):
        return int(text[:-6] + text[-5:])
    return exact(text, 5)


def count(text: str) -> int:
    """A number of rows; older files write 20.0; :raises ValueError: for a part of a row"""
    found = exact(text, 0)
    if found < 0:
        raise ValueError(text)
    return found


def exact(text: str, places: int) -> int:
    """A decimal number as an integer of its ``places``-th decimal.

    :raises ValueError: when it is no number, or has more decimals that are not 0
    """
    plain = unicodedata.normalize("NFKC", text).translate(_MINUS)
    plain = "".join(plain.split())
    negative = False
    if plain[:1] == "(" and plain[-1:] == ")":
        negative, plain = True, plain[1:-1]
    elif plain[-1:] == "-":
        negative, plain = True, plain[:-1]
    plain = _CURRENCY.sub("", _CURRENCY.sub("", plain))
    found = _NUMBER.fullmatch(plain)
    if not found or not (found[2] or found[3]) or (negative and found[1]):
        raise ValueError(f"no amount: {text[:40]!r}")
    whole, decimals = (found[2] or "0").replace(",", ""), (found[3] or "").rstrip("0")
    if len(decimals) > places or len(whole.lstrip("0")) > MAX_DIGITS - 2:
        raise ValueError(f"no amount: {text[:40]!r}")
    number = int(whole + decimals.ljust(places, "0"))
    return -number if negative or found[1] == "-" else number


def written(number: int, places: int = 2) -> str:
    """An integer of the ``places``-th decimal as people write it: fen as yuan."""
    sign, digits = "-" if number < 0 else "", str(abs(number)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def moment(text: str) -> datetime:
    """A time as it is written; a date alone is its midnight.

    :raises ValueError: for what is no time
    """
    if len(text) == 19 and text.isascii() and text[4] == text[7] == "-" and text[10] == " ":
        return datetime.fromisoformat(text)
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _WRITTEN.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if not found:
        raise ValueError(f"no time: {text[:40]!r}")
    return datetime(*(int(number or 0) for number in found.groups()))


def moment_of(day: str, clock: str) -> datetime:
    """A day and the time on it from two cells; :raises ValueError: when one is none"""
    if not clock:
        return moment(day)
    return datetime.combine(moment(day), moment(f"2000-01-01 {clock}").time())


def is_rounded(ref: str) -> bool:
    """Whether a spreadsheet has made 4.2E+27 of an id: its last digits are gone."""
    return "E+" in ref and _FIGURES.fullmatch(ref) is not None


@lru_cache(1024)
def plain_name(header: str) -> str:
    """A header without what differs between exports: width, unit, blanks, guards, a misspelling."""
    text = unicodedata.normalize("NFKC", header).translate(_GUARDS)
    return _UNIT.sub("", "".join(text.split())).replace("动帐", "动账").upper()


def masked_card(number: str) -> str:
    """A card's number as it may be kept: its first six digits and its last four."""
    number = number.strip()
    if _CARD.fullmatch(number):
        return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
    return number


def account_number(text: str) -> str:
    """A number of an account without what only groups or guards its digits, in capitals."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in plain if letter.isalnum()).upper()
