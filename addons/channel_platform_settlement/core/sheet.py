"""Douyin's settlement as merchants export it: both generations of the file, by header name.

Amounts in the file are yuan, in the rows fen. The headers are secondary knowledge (one source
each); what a row's total has beyond its known columns stays in a bucket of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from odoo.addons.channel_intake.core.reading import as_ref, clean, utc_seconds
from odoo.addons.channel_network.core.money import to_fen

from .settlement import FEES, Kind, RowProblem, Settlement, Told, kind_of, settlement

MAX_BYTES = 40 * 1024 * 1024
MAX_ROWS = 100_000
MAX_FEN = 10**12
MAX_ERRORS = 200
HEADERS = {
    "time": ("结算时间", "动账时间"),
    "number": ("结算单号", "动账流水号"),
    "direction": ("动账方向",),
    "amount": ("结算金额", "动账金额"),
    "account": ("结算账户", "动账账户"),
    "scene": ("结算单类型", "动账场景"),
    "charge": ("计费类型",),
    "order": ("订单号",),
    "line": ("子订单号",),
    "income": ("收入合计",),
    "outcome": ("支出合计",),
    "paid": ("订单实付应结", "用户实付"),
    "freight": ("运费实付",),
    "subsidy_platform": ("实际平台补贴", "平台补贴"),
    "subsidy_talent": ("达人补贴", "实际达人补贴"),
    "subsidy_payment": ("抖音支付补贴",),
    "subsidy_instalment": ("DOU分期营销补贴",),
    "refunded": ("订单退款",),
    "platform_fee": ("平台服务费",),
    "commission": ("佣金", "达人佣金"),
    "colonel_fee": ("招商服务费", "团长服务费"),
    "channel_share": ("渠道分成",),
    "promotion": ("站外推广费", "直播间站外推广"),
    "other_sharing": ("其他分成",),
    "remark": ("备注",),
    "": ("有结算前退款", "下单时间"),  # known, and of no use here
}
NEEDED = ("time", "amount", "order", "line", "scene")
_SUMS = ("income", "outcome")
_BUCKETS = {
    "paid": "paid", "freight": "paid", "subsidy_platform": "subsidy_platform",
    "subsidy_talent": "subsidy_talent", "subsidy_payment": "subsidy_payment",
    "subsidy_instalment": "subsidy_payment", "refunded": "refunded",
    **{name: name for name in FEES if name in HEADERS},
}  # fmt: skip
_INCOMING, _OUTGOING = ("入账", "收入", "转入"), ("出账", "支出", "转出")
_NOTHING = ("", "-", "--", "/")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in a line of the file (the header is line 1); ``column`` as the file calls it."""

    line: int
    code: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: its rows, what is wrong, and headers that nobody knows."""

    rows: tuple[Settlement, ...]
    errors: tuple[RowError, ...]
    unknown: tuple[str, ...] = ()


def read_sheet(table: Sequence[Sequence[str]]) -> Sheet:
    """The rows of an exported settlement.

    A file with any error is not to be used: its sums would not be the platform's.
    """
    if not table:
        return Sheet((), (RowError(1, "empty"),))
    columns, unknown, errors = _columns(table[0])
    if errors:
        return Sheet((), tuple(errors), tuple(unknown.values()))
    rows = []
    for line, cells in _data(table, columns):
        try:
            rows.append(_row(cells, columns, unknown))
        except RowProblem as problem:
            at = columns.get(problem.column)
            header = "" if at is None else clean(table[0][at], 60)
            errors.append(RowError(line, problem.code, header, problem.value))
            if len(errors) == MAX_ERRORS:
                break
    if not rows and not errors:
        errors.append(RowError(1, "empty"))
    return Sheet(tuple(rows), tuple(errors), tuple(unknown.values()))


def _norm(header: str) -> str:
    """A header without what differs between exports: width, unit, blanks, a misspelling."""
    text = unicodedata.normalize("NFKC", clean(header, 60)).replace(" ", "")
    return text.removesuffix("(元)").replace("动帐", "动账").upper()


_KEYS = {_norm(name): key for key, names in HEADERS.items() for name in names}


def _columns(headers: Sequence[str]):
    """({key: position}, {position: unknown header}, errors)."""
    columns: dict[str, int] = {}
    unknown: dict[int, str] = {}
    errors = []
    for at, header in enumerate(headers):
        key = _KEYS.get(_norm(header))
        if key is None and header.strip():
            unknown[at] = clean(header, 60)
        if not key:
            continue
        if key in columns:
            errors.append(RowError(1, "double_column", clean(header, 60)))
        columns[key] = at
    needed = [*NEEDED, *(() if "direction" in columns else _SUMS)]
    errors += [
        RowError(1, "missing_column", " / ".join(HEADERS[key]))
        for key in needed
        if key not in columns
    ]
    return columns, unknown, errors


def _data(table, columns) -> Iterator[tuple[int, list[str]]]:
    """(line of the file, its cells), without empty lines and without the explanation below the
    header, which has neither a time nor an order.
    """
    width = max(columns.values()) + 1
    for line, cells in enumerate(table[1:], start=2):
        cells = [*cells, *[""] * (width - len(cells))]
        if not any(cell.strip() for cell in cells):
            continue
        named = (cells[columns[key]].strip() for key in ("time", "order", "line"))
        if line == 2 and not any(named):
            continue
        yield line, cells


def _row(cells: Sequence[str], columns, unknown) -> Settlement:
    def text(key: str, limit: int = 100) -> str:
        return clean(cells[columns[key]].lstrip("'"), limit) if key in columns else ""

    def fen(key: str) -> int:
        return _fen(text(key), key)

    scene = " ".join(filter(None, (text("scene"), text("charge"))))
    kind = kind_of(scene)
    buckets: dict[str, int] = {}
    for key, bucket in _BUCKETS.items():
        if key in columns:
            buckets[bucket] = buckets.get(bucket, 0) + fen(key)
    told = Told(
        _directed(fen("amount"), text("direction")),
        buckets,
        *(fen(key) if key in columns else None for key in _SUMS),
    )
    settled_at = utc_seconds(text("time"))
    if settled_at is None:
        raise RowProblem("time", "time", text("time"))
    refs = {key: _ref(text(key), key) for key in ("number", "order", "line")}
    named = refs["order"] or refs["line"] or refs["number"]
    if not named or (kind == Kind.SETTLED and not refs["order"]):
        raise RowProblem("missing", "order")
    return settlement(
        told, kind=kind, scene=scene, remark=text("remark", 500), account=text("account"),
        number=refs["number"], order_ref=named, line_ref=refs["line"], settled_at=settled_at,
        extra={
            header: clean(cells[at], 200)
            for at, header in unknown.items()
            if at < len(cells) and cells[at].strip()
        },
    )  # fmt: skip


def _directed(amount: int, direction: str) -> int:
    """The amount with the sign of its direction, where the file tells one."""
    if direction in _INCOMING:
        return abs(amount)
    if direction in _OUTGOING:
        return -abs(amount)
    if direction:
        raise RowProblem("direction", "direction", direction)
    return amount


def _fen(text: str, column: str) -> int:
    """Yuan as a person reads them ("1,234.50", "￥-3.2", "--" for nothing) as fen."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace("¥", "").strip()
    if plain in _NOTHING:
        return 0
    try:
        fen = to_fen(plain)
    except ValueError:
        raise RowProblem("amount", column, text) from None
    if abs(fen) > MAX_FEN:
        raise RowProblem("amount", column, text)
    return fen


def _ref(text: str, column: str) -> str:
    """A number of the platform; one that a spreadsheet has rounded is refused."""
    if text in _NOTHING:
        return ""
    ref = as_ref(text)
    if not ref or "." in ref or "E+" in ref.upper():
        raise RowProblem("id_as_number", column, text)
    return ref
