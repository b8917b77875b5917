"""Douyin's exports: the settlement, read by ``channel_platform_settlement``, and the fund flow.

Source: reference facts §8.3 (secondary, one source each).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from odoo.addons.channel_intake.core.reading import CHINA
from odoo.addons.channel_platform_settlement.core import sheet
from odoo.addons.channel_platform_settlement.core.settlement import (
    FEES,
    REFUNDS,
    Identities,
    Settlement,
)
from odoo.addons.channel_platform_settlement.core.settlement import Kind as Settled

from .bill import FEE_UNITS, Given, Kind, Reason, Refused, Row, Rows, Told
from .columns import Chain, Columns, has
from .source import Part
from .table import Table, header_at
from .values import fen, moment

SETTLEMENT = "douyin.settlement"
FUNDS = "douyin.funds"
CHUNK = 1000
_FUNDS = {
    "key": ("动账流水号",), "own": ("关联订单号",), "line": ("关联子订单号",), "at": ("动账时间",),
    "direction": ("账户方向",), "amount": ("动账金额",), "what": ("动账场景",),
    "balance": ("账户余额",), "memo": ("备注",),
}  # fmt: skip
_FUNDS_NEEDED = ("key", "at", "direction", "amount", "what", "balance")
_SIGNS = {"入账": 1, "收入": 1, "转入": 1, "出账": -1, "支出": -1, "转出": -1}
_KINDS = (
    ("提现", Kind.TRANSFER), ("充值", Kind.TRANSFER), ("佣金", Kind.FEE), ("服务费", Kind.FEE),
    ("结算", Kind.SETTLEMENT), ("退款", Kind.REFUND),
)  # fmt: skip
_REASONS = {"amount": Reason.AMOUNT, "time": Reason.TIME, "direction": Reason.WORD,
            "missing": Reason.MISSING, "id_as_number": Reason.ROUNDED, "sums": Reason.SUMS,
            "missing_column": Reason.MISSING_COLUMN, "double_column": Reason.DOUBLE_COLUMN,
            "empty": Reason.CUT}  # fmt: skip


def is_settlement(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is a settlement's, of either generation; names are plain ones."""
    return bool(rows) and (
        has(rows[0], "结算时间", "子订单号", "结算单类型")
        or has(rows[0], "动账时间", "子订单号", "动账场景", "动账方向")
    )


def is_funds(rows: Sequence[Sequence[str]]) -> bool:
    """Whether one of the first rows is a fund flow's header."""
    return any(_is_funds_header(names) for names in rows)


def _is_funds_header(names: Sequence[str]) -> bool:
    return has(names, "动账流水号", "账户方向", "动账金额", "账户余额")


def read_settlement(parts: Sequence[Part], given: Given) -> Rows:
    """One row for each of the settlement; its fee is what the platform took off.

    A row's key is the one that the settlement itself is known by, whichever file or call told it.
    Identical movements are told apart by counting them, which takes memory for each row: so there
    are at most as many as the settlement takes.
    """
    table = Table(parts[0])
    rows = iter(table)
    _line, header = next(rows, (1, []))
    identities, first = Identities(), True
    while chunk := list(islice(rows, CHUNK)):
        if chunk[-1][0] > sheet.MAX_ROWS + 2:
            raise Refused(Reason.TOO_LARGE, sheet.MAX_ROWS + 2)
        for line, cells in chunk:
            # the settlement's reader takes missing cells for nothing: only the explanation may lack
            explains = line == 2 and not any(map(str.isdigit, "".join(cells)))
            if any(cells) and len(cells) != len(header) and not explains:
                raise Refused(Reason.COLUMNS, line, value=len(cells), expected=len(header))
        # the explanation is only below the header: an empty line holds its place afterwards
        above: list[list[str]] = [header] if first else [header, []]
        yield from _settled(above, chunk, identities, given)
        first = False
    if first:
        raise Refused(Reason.CUT, 1)
    return Told(table.digest, "older" if "结算时间" in header[0] else "newer", given.account)


def _settled(above, chunk, identities: Identities, given: Given) -> Iterator[Row]:
    found = sheet.read_sheet([*above, *(cells for _line, cells in chunk)])
    for error in found.errors:
        if error.code == "empty":
            return
        at = error.line - len(above) - 1
        line = chunk[at][0] if at >= 0 else 1
        raise Refused(_REASONS.get(error.code, Reason.AMOUNT), line, error.column, error.value)
    numbers = [line for line, cells in chunk if any(cells)]
    for line, row in zip(numbers[len(numbers) - len(found.rows) :], found.rows, strict=True):
        yield _of(line, row, identities.of(row), given.account)


def _of(line: int, row: Settlement, key: str, account: str) -> Row:
    parts = {name: str(getattr(row, name)) for name in FEES if getattr(row, name)}
    return Row(
        line, _kind(row), datetime.fromtimestamp(row.settled_at, CHINA).replace(tzinfo=None),
        account, key, row.number, row.order_ref, "", "", row.income, row.income,
        FEE_UNITS * row.fees, None, row.scene, row.account, row.remark,
        dict(row.extra) | ({"子订单号": row.line_ref} if row.line_ref else {}) | parts,
    )  # fmt: skip


def _kind(row: Settlement) -> Kind:
    if row.kind in REFUNDS:
        return Kind.REFUND
    if row.kind == Settled.SETTLED:
        return Kind.SETTLEMENT
    return Kind.INCOME if row.amount >= 0 else Kind.EXPENSE


def read_funds(parts: Sequence[Part], given: Given) -> Rows:
    """The movements of the shop's account, oldest or newest first."""
    table = Table(parts[0])
    rows = iter(table)
    line, header, _above = header_at(rows, _is_funds_header)
    columns = Columns(header, line, _FUNDS, _FUNDS_NEEDED)
    pick, chain = columns.pick(*_FUNDS), Chain()
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != columns.width:
            raise Refused(Reason.COLUMNS, line, value=len(cells), expected=columns.width)
        cells.append("")
        key, own, part, at, direction, amount, what, balance, memo = pick(cells)
        if direction not in _SIGNS:
            raise columns.wrong(Reason.WORD, line, "direction", cells)
        try:
            when, value, left = moment(at), _SIGNS[direction] * abs(fen(amount)), fen(balance)
        except ValueError:
            readers = {"at": moment, "amount": fen, "balance": fen}
            raise columns.blame(line, cells, readers) from None
        if not key:
            raise columns.wrong(Reason.MISSING, line, "key", cells)
        chain.add(line, when, value, left)
        kind = next((kind for word, kind in _KINDS if word in what), None)
        yield Row(
            line, kind or (Kind.INCOME if value >= 0 else Kind.EXPENSE), when, given.account, key,
            key, own, "", "", value, value, 0, left, what, "", memo,
            columns.extra(cells) | ({"关联子订单号": part} if part else {}),
        )  # fmt: skip
    return Told(table.digest, "", given.account, opening=chain.opening, closing=chain.closing)
