"""WeChat Pay's trade bill (all, success, refund, and the older 24 columns) and fund flow.

Each value of a row and of the summary stands behind a backtick, so a line is taken apart at
",`" and may have commas in its texts. Source: reference facts §2 and §3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .bill import Given, Kind, Reason, Refused, Row, Rows, Told
from .columns import Chain, Columns, Names, agree, has
from .source import Content, Part
from .values import count, fee_units, fen, moment

TRADE = "wechat.trade"
FUNDS = "wechat.funds"
_TRADE = {
    "at": ("交易时间",), "account": ("商户号",), "ref": ("微信订单号",), "own": ("商户订单号",),
    "party": ("用户标识",), "state": ("交易状态",), "currency": ("货币种类",),
    "amount": ("应结订单金额", "总金额"), "gross": ("订单金额",), "refund_ref": ("微信退款单号",),
    "refund_own": ("商户退款单号",), "refund": ("退款金额",), "refund_gross": ("申请退款金额",),
    "coupon_refund": ("充值券退款金额", "代金券或立减优惠退款金额", "企业红包退款金额"),
    "refund_state": ("退款状态",), "memo": ("商品名称",), "fee": ("手续费",),
}  # fmt: skip
_TRADE_NEEDED = ("at", "account", "ref", "own", "state", "amount", "fee")
_TRADE_SUMS = {
    "count": ("总交易单数",), "amount": ("应结订单总金额", "总交易额"), "gross": ("订单总金额",),
    "refund": ("退款总金额", "总退款金额"), "refund_gross": ("申请退款总金额",),
    "coupon_refund": ("充值券退款总金额", "总代金券或立减优惠退款金额", "总企业红包退款金额"),
    "fee": ("手续费总金额",),
}  # fmt: skip
_STATES = {"SUCCESS": Kind.PAYMENT, "REFUND": Kind.REFUND, "REVOKED": Kind.REFUND}
_FUNDS = {
    "at": ("记账时间",), "ref": ("微信支付业务单号",), "key": ("资金流水单号",),
    "name": ("业务名称",), "kind": ("业务类型",), "direction": ("收支类型",),
    "amount": ("收支金额",), "balance": ("账户结余",), "memo": ("备注",), "own": ("业务凭证号",),
}  # fmt: skip
_FUNDS_NEEDED = ("at", "ref", "key", "kind", "direction", "amount", "balance")
_FUNDS_SUMS = {
    "count": ("资金流水总笔数",), "count_in": ("收入笔数",), "amount_in": ("收入金额",),
    "count_out": ("支出笔数",), "amount_out": ("支出金额",),
}  # fmt: skip
_FUND_KINDS = (
    ("手续费", Kind.FEE), ("退款", Kind.REFUND), ("分账", Kind.SPLIT), ("交易", Kind.PAYMENT),
    ("提现", Kind.TRANSFER), ("充值", Kind.TRANSFER),
)  # fmt: skip
_REFUND_MEMO = re.compile(r"退款总金额([0-9.]+)元;含手续费([0-9.]+)元")
_NONE = ("", "0")
_SIGNS = {"收入": 1, "支出": -1}
_PAYMENT = Kind.PAYMENT
_ABSENT = ["", "0.00"]  # cells of columns that are not there: texts, amounts


def is_trade(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are a trade bill's; names are plain ones."""
    return bool(rows) and has(rows[0], "交易时间", "微信订单号", "交易状态")


def is_funds(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are a fund flow's."""
    return bool(rows) and has(rows[0], "记账时间", "资金流水单号", "收支类型")


def read_trade(parts: Sequence[Part], given: Given) -> Rows:
    """The rows of a trade bill.

    A refund's time is when it was accepted, and its status is never updated in a later bill.
    """
    content = Content(parts[0])
    lines = enumerate(content.lines(), 1)
    columns = Columns(next(lines, (1, ""))[1].split(","), 1, _TRADE, _TRADE_NEEDED)
    variant = _variant(columns)
    totals_needed = ["count", "amount", "fee", *(["refund"] if "refund" in columns else [])]
    _complete(columns)
    pick = columns.pick(
        "at", "account", "state", "ref", "own", "amount", "gross", "fee", "refund", "refund_gross",
        "coupon_refund", "refund_ref", "refund_own", "refund_state", "party", "memo", "currency",
    )  # fmt: skip
    width, extra = columns.width, columns.extra
    rows = amounts = grosses = fees = refunds = refund_grosses = coupon_refunds = 0
    merchant = currency = None
    line, text = 1, ""
    for line, text in lines:
        if text[:1] != "`":
            break
        cells = text[1:].split(",`")
        if len(cells) != width:
            raise Refused(Reason.COLUMNS, line, value=len(cells), expected=width)
        cells += _ABSENT
        (at, account, state, ref, own, amount, gross, fee, refund, refund_gross, coupon_refund,
         refund_ref, refund_own, refund_state, party, memo, money) = pick(cells)  # fmt: skip
        try:
            kind, when, fee = _STATES[state], moment(at), fee_units(fee)
            amount, gross = fen(amount), fen(gross)
            refund, refund_gross = fen(refund), fen(refund_gross)
            coupon_refunds += fen(coupon_refund)
        except (ValueError, KeyError):
            raise _blame_trade(columns, line, cells) from None
        if account != merchant or money != currency:
            if rows:
                key = "account" if account != merchant else "currency"
                raise columns.wrong(Reason(key), line, key, cells)
            merchant, currency = account, money
        rows += 1
        amounts += amount
        grosses += gross
        fees += fee
        refunds += refund
        refund_grosses += refund_gross
        is_payment = kind is _PAYMENT
        key = ref if is_payment else refund_ref
        if key in _NONE:
            raise columns.wrong(Reason.MISSING, line, "ref" if is_payment else "refund_ref", cells)
        if is_payment:
            yield Row(
                line, kind, when, account, key, ref, own, "", "", amount, gross, fee, None, state,
                party, memo, extra(cells),
            )  # fmt: skip
        else:
            others = extra(cells) | ({"交易状态": state} if state != "REFUND" else {})
            yield Row(
                line, kind, when, account, key, ref, own, key, refund_own, -refund, -refund_gross,
                fee, None, refund_state, party, memo, others,
            )  # fmt: skip
    found = {
        "count": rows, "amount": amounts, "gross": grosses, "fee": fees, "refund": refunds,
        "refund_gross": refund_grosses, "coupon_refund": coupon_refunds,
    }  # fmt: skip
    totals = _summary(line, text, lines, _TRADE_SUMS, totals_needed, found)
    account = merchant or given.account
    return Told(content.digest, variant, account, currency or "CNY", totals=totals)


def _complete(columns: Columns) -> None:
    """Amounts of columns that a variant lacks: those without discounts, or nothing."""
    for key, other in (("gross", "amount"), ("refund_gross", "refund")):
        if other in columns:
            columns.at.setdefault(key, columns.at[other])
    for key in ("refund", "refund_gross", "coupon_refund"):
        columns.at.setdefault(key, columns.width + _ABSENT.index("0.00"))


def _variant(columns: Columns) -> str:
    if "gross" not in columns:
        return "legacy"
    if "refund" not in columns:
        return "success"
    return "refund" if any(name == "退款申请时间" for name, _at in columns.rest) else "all"


def _blame_trade(columns: Columns, line: int, cells: Sequence[str]) -> Refused:
    if cells[columns.at["state"]] not in _STATES:
        return columns.wrong(Reason.WORD, line, "state", cells)
    amounts = ("amount", "gross", "refund", "refund_gross", "coupon_refund")
    return columns.blame(
        line, cells, {"at": moment, "fee": fee_units} | dict.fromkeys(amounts, fen)
    )


def _summary(
    line: int, text: str, lines: Iterator[tuple[int, str]], names: Names, needed: Iterable[str],
    found: Mapping[str, int],
) -> dict[str, int]:  # fmt: skip
    """What the last two lines of a bill say, compared with its rows.

    :param text: the first line that is no row; the first of the two, when the file is whole
    """
    if not text.startswith(names["count"]):
        raise Refused(Reason.CUT, line, value=text)
    columns = Columns(text.split(","), line, names, needed)
    line, text = next(lines, (line, ""))
    cells = text[1:].split(",`")
    if text[:1] != "`" or len(cells) != columns.width:
        raise Refused(Reason.CUT, line, value=text)
    totals = {}
    for key, at in columns.at.items():
        read = count if key.startswith("count") else fee_units if key == "fee" else fen
        try:
            totals[key] = read(cells[at])
        except ValueError:
            raise columns.wrong(Reason.SUMMARY, line, key, cells) from None
    told = {columns.header[at]: totals[key] for key, at in columns.at.items()}
    agree(line, told, {columns.header[at]: found[key] for key, at in columns.at.items()})
    for line, text in lines:
        if text.strip():
            raise Refused(Reason.AFTER_END, line, value=text)
    return totals


def read_funds(parts: Sequence[Part], given: Given) -> Rows:
    """The rows of a fund flow; the file does not name the merchant.

    A refund's memo tells its amount and the fee given back with it.
    """
    content = Content(parts[0])
    lines = enumerate(content.lines(), 1)
    columns = Columns(next(lines, (1, ""))[1].split(","), 1, _FUNDS, _FUNDS_NEEDED)
    pick = columns.pick(
        "at", "ref", "key", "name", "kind", "direction", "amount", "balance", "memo", "own"
    )
    width, extra, chain = columns.width, columns.extra, Chain()
    counts, sums = {1: 0, -1: 0}, {1: 0, -1: 0}
    line, text = 1, ""
    for line, text in lines:
        if text[:1] != "`":
            break
        cells = text[1:].split(",`")
        if len(cells) != width:
            raise Refused(Reason.COLUMNS, line, value=len(cells), expected=width)
        cells.append("")
        at, ref, key, name, what, direction, amount, balance, memo, own = pick(cells)
        try:
            sign = _SIGNS[direction]
            when, value, balance = moment(at), fen(amount), fen(balance)
        except (ValueError, KeyError):
            if direction not in _SIGNS:
                raise columns.wrong(Reason.WORD, line, "direction", cells) from None
            raise columns.blame(
                line, cells, {"at": moment, "amount": fen, "balance": fen}
            ) from None
        if value < 0:
            raise columns.wrong(Reason.DIRECTION, line, "amount", cells)
        if not key:
            raise columns.wrong(Reason.MISSING, line, "key", cells)
        counts[sign] += 1
        sums[sign] += value
        value *= sign
        chain.add(line, when, value, balance)
        kind = _fund_kind(what, name, sign)
        gross, fee = _refunded(memo, value) if kind is Kind.REFUND else (value, 0)
        yield Row(
            line, kind, when, given.account, key, ref, own, "", "", value, gross, fee, balance,
            what, "", memo, extra(cells) | {"业务名称": name},
        )  # fmt: skip
    found = {
        "count": counts[1] + counts[-1], "count_in": counts[1], "amount_in": sums[1],
        "count_out": counts[-1], "amount_out": sums[-1],
    }  # fmt: skip
    totals = _summary(line, text, lines, _FUNDS_SUMS, _FUNDS_SUMS, found)
    return Told(
        content.digest,
        account=given.account,
        opening=chain.opening,
        closing=chain.closing,
        totals=totals,
    )


def _fund_kind(what: str, name: str, sign: int) -> Kind:
    for words in (what, name):
        for word, kind in _FUND_KINDS:
            if word in words:
                return kind
    return Kind.INCOME if sign > 0 else Kind.EXPENSE


def _refunded(memo: str, amount: int) -> tuple[int, int]:
    """(gross fen, fee in 1/1000 fen) of a refund: its amount where the memo tells nothing."""
    told = _REFUND_MEMO.search(memo)
    if not told or amount > 0:
        return amount, 0
    return -fen(told[1]), -fee_units(told[2])
