"""What is in a bill (账单), whoever wrote it: its rows, what it says of itself, why it is refused.

Amounts are integer fen, fees 1/1000 fen (channels tell fees with five decimals of a yuan). Times
are naive and China's, as bills tell them. Source: reference facts §1 to §9.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from .values import is_rounded

FEE_UNITS = 1000  # of a fen


class Kind(StrEnum):
    """What a row is about; the sign of its amount says where the money went."""

    PAYMENT = "payment"
    REFUND = "refund"
    FEE = "fee"
    SPLIT = "split"
    TRANSFER = "transfer"  # to or from our own account: withdrawal, top-up
    SETTLEMENT = "settlement"  # a platform's, of one order
    ADJUSTMENT = "adjustment"  # the channel's own correction: for a person
    INCOME = "income"
    EXPENSE = "expense"


class Reason(StrEnum):
    """Why a file is refused; the edge puts each into words with what to do."""

    UNKNOWN = "unknown"  # no reader knows these headers
    MIXED = "mixed"  # an archive with bills of several kinds
    TOO_LARGE = "too_large"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"
    UNREADABLE = "unreadable"  # a damaged archive, workbook or XML
    ENCRYPTED = "encrypted"
    DOCTYPE = "doctype"  # XML that brings its own entities
    CHARSET = "charset"
    MISSING_COLUMN = "missing_column"
    DOUBLE_COLUMN = "double_column"
    COLUMNS = "columns"  # a row with more or fewer cells than the header
    TIME = "time"
    AMOUNT = "amount"
    NUMBER = "number"  # a count that is none
    WORD = "word"  # a status or direction that nobody knows
    DIRECTION = "direction"  # an amount whose sign contradicts its words
    MISSING = "missing"  # an empty cell that names the row
    ROUNDED = "rounded"  # an id that a spreadsheet made a number of
    ACCOUNT = "account"  # a row of another account than the one before
    CURRENCY = "currency"
    PERIOD = "period"  # a row outside of the days that the file is for
    DAY = "day"  # a file without a year: its settlement day must be given
    SUMS = "sums"  # a row whose amounts do not add up
    TWICE = "twice"  # the row above again
    SUMMARY = "summary"  # the rows are not what the file's own totals say
    BALANCE = "balance"  # the balance is not the one before and the amount
    CUT = "cut"  # the end is missing
    AFTER_END = "after_end"  # something stands behind the end
    CHANGED = "changed"  # the same movement as in a bill before, with another amount
    SAME = "same"  # the same content was read before
    NO_ACCOUNT = "no_account"  # no account of ours has this number
    OTHER_ACCOUNT = "other_account"  # the file is of another account than was chosen


class Refused(ValueError):
    """A file that must not be used: its sums would not be the channel's.

    :ivar line: of the file, the first is 1; 0 is the whole file
    :ivar column: as the file calls it
    :ivar value: what stood there; ``expected``: what its rows say
    :ivar part: the file in the archive
    """

    def __init__(
        self, reason: Reason, line: int = 0, column: str = "", value: object = "",
        expected: object = "", part: str = "",
    ) -> None:  # fmt: skip
        self.reason, self.line, self.column, self.part = reason, line, column, part
        self.value, self.expected = str(value)[:60], str(expected)[:60]
        super().__init__(f"{reason}: line {line} {column} {self.value} {self.expected}".rstrip())

    @property
    def told(self) -> dict[str, str | int]:
        """As it may be kept; ``Refused(**told)`` makes it again."""
        names = ("reason", "line", "column", "value", "expected", "part")
        return {name: getattr(self, name) for name in names}


class Row(NamedTuple):
    """A movement or a trade.

    :ivar key: the same for the same movement in every file of this format and account
    :ivar at: China's time
    :ivar ref: the channel's number of the payment; ``own``: ours
    :ivar refund_ref: the channel's number of the refund; ``refund_own``: ours
    :ivar amount: fen, above 0 towards us: what the channel settles, before its fee
    :ivar gross: fen: the order's amount, with discounts that the channel does not settle
    :ivar fee: 1/1000 fen, above 0 taken from us, below 0 given back
    :ivar balance: fen, of the account after the row
    :ivar status: in the channel's words, as it was when the file was written
    :ivar extra: the columns that have no place here, by the file's header
    """

    line: int
    kind: Kind
    at: datetime
    account: str
    key: str
    ref: str = ""
    own: str = ""
    refund_ref: str = ""
    refund_own: str = ""
    amount: int = 0
    gross: int = 0
    fee: int = 0
    balance: int | None = None
    status: str = ""
    party: str = ""
    memo: str = ""
    extra: Mapping[str, str] = {}

    @property
    def fee_fen(self) -> int:
        """The fee in whole fen, half a fen away from zero."""
        whole = (abs(self.fee) + FEE_UNITS // 2) // FEE_UNITS
        return whole if self.fee >= 0 else -whole


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of itself, told when it was read to its end.

    :ivar totals: its summary: fen, 1/1000 fen for fees, counts; already found right
    :ivar opening: fen, before the first row in time; ``closing``: after the last
    """

    digest: str
    variant: str = ""
    account: str = ""
    currency: str = "CNY"
    start: datetime | None = None
    end: datetime | None = None
    opening: int | None = None
    closing: int | None = None
    totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the rows sum up to.

    :ivar income: fen of amounts above 0; ``outcome``: fen of those below 0, as a negative number
    :ivar fee: 1/1000 fen
    """

    rows: int = 0
    income: int = 0
    outcome: int = 0
    fee: int = 0
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """A file that was read to its end and found right.

    :ivar format: the same for all variants whose rows have the same keys
    :ivar told: what it says of itself; ``told.digest``: SHA-256 of its unpacked content
    :ivar ignored: files of the archive that no reader knows
    """

    format: str
    told: Told
    summary: Summary
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller knows about a file.

    :ivar name: the file's; only ever asked for a day that the content lacks
    :ivar day: the settlement day of files that tell none
    :ivar account: of files that name none
    """

    name: str = ""
    day: date | None = None
    account: str = ""


Rows = Generator[Row, None, Told]


class Reading:
    """The rows of a bill, once; its ``bill`` when they have all been read.

    Rows come in constant memory, so what a file says of itself is only found wrong at its end:
    use nothing before. Rows with one key that do not follow each other are left to the unique key
    of whoever stores them.
    """

    def __init__(self, form: str, rows: Rows, ignored: tuple[str, ...] = ()) -> None:
        self.format, self._ignored = form, ignored
        self._rows: Rows | None = rows
        self._bill: Bill | None = None

    @property
    def bill(self) -> Bill:
        """:raises RuntimeError: before the last row was read"""
        if self._bill is None:
            raise RuntimeError("a bill is known when all its rows have been read")
        return self._bill

    def __iter__(self) -> Iterator[Row]:
        """:raises Refused: as soon as something is wrong; RuntimeError: the second time"""
        rows, self._rows = self._rows, None
        if rows is None:
            raise RuntimeError("the rows of a bill are read once")
        count = income = outcome = fee = 0
        first = last = before = None
        while True:
            try:
                row = next(rows)
            except StopIteration as stop:
                told = stop.value
                break
            if row.key == before:
                raise Refused(Reason.TWICE, row.line, value=row.key)
            if "E+" in row.key or "E+" in row.own:
                for ref in (*row.key.split("/"), row.own):
                    if is_rounded(ref):
                        raise Refused(Reason.ROUNDED, row.line, value=ref)
            before, at, amount = row.key, row.at, row.amount
            count += 1
            fee += row.fee
            if amount > 0:
                income += amount
            else:
                outcome += amount
            if first is None:
                first = last = at
            elif at > last:
                last = at
            elif at < first:
                first = at
            yield row
        summary = Summary(count, income, outcome, fee, first, last)
        self._bill = Bill(self.format, told, summary, self._ignored)
