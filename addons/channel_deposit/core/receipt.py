"""Whose money a receipt of the bank probably is. Amounts are whole fen.

A suggestion helps a person to choose; nothing is booked by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

# What a legal form and punctuation add to a name, and what people leave out or write otherwise.
NOISE = re.compile(r"[\W_]|有限责任公司|股份有限公司|有限公司|股份公司")
LEAST = 2  # characters of a name that may be looked for inside another


def normal(text: str | None) -> str:
    """A reference, number or name as it is compared: no spaces, one case, no full-width forms."""
    return re.sub(r"\s|\u200b|\ufeff", "", unicodedata.normalize("NFKC", text or "")).upper()


def plain_name(text: str | None) -> str:
    """A company's name without legal form and punctuation."""
    return NOISE.sub("", normal(text))


def _digits(number: str) -> str:
    """A bank account's number without what people group it by."""
    return re.sub(r"\W", "", normal(number))


class Sign(IntEnum):
    """Why an account is suggested; the greater sign speaks louder."""

    NAME_PART = 1  # one name contains the other
    NAME = 2
    PAID_BEFORE = 3  # this payer's money was claimed for the account before
    NUMBER = 4  # the payer's bank account is the member's


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the bank says of a payer."""

    name: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A deposit account and what is known of who pays into it.

    :ivar names: of the member
    :ivar numbers: of the member's bank accounts
    :ivar payers: names whose receipts were claimed for the account
    """

    account: int
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    payers: tuple[str, ...] = ()


def sign(receipt: Receipt, candidate: Candidate) -> Sign | None:
    """The loudest sign that a receipt belongs to an account, or None."""
    number, name = _digits(receipt.number), plain_name(receipt.name)
    names = {plain_name(each) for each in candidate.names} - {""}
    if number and number in map(_digits, candidate.numbers):
        return Sign.NUMBER
    if not name:
        return None
    if name in {plain_name(each) for each in candidate.payers}:
        return Sign.PAID_BEFORE
    if name in names:
        return Sign.NAME
    if any(min(len(name), len(each)) >= LEAST and (each in name or name in each) for each in names):
        return Sign.NAME_PART
    return None


def suggest(receipt: Receipt, candidates: Iterable[Candidate]) -> tuple[tuple[int, Sign], ...]:
    """Accounts that a receipt may belong to, the likeliest first, and why."""
    found = [(each.account, why) for each in candidates if (why := sign(receipt, each)) is not None]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))
