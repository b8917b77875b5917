"""What the columns of an unknown table may mean: a proposal, for a person to correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from .mapping import Sign
from .source import Part
from .table import Table
from .values import exact, plain_name

LOOKED_AT = 40  # rows; above a header there may be an address and a logo
_MEANINGS = (
    ("at", ("交易时间", "交易日期", "记账时间", "记账日期", "入账时间", "日期", "时间", "DATE", "TIME")),
    ("income", ("收入金额", "收入", "贷方金额", "贷方发生额", "存入", "CREDIT")),
    ("outcome", ("支出金额", "支出", "借方金额", "借方发生额", "支取", "DEBIT")),
    ("direction", ("收支", "借贷", "收支类型", "借贷标志", "方向", "收/支", "借/贷")),
    ("fee", ("手续费", "服务费", "FEE")),
    ("balance", ("账户余额", "余额", "账户结余", "BALANCE")),
    ("amount", ("交易金额", "金额", "发生额", "实收金额", "AMOUNT")),
    ("key", ("流水号", "交易流水号", "交易流水", "流水", "凭证号", "TRANSACTIONID")),
    ("own", ("商户订单号", "订单号", "商家订单号", "ORDERID")),
    ("what", ("交易类型", "业务类型", "TYPE")),
    ("party", ("对方户名", "对方名称", "对方账户名", "付款人", "PAYEE", "PAYER")),
    ("memo", ("摘要", "备注", "附言", "用途", "交易说明", "DESCRIPTION", "MEMO")),
    ("status", ("状态", "交易状态", "STATUS")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """:ivar columns: of each its header, a value, and what it may mean (``mapping.FIELDS`` or "")"""

    skip: int
    columns: tuple[tuple[str, str, str], ...]
    sign: Sign


def propose(part: Part) -> Proposal:
    """Where the header of a table is and what it may mean; no columns for what is no table.

    :raises Refused: for a file that cannot be read
    """
    rows = [cells for _line, cells in islice(Table(part), LOOKED_AT)]
    at = _header_at(rows)
    if at is None:
        return Proposal(0, (), Sign.SIGNED)
    header, below = rows[at], rows[at + 1 :]
    taken: set[str] = set()
    columns = []
    for position, name in enumerate(header):
        if name and name not in {known for known, _value, _meaning in columns}:
            meaning = _meaning(name, taken)
            taken.add(meaning)
            columns.append((name, _example(below, position), meaning))
    return Proposal(at, tuple(columns), _sign(taken))


def _header_at(rows: Sequence[Sequence[str]]) -> int | None:
    """The first row of names, above a row of the same width that has an amount in it."""
    for at, (cells, below) in enumerate(pairwise(rows)):
        names = [cell for cell in cells if cell and not _is_amount(cell)]
        wide = len(names) > 1 and len(names) == len([cell for cell in cells if cell])
        if wide and len(below) >= len(cells) and any(map(_is_amount, below)):
            return at
    return None


def _is_amount(cell: str) -> bool:
    try:
        exact(cell, 5)
    except ValueError:
        return False
    return True


def _meaning(name: str, taken: set[str]) -> str:
    plain = plain_name(name).replace("_", "")
    for is_alike in (plain.__eq__, lambda word: word in plain):
        for meaning, words in _MEANINGS:
            if meaning not in taken and any(map(is_alike, words)):
                return meaning
    return ""


def _example(rows: Sequence[Sequence[str]], position: int) -> str:
    cells = (row[position] for row in rows if position < len(row))
    return next(filter(None, cells), "")[:60]


def _sign(taken: set[str]) -> Sign:
    if {"income", "outcome"} <= taken:
        return Sign.COLUMNS
    return Sign.DIRECTION if {"amount", "direction"} <= taken else Sign.SIGNED
