"""An acquirer's export of POS slips (通联, 34 columns). Source: reference facts §6.

The card holder's name and identity number are never read; card numbers are masked.
"""

from __future__ import annotations

from collections.abc import Sequence

from .bill import FEE_UNITS, Given, Kind, Reason, Refused, Row, Rows, Told
from .columns import Columns, has
from .source import Part
from .table import Table, header_at
from .values import fen, masked_card, moment_of

FORMAT = "pos"
PERSONAL = ("持卡人姓名", "持卡人身份证")
_NAMES = {
    "account": ("商户号",), "terminal": ("终端号",), "time": ("交易时间",), "day": ("交易日期",),
    "what": ("交易类型",), "batch": ("交易批次号",), "slip": ("凭证号",), "ref": ("参考号",),
    "card": ("卡号",), "amount": ("交易金额",), "fee": ("手续费",), "trade": ("交易单号",),
    "own": ("订单号",), "memo": ("商户备注",), "gross": ("原始金额",), "net": ("结算金额",),
    "of": ("原交易单",),
}  # fmt: skip
_NEEDED = ("account", "terminal", "time", "day", "what", "batch", "slip", "ref", "amount", "fee")
_BACK = ("退", "撤销", "冲正")


def claims(rows: Sequence[Sequence[str]]) -> bool:
    """Whether one of the first rows is its header; names are plain ones."""
    return any(_is_header(names) for names in rows)


def _is_header(names: Sequence[str]) -> bool:
    return has(names, "商户号", "终端号", "交易批次号", "参考号", "交易金额")


def read(parts: Sequence[Part], given: Given) -> Rows:
    """The slips, in whatever order; the file has no totals of its own.

    :raises Refused: ``sums`` where a slip's settled amount is not its amount less its fee
    """
    table = Table(parts[0])
    rows = iter(table)
    line, header, _above = header_at(rows, _is_header)
    columns = Columns(header, line, _NAMES, _NEEDED, PERSONAL)
    pick = columns.pick(*_NAMES)
    account = None
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != columns.width:
            raise Refused(Reason.COLUMNS, line, value=len(cells), expected=columns.width)
        cells.append("")
        (merchant, terminal, time, day, what, batch, slip, ref, card, amount, fee, trade, own, memo,
         gross, net, of) = pick(cells)  # fmt: skip
        try:
            when = moment_of(day, time)
            value, taken = fen(amount), fen(fee or "0")
            asked = fen(gross or amount)
            settled = fen(net) if net else None
        except ValueError:
            readers = {key: _or_0 for key in ("fee", "gross", "net")} | {"amount": fen}
            if (found := columns.blame(line, cells, readers)).column:
                raise found from None
            raise columns.wrong(Reason.TIME, line, "day", cells) from None
        is_back = any(word in what for word in _BACK)
        sign = -1 if is_back else 1
        if value and (value < 0) != is_back and value < 0:
            raise columns.wrong(Reason.DIRECTION, line, "amount", cells)
        value, asked = sign * abs(value), sign * abs(asked)
        fee_fen = _fee(value, abs(taken), settled)
        if fee_fen is None:
            raise columns.wrong(Reason.SUMS, line, "net", cells)
        slip_key = ref or trade or "-".join(filter(None, (terminal, batch, slip)))
        if not slip_key or not merchant:
            raise columns.wrong(Reason.MISSING, line, "account" if slip_key else "ref", cells)
        if account not in (None, merchant):
            raise columns.wrong(Reason.ACCOUNT, line, "account", cells)
        account = merchant
        yield Row(
            line, Kind.REFUND if is_back else Kind.PAYMENT, when, merchant,
            f"{slip_key}/{when:%Y%m%d}/{value}", trade or ref, own, of and trade if is_back else "", "",
            value, asked, FEE_UNITS * fee_fen, None, what, masked_card(card), memo,
            columns.extra(cells)
            | {"终端号": terminal, "交易批次号": batch, "凭证号": slip, "参考号": ref}
            | ({"原交易单": of} if of else {}),
        )  # fmt: skip
    return Told(table.digest, "", account or given.account)


def _or_0(text: str) -> int:
    return fen(text or "0")


def _fee(value: int, taken: int, settled: int | None) -> int | None:
    """The fee with its sign (above 0 taken): given back with a refund, unless the settled amount
    says that it was taken again; None when nothing explains that amount."""
    if settled is None:
        return taken if value >= 0 else -taken
    settled = abs(settled) if value >= 0 else -abs(settled)
    fee = value - settled
    return fee if abs(fee) == taken else None
