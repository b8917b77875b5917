"""Alipay's trade bill (业务明细, with its summary) and account bill (账务明细).

A ZIP of GBK files; the summary may come first, or may be missing when somebody unpacked it. Lines
with # are what the file says of itself. Source: reference facts §4 (secondary).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from .bill import Given, Kind, Reason, Refused, Row, Rows, Told
from .columns import Chain, Columns, agree, has
from .source import Content, Part, within
from .table import peek
from .values import count, fee_units, fen, moment, plain_name

TRADE = "alipay.trade"
ACCOUNT = "alipay.account"
_TRADE = {
    "ref": ("支付宝交易号",), "own": ("商户订单号",), "what": ("业务类型",), "memo": ("商品名称",),
    "at": ("完成时间",), "party": ("对方账户",), "gross": ("订单金额",), "amount": ("商家实收",),
    "coupon": ("商家优惠",), "discount": ("支付宝优惠",), "card": ("卡消费金额",),
    "refund_own": ("退款批次号/请求号",), "fee": ("服务费",), "split": ("分润",),
}  # fmt: skip
_TRADE_NEEDED = ("ref", "own", "what", "at", "gross", "amount", "fee")
_STORES = {
    "store": ("门店编号",), "count": ("交易订单总笔数",), "refunds": ("退款订单总笔数",),
    "gross": ("订单金额",), "amount": ("商家实收",), "discount": ("支付宝优惠",),
    "coupon": ("商家优惠",), "card": ("卡消费金额",), "fee": ("服务费",), "split": ("分润",),
}  # fmt: skip
_ACCOUNT = {
    "key": ("账务流水号",), "ref": ("业务流水号",), "own": ("商户订单号",), "memo": ("商品名称",),
    "at": ("发生时间",), "party": ("对方账号",), "income": ("收入金额",), "outcome": ("支出金额",),
    "balance": ("账户余额",), "what": ("业务类型",), "note": ("备注",),
}  # fmt: skip
_ACCOUNT_NEEDED = ("key", "at", "income", "outcome", "balance", "what")
_KINDS = (
    ("退款", Kind.REFUND), ("收费", Kind.FEE), ("提现", Kind.TRANSFER), ("分润", Kind.SPLIT),
    ("分账", Kind.SPLIT), ("在线支付", Kind.PAYMENT), ("交易付款", Kind.PAYMENT),
)  # fmt: skip
_END = "列表结束"
_ACCOUNT_LINE = re.compile(r"#账号[:：]\s*\[(.*?)\]")
_PERIOD_LINE = re.compile(r"#起始日期[:：]\s*\[(.*?)\]\s*终止日期[:：]\s*\[(.*?)\]")
_TOTAL_LINE = re.compile(r"#(交易|退款|支出|收入)合计[:：]\s*([0-9,]+)笔[,，](.*)")
_TOTAL = re.compile(r"(?:([^0-9,，共]*?))共([-0-9.,]*[0-9])元")


def is_trade(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are a trade bill's details; names are plain ones."""
    return any(has(names, "支付宝交易号", "商家实收") for names in rows)


def is_stores(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are a trade bill's summary by stores."""
    return any(has(names, "交易订单总笔数", "退款订单总笔数", "商家实收") for names in rows)


def is_account(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are an account bill's."""
    return any(has(names, "账务流水号", "收入金额", "支出金额") for names in rows)


class _Lines:
    """Lines of a file, of which those with # are remembered and not given out."""

    def __init__(self, part: Part) -> None:
        self.content = Content(part)
        self.line = 0
        self.account = ""
        self.start: datetime | None = None
        self.end: datetime | None = None
        self.totals: dict[str, tuple[int, str]] = {}
        self._lines = enumerate(self.content.lines(), 1)

    def header(self) -> list[str]:
        """The cells of the columns' names, past the head."""
        for _line, text in self.rows():
            return text.split(",")
        raise Refused(Reason.CUT, self.line)

    def rows(self) -> Iterator[tuple[int, str]]:
        """Up to the list's end; :raises Refused: when the file ends before it"""
        for line, text in self._lines:
            self.line = line
            if text[:1] == "#":
                if _END in text:
                    return
                self._read_head(text)
            elif text:
                yield line, text
        raise Refused(Reason.CUT, self.line)

    def agree(self, found: Mapping[str, int]) -> dict[str, int]:
        """Compare the totals behind the list with what the rows sum up to, and return them.

        :param found: rows by a total's word (``交易``), amounts by it and their own
            (``交易:商家实收``); money that went out is told with either sign
        :raises Refused: also when a total is missing, or rows come after the end
        """
        for line, text in self._lines:
            self.line = line
            if text.strip() and text[0] != "#":
                raise Refused(Reason.AFTER_END, line, value=text)
            total = _TOTAL_LINE.match(text)
            if total:
                self.totals[total[1]] = line, text
        told: dict[str, int] = {}
        for word in (key for key in found if ":" not in key):
            if word not in self.totals:
                raise Refused(Reason.CUT, self.line, f"{word}合计")
            line, text = self.totals[word]
            _word, rows, amounts = _TOTAL_LINE.match(text).groups()
            pairs = _TOTAL.findall(amounts)
            if not pairs or len(pairs) < amounts.count("共") or not text.rstrip().endswith("元"):
                raise Refused(Reason.CUT, line, f"{word}合计", text)
            try:
                totals = {word: count(rows)}
                totals |= {f"{word}:{name}": fen(amount) for name, amount in pairs}
            except ValueError:
                raise Refused(Reason.SUMMARY, line, f"{word}合计", text) from None
            if word == "支出":
                totals["支出:"] = -abs(totals["支出:"])
            agree(line, totals, found)
            told |= totals
        return told

    def _read_head(self, text: str) -> None:
        if account := _ACCOUNT_LINE.match(text):
            self.account = account[1].strip()
        elif period := _PERIOD_LINE.match(text):
            try:
                self.start, self.end = moment(period[1]), moment(period[2])
            except ValueError:
                raise Refused(Reason.TIME, self.line, value=text) from None


def _cells(line: int, text: str, width: int) -> list[str]:
    """A row's cells without the tabs that guard them; a quoted one may have commas."""
    text = text.replace("\t", "")
    cells = text.split(",")
    if len(cells) == width and '"' not in text:
        return cells
    if text.count('"') % 2 == 0:  # else one quote is a letter of a text
        cells = next(csv.reader([text]))
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]  # a comma behind the last column
    if len(cells) != width:
        raise Refused(Reason.COLUMNS, line, value=len(cells), expected=width)
    return cells


def read_trade(parts: Sequence[Part], given: Given) -> Rows:
    """The rows of all details in an archive, each checked against its own foot, all against the
    summary by stores when there is one.
    """
    details, stores = [], []
    for part in parts:
        (stores if is_stores(peek(part)) else details).append(part)
    if not details:
        raise Refused(Reason.CUT)
    told = []
    for part in stores:
        with within(part):
            told.append(_stores(part))
    sums = dict.fromkeys(("count", "refunds", *_SUMMED), 0)
    digests, first = [], None
    for part in details:
        lines = _Lines(part)
        with within(part):
            yield from _trades(lines, given, sums)
            if first and first.account != lines.account:
                raise Refused(Reason.ACCOUNT, value=lines.account)
        first = first or lines
        digests.append(lines.content.digest)
    for line, totals in told:
        agree(line, totals, {name: sums[key] for key, (name, *_) in _STORES.items() if key in sums})
    start, end = first.start, first.end
    account = first.account or given.account
    return Told("-".join(digests), "", account, start=start, end=end, totals=sums)


_SUMMED = ("gross", "amount", "coupon", "discount", "card", "fee", "split")


def _trades(lines: _Lines, given: Given, sums: dict[str, int]) -> Iterator[Row]:
    """The rows of one file of details; adds what they sum up to."""
    header = lines.header()
    columns = Columns(header, lines.line, _TRADE, _TRADE_NEEDED)
    pick = columns.pick("ref", "own", "what", "memo", "at", "party", "refund_own", *_SUMMED)
    width, extra = columns.width, columns.extra
    account, start, end = lines.account or given.account, lines.start, lines.end
    payments = [0, 0, 0]
    refunds = [0, 0, 0]
    discounts = cards = splits = grosses = fees = 0
    for line, text in lines.rows():
        cells = _cells(line, text, width)
        cells.append("")
        (ref, own, what, memo, at, party, refund_own, gross, amount, coupon, discount, card, fee,
         split) = map(_strip, pick(cells))  # fmt: skip
        try:
            when = moment(at)
            amount, gross = fen(amount), fen(gross)
            coupon = fen(coupon or "0")
            fee_fen = fee_units(fee or "0")
            discounts += fen(discount or "0")
            cards += fen(card or "0")
            splits += fen(split or "0")
        except ValueError:
            readers = dict.fromkeys(("amount", "gross", "coupon", "discount", "card"), fen)
            readers |= {"at": moment, "fee": fee_units, "split": fen}
            raise columns.blame(
                line, cells, {k: _blank_is_0(r) for k, r in readers.items()}
            ) from None
        is_refund = "退款" in what
        if not is_refund and what != "交易":
            raise columns.wrong(Reason.WORD, line, "what", cells)
        if start and not start <= when <= end:
            raise columns.wrong(Reason.PERIOD, line, "at", cells)
        if not ref or (is_refund and not refund_own):
            raise columns.wrong(Reason.MISSING, line, "refund_own" if ref else "ref", cells)
        if amount > 0 if is_refund else amount < 0:
            raise columns.wrong(Reason.DIRECTION, line, "amount", cells)
        grosses += gross
        fees += fee_fen
        mine = refunds if is_refund else payments
        mine[0] += 1
        mine[1] += amount
        mine[2] += coupon
        yield Row(
            line, _REFUND if is_refund else _PAYMENT, when, account,
            f"{ref}/{refund_own}" if is_refund else ref, ref, own, "", refund_own, amount, gross,
            -fee_fen, None, what, party, memo, extra(cells),
        )  # fmt: skip
    lines.agree(
        {
            "交易": payments[0], "交易:商家实收": payments[1], "交易:商家优惠": payments[2],
            "退款": refunds[0], "退款:商家实收退款": refunds[1], "退款:商家优惠退款": refunds[2],
        }
    )  # fmt: skip
    sums["count"] += payments[0]
    sums["refunds"] += refunds[0]
    sums["amount"] += payments[1] + refunds[1]
    sums["coupon"] += payments[2] + refunds[2]
    for key, value in (
        ("gross", grosses), ("discount", discounts), ("card", cards), ("fee", fees),
        ("split", splits),
    ):  # fmt: skip
        sums[key] += value


_strip = str.strip
_PAYMENT, _REFUND = Kind.PAYMENT, Kind.REFUND


def _blank_is_0(read):
    return lambda text: read(text.strip() or "0")


def _stores(part: Part) -> tuple[int, dict[str, int]]:
    """(line, amounts by column) of the last row of the summary, checked against the others."""
    lines = _Lines(part)
    header = lines.header()
    columns = Columns(header, lines.line, _STORES, ("store", "count", "refunds", "amount"))
    keys = [key for key in columns.at if key != "store"]
    sums = dict.fromkeys(keys, 0)
    total: dict[str, int] | None = None
    for line, text in lines.rows():
        cells = [cell.strip() for cell in _cells(line, text, columns.width)]
        if total is not None:
            raise Refused(Reason.AFTER_END, line, value=text)
        try:
            values = {key: _store_value(key, cells[columns.at[key]]) for key in keys}
        except ValueError:
            raise Refused(Reason.SUMMARY, line, value=text) from None
        if plain_name(cells[columns.at["store"]]) == "合计":
            total = values
        else:
            sums = {key: sums[key] + values[key] for key in keys}
    if total is None:
        raise Refused(Reason.CUT, lines.line, "合计")
    named = {_STORES[key][0]: value for key, value in total.items()}
    agree(lines.line, named, {_STORES[key][0]: value for key, value in sums.items()})
    return lines.line, named


def _store_value(key: str, text: str) -> int:
    if key in ("count", "refunds"):
        return count(text)
    return fee_units(text) if key == "fee" else fen(text)


def read_account(parts: Sequence[Part], given: Given) -> Rows:
    """The rows of an account bill: every movement of the balance."""
    lines = _Lines(parts[0])
    header = lines.header()
    columns = Columns(header, lines.line, _ACCOUNT, _ACCOUNT_NEEDED)
    pick = columns.pick(*_ACCOUNT)
    width, extra, chain = columns.width, columns.extra, Chain()
    account, start, end = lines.account or given.account, lines.start, lines.end
    counts, sums = {1: 0, -1: 0}, {1: 0, -1: 0}
    for line, text in lines.rows():
        cells = _cells(line, text, width)
        cells.append("")
        (key, ref, own, memo, at, party, income, outcome, balance, what, note) = map(
            _strip, pick(cells)
        )
        try:
            when = moment(at)
            income, outcome = fen(income or "0"), -abs(fen(outcome or "0"))
            balance = fen(balance)
        except ValueError:
            blank = _blank_is_0(fen)
            readers = {"at": moment, "income": blank, "outcome": blank, "balance": fen}
            raise columns.blame(line, cells, readers) from None
        if not key:
            raise columns.wrong(Reason.MISSING, line, "key", cells)
        if income < 0 or (income and outcome):
            raise columns.wrong(Reason.DIRECTION, line, "income", cells)
        if start and not start <= when <= end:
            raise columns.wrong(Reason.PERIOD, line, "at", cells)
        amount = income + outcome
        sign = -1 if outcome else 1
        counts[sign] += 1
        sums[sign] += amount
        chain.add(line, when, amount, balance)
        kind = next((kind for word, kind in _KINDS if word in what), None)
        yield Row(
            line, kind or (Kind.INCOME if amount >= 0 else Kind.EXPENSE), when, account, key, ref,
            own, "", "", amount, amount, 0, balance, what, party,
            " ".join(filter(None, (memo, note))), extra(cells),
        )  # fmt: skip
    told = lines.agree({"收入": counts[1], "收入:": sums[1], "支出": counts[-1], "支出:": sums[-1]})
    return Told(
        lines.content.digest, "", account, start=start, end=end, opening=chain.opening,
        closing=chain.closing, totals=told,
    )  # fmt: skip
