"""MT940: a bank's statement in SWIFT's tags, taken apart by the library ``mt-940``.

One statement (from :20: to the next) is in memory at a time.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import mt940

from .bill import Given, Kind, Reason, Refused, Row, Rows, Told
from .source import Content, Part, within
from .values import fen, written

FORMAT = "mt940"
MAX_STATEMENT = 8 * 1024 * 1024
_OPTIONS = mt940.Options.all()
_FIRST = re.compile(rb"(?m)^:20:.*\r?$")
_OPENING = re.compile(rb"(?m)^:60[FM]:")
_LAST = ("final_closing_balance", "intermediate_closing_balance")
_BEFORE = ("final_opening_balance", "intermediate_opening_balance")


def claims(beginning: bytes) -> bool:
    """Whether a file begins with the tags of a statement."""
    return bool(_FIRST.search(beginning) and _OPENING.search(beginning))


def read(parts: Sequence[Part], given: Given) -> Rows:
    """The lines of all statements of one account; each statement's balances must chain."""
    digests: list[str] = []
    account = currency = ""
    opening = closing = None
    for part in parts:
        content = Content(part)
        with within(part):
            for line, text in _statements(content):
                statement = _Statement(line, text)
                if account and account != statement.account:
                    raise Refused(Reason.ACCOUNT, line, ":25:", statement.account, account)
                if currency and currency != statement.currency:
                    raise Refused(Reason.CURRENCY, line, ":60F:", statement.currency, currency)
                account, currency = statement.account, statement.currency
                opening = statement.opening if opening is None else opening
                closing = statement.closing
                yield from statement.rows()
        digests.append(content.digest)
    return Told(
        "-".join(digests), "", account or given.account, currency or "CNY", opening=opening,
        closing=closing,
    )  # fmt: skip


def _statements(content: Content) -> Iterator[tuple[int, str]]:
    """(its first line, its text) of each statement."""
    begin, size, lines = 0, 0, []
    for line, text in enumerate(content.lines(), 1):
        if text.startswith(":20:"):
            if lines:
                yield begin, "\n".join(lines)
            begin, size, lines = line, 0, []
        if begin and not text.startswith(("{", "-}")) and text != "-":
            size += len(text)
            if size > MAX_STATEMENT:
                raise Refused(Reason.TOO_LARGE, line)
            lines.append(text)
    if not lines:
        raise Refused(Reason.CUT)
    yield begin, "\n".join(lines)


class _Statement:
    """One statement, its balances already compared with its lines."""

    def __init__(self, line: int, text: str) -> None:
        self.line, self._text = line, text
        self._lines = [
            number for number, row in enumerate(text.split("\n"), line) if row.startswith(":61:")
        ]
        try:
            # as a file: the library would take a text for a path if one had its name
            [found] = mt940.parse_statements(io.StringIO(text), options=_OPTIONS)
        except Exception as error:  # the library raises whatever a damaged file makes it raise
            raise Refused(Reason.UNREADABLE, line) from error
        self._found = [each.data for each in found]
        if len(self._found) != len(self._lines) or not all("amount" in d for d in self._found):
            raise Refused(Reason.COLUMNS, line, ":61:", len(self._found), len(self._lines))
        self.account = str(found.data.get("account_identification") or "")
        before, after = self._balance(found.data, _BEFORE), self._balance(found.data, _LAST)
        self.currency = str(before.amount.currency)
        self.opening, self.closing = self._fen(line, before), self._fen(line, after)
        self._amounts = [
            self._fen(number, each) for number, each in zip(self._lines, self._found, strict=True)
        ]
        if self.opening + sum(self._amounts) != self.closing:
            raise Refused(
                Reason.BALANCE,
                line,
                ":62F:",
                written(self.closing),
                written(self.opening + sum(self._amounts)),
            )

    def rows(self) -> Iterator[Row]:
        """The lines with what stands in :86: below each."""
        for line, amount, data in zip(self._lines, self._amounts, self._found, strict=True):
            yield self._row(line, amount, data)

    def _row(self, line: int, amount: int, data: dict[str, Any]) -> Row:
        when = _midnight(data.get("entry_date")) or _midnight(data.get("date"))
        if when is None:
            raise Refused(Reason.TIME, line, ":61:")
        own, ref = _word(data.get("customer_reference")), _word(data.get("bank_reference"))
        memo = " ".join((_word(data.get("transaction_details"))).split())
        statement = _word(data.get("transaction_reference"))
        nth = line - self.line
        return Row(
            line, Kind.INCOME if amount >= 0 else Kind.EXPENSE, when, self.account,
            "/".join((f"{when:%Y%m%d}", ref or f"{statement}:{nth}", own, str(amount))), ref,
            "" if own == "NONREF" else own, "", "", amount, amount, 0, None, _word(data.get("id")),
            _word(data.get("applicant_name")), memo,
            {"value_date": f"{data['date']}", "extra_details": _word(data.get("extra_details"))},
        )  # fmt: skip

    def _balance(self, data: dict[str, Any], names: Sequence[str]):
        for name in names:
            if data.get(name):
                return data[name]
        raise Refused(Reason.CUT, self.line, ":62F:" if names is _LAST else ":60F:")

    def _fen(self, line: int, holder: Any) -> int:
        amount = holder["amount"] if isinstance(holder, dict) else holder.amount
        try:
            return fen(str(amount.amount))
        except ValueError:
            raise Refused(Reason.AMOUNT, line, ":61:", amount.amount) from None


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day) if day else None


def _word(value: object) -> str:
    return str(value or "").strip()
