"""Columns by the names that files give them, and the checks that all formats share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from .bill import Reason, Refused
from .source import MAX_COLUMNS
from .values import plain_name, written

Names = Mapping[str, tuple[str, ...]]


class Columns:
    """Where a header has what a reader wants, and what else it has.

    :ivar at: position by key; a column that is not there is one behind the last, so append an
        empty cell to each row
    """

    def __init__(
        self, header: Sequence[str], line: int, names: Names, needed: Iterable[str],
        dropped: Collection[str] = (),
    ) -> None:  # fmt: skip
        """:param names: the header's possible names by key
        :param dropped: names that are not kept: personal data, or what is kept elsewhere
        :raises Refused: for a column that is needed and missing, or there twice
        """
        self.header = [" ".join(name.split()).strip("`'\"\ufeff") for name in header]
        self.width = len(header)
        self.at: dict[str, int] = {}
        self.rest: list[tuple[str, int]] = []
        if self.width > MAX_COLUMNS:
            raise Refused(Reason.TOO_MANY_COLUMNS, line, value=self.width)
        keys = {plain_name(name): key for key, known in names.items() for name in known}
        unwanted = {plain_name(name) for name in dropped}
        for position, name in enumerate(header):
            plain = plain_name(name)
            key = keys.get(plain)
            if key in self.at:
                raise Refused(Reason.DOUBLE_COLUMN, line, self.header[position])
            if key:
                self.at[key] = position
            elif plain and plain not in unwanted:
                self.rest.append((self.header[position], position))
        for key in needed:
            if key not in self.at:
                raise Refused(Reason.MISSING_COLUMN, line, " / ".join(names[key]))

    def __contains__(self, key: str) -> bool:
        return key in self.at

    def pick(self, *keys: str) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """A function that takes these cells from a row with an empty cell behind its last."""
        return itemgetter(*(self.at.get(key, self.width) for key in keys))

    def extra(self, cells: Sequence[str]) -> dict[str, str]:
        """What the other columns say, without empty ones."""
        return {name: cells[position] for name, position in self.rest if cells[position]}

    def blame(
        self, line: int, cells: Sequence[str], readers: Mapping[str, Callable[[str], object]]
    ) -> Refused:
        """Which of the cells cannot be read.

        :param readers: functions that raise ``ValueError``, by key
        """
        for key, read in readers.items():
            try:
                if key in self.at:
                    read(cells[self.at[key]])
            except ValueError:
                return self.wrong(_REASONS.get(key, Reason.AMOUNT), line, key, cells)
        return Refused(Reason.AMOUNT, line)

    def wrong(self, reason: Reason, line: int, key: str, cells: Sequence[str]) -> Refused:
        """The refusal of one cell."""
        at = self.at.get(key, self.width)
        if at == self.width:
            return Refused(reason, line, key)
        return Refused(reason, line, self.header[at], cells[at])


_REASONS = {"at": Reason.TIME, "count": Reason.NUMBER}


def has(names: Collection[str], *needed: str) -> bool:
    """Whether a row of plain names has all of these."""
    return all(name in names for name in needed)


def agree(line: int, told: Mapping[str, int], found: Mapping[str, int]) -> None:
    """Compare what a file says of itself with its rows.

    :param told: by the file's own names; what of it is not ``found`` is not compared
    :raises Refused: for the first that differs
    """
    for name, value in told.items():
        if found.get(name, value) != value:
            places = 0 if name.endswith("数") or name in _COUNTS else 5 if "手续费" in name else 2
            raise Refused(
                Reason.SUMMARY, line, name, written(value, places), written(found[name], places)
            )


_COUNTS = ("交易", "退款", "收入", "支出")  # Alipay's totals: rows by the word, amounts behind it


class Chain:
    """Running balances, oldest row first or newest first, whichever the file is in."""

    def __init__(self) -> None:
        self._first: tuple[datetime, int, int] | None = None
        self._last: tuple[datetime, int, int] | None = None
        self._rising = self._falling = True

    def add(self, line: int, at: datetime, amount: int, balance: int) -> None:
        """:raises Refused: where neither order explains the balance"""
        if self._last is None:
            self._first = at, amount, balance
        else:
            _at, amount_before, balance_before = self._last
            self._rising = self._rising and balance_before + amount == balance
            self._falling = self._falling and balance + amount_before == balance_before
            if not (self._rising or self._falling):
                raise Refused(
                    Reason.BALANCE, line, "", written(balance), written(balance_before + amount)
                )
        self._last = at, amount, balance

    @property
    def opening(self) -> int | None:
        """Before the oldest movement; None without any."""
        if self._first is None:
            return None
        _at, amount, balance = self._first if self._is_oldest_first else self._last
        return balance - amount

    @property
    def closing(self) -> int | None:
        """After the newest movement; None without any."""
        if self._first is None:
            return None
        return (self._last if self._is_oldest_first else self._first)[2]

    @property
    def _is_oldest_first(self) -> bool:
        """By the balances; by the times where both orders explain them."""
        if self._rising and self._falling:
            return self._first[0] <= self._last[0]
        return self._rising
