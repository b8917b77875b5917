"""Any other table (CSV, XLS, XLSX) as somebody has declared it: which column is what."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice

from .bill import Given, Kind, Reason, Refused, Row, Rows, Told
from .columns import Chain, Columns
from .source import Part
from .table import Table
from .values import fee_units, fen, moment_of

FORMAT = "mapped"
FIELDS = (
    "at", "time", "key", "ref", "own", "refund_ref", "refund_own", "amount", "income", "outcome",
    "direction", "gross", "fee", "balance", "status", "what", "party", "memo", "account",
)  # fmt: skip


class Sign(StrEnum):
    """What says whether money came or went."""

    SIGNED = "signed"  # the amount's own sign
    REVERSED = "reversed"  # the same the other way round: a bill that sees us as a cost
    COLUMNS = "columns"  # one column for what came, one for what went
    DIRECTION = "direction"  # a word in a column of its own


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a table.

    :ivar columns: header of the file by one of ``FIELDS``; ``at`` and what ``sign`` needs must be
        there. Several headers for ``key``, joined by "+", make a key together.
    :ivar skip: rows above the header; ``foot``: rows below the list
    :ivar ragged: rows may end early: their last cells were empty
    :ivar time_format: for ``strptime``; empty for what people usually write
    :ivar incoming: words for money that came (``sign`` is direction); ``outgoing``: that went
    :ivar kinds: kind by a word in the column ``what``; else income or expense by the sign
    :ivar fee_taken: the sign of a fee that was taken from us
    :ivar encoding: empty for what the content shows; the same for ``delimiter``
    """

    columns: Mapping[str, str]
    sign: Sign = Sign.SIGNED
    skip: int = 0
    foot: int = 0
    ragged: bool = False
    time_format: str = ""
    incoming: tuple[str, ...] = ("收入", "入账", "贷")
    outgoing: tuple[str, ...] = ("支出", "出账", "借")
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    fee_taken: int = 1
    encoding: str = ""
    delimiter: str = ""
    form: str = FORMAT

    @property
    def problems(self) -> tuple[str, ...]:
        """Fields that are unknown, or needed and not mapped."""
        amounts = {
            Sign.COLUMNS: ("income", "outcome"),
            Sign.DIRECTION: ("amount", "direction"),
        }.get(self.sign, ("amount",))
        needed = [name for name in ("at", *amounts) if not self.columns.get(name)]
        return (*needed, *(name for name in self.columns if name not in FIELDS))


def read(parts: Sequence[Part], given: Given, mapping: Layout) -> Rows:
    """The rows of a table; a mapped balance is checked from row to row.

    :raises ValueError: for a mapping with ``problems``
    """
    if mapping.problems:
        raise ValueError(f"not mapped: {', '.join(mapping.problems)}")
    table = Table(parts[0], mapping.encoding, mapping.delimiter)
    rows = iter(table)
    line, header = next(islice(rows, mapping.skip, None), (0, []))
    if not any(header):
        raise Refused(Reason.CUT, line)
    keys = [name.strip() for name in mapping.columns.get("key", "").split("+") if name.strip()]
    names = {key: (name,) for key, name in mapping.columns.items() if name and key != "key"}
    columns = Columns(header, line, names, names, keys)
    key_columns = [Columns(header, line, {"key": (name,)}, ("key",)).at["key"] for name in keys]
    chain = Chain() if "balance" in columns else None
    account = None
    for line, cells in _without_last(rows, mapping.foot):
        if not any(cells):
            continue
        if mapping.ragged:
            cells = [*cells, *[""] * (columns.width - len(cells))]
        if len(cells) < columns.width or any(cells[columns.width :]):
            raise Refused(Reason.COLUMNS, line, value=len(cells), expected=columns.width)
        cells = [*cells[: columns.width], ""]
        row = _row(line, cells, columns, mapping, given)
        key = "/".join(cells[at] for at in key_columns)
        if keys and not key.strip("/"):
            raise Refused(Reason.MISSING, line, " + ".join(keys))
        if account not in (None, row.account):
            raise columns.wrong(Reason.ACCOUNT, line, "account", cells)
        account = row.account
        if chain:
            chain.add(line, row.at, row.amount, row.balance)
        if not keys:
            left = "" if row.balance is None else row.balance
            key = f"{row.at:%Y%m%d%H%M%S}/{row.amount}/{left}/{row.ref}/{row.own}/{row.refund_ref}"
        yield row._replace(key=key)
    return Told(
        table.digest, "", account or given.account, opening=chain and chain.opening,
        closing=chain and chain.closing,
    )  # fmt: skip


def _without_last(rows: Iterator, number: int) -> Iterator:
    held: deque = deque()
    for row in rows:
        held.append(row)
        if len(held) > number:
            yield held.popleft()


def _row(line: int, cells: list[str], columns: Columns, mapping: Layout, given: Given) -> Row:
    def text(key: str) -> str:
        return cells[columns.at.get(key, columns.width)]

    try:
        when = _when(text("at"), text("time"), mapping.time_format)
    except ValueError:
        raise columns.wrong(Reason.TIME, line, "at", cells) from None
    try:
        amount = _amount(line, cells, columns, mapping)
        fee = mapping.fee_taken * fee_units(text("fee") or "0")
        gross = fen(text("gross")) if text("gross") else amount
        balance = fen(text("balance")) if "balance" in columns else None
    except ValueError as error:
        if isinstance(error, Refused):
            raise
        readers = dict.fromkeys(("income", "outcome", "gross"), _or_0) | {"amount": fen}
        readers |= {"fee": lambda cell: fee_units(cell or "0"), "balance": fen}
        raise columns.blame(line, cells, readers) from None
    what = text("what")
    kind = next((kind for word, kind in mapping.kinds.items() if word in what), None)
    return Row(
        line, kind or (Kind.INCOME if amount >= 0 else Kind.EXPENSE), when,
        text("account") or given.account, "", text("ref"), text("own"), text("refund_ref"),
        text("refund_own"), amount, abs(gross) if amount >= 0 else -abs(gross), fee, balance,
        text("status") or what, text("party"), text("memo"), columns.extra(cells),
    )  # fmt: skip


def _amount(line: int, cells: list[str], columns: Columns, mapping: Layout) -> int:
    def text(key: str) -> str:
        return cells[columns.at[key]]

    if mapping.sign is Sign.COLUMNS:
        came, went = _or_0(text("income")), abs(_or_0(text("outcome")))
        if came and went:
            raise columns.wrong(Reason.DIRECTION, line, "outcome", cells)
        return came - went
    amount = fen(text("amount"))
    if mapping.sign is not Sign.DIRECTION:
        return -amount if mapping.sign is Sign.REVERSED else amount
    word = text("direction")
    if any(known in word for known in mapping.incoming):
        return abs(amount)
    if any(known in word for known in mapping.outgoing):
        return -abs(amount)
    raise columns.wrong(Reason.WORD, line, "direction", cells)


def _when(day: str, time: str, pattern: str) -> datetime:
    if pattern:
        return datetime.strptime(f"{day} {time}".strip(), pattern)
    return moment_of(day, time)


def _or_0(text: str) -> int:
    return fen(text) if text not in ("", "-", "--") else 0
