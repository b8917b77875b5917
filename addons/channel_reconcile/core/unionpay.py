"""UnionPay's flow (ZM) and adjustments (ZME): fixed width in bytes, one blank between fields.

GBK is cut before it is decoded: a Chinese character is two bytes wide. Amounts are fen. A day
runs from 23:00 to 23:00 and the file tells no year. Source: reference facts §5 (secondary); what
the fields of ZME are called nobody has published, so its rows are for a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from struct import Struct

from .bill import Given, Kind, Reason, Refused, Row, Rows, Told
from .source import Content, Part, within
from .values import masked_card, written

FORMAT = "unionpay"
_ZM = (
    ("交易代码", 3), ("代理机构标识码", 11), ("发送机构标识码", 11), ("系统跟踪号", 6),
    ("交易传输时间", 10), ("帐号", 19), ("交易金额", 12), ("商户类别", 4), ("终端类型", 2),
    ("查询流水号", 21), ("支付方式（旧）", 2), ("商户订单号", 32), ("支付卡类型", 2),
    ("原始交易的系统跟踪号", 6), ("原始交易日期时间", 10), ("商户手续费", 13), ("结算金额", 13),
    ("支付方式", 4), ("集团商户代码", 15), ("交易类型", 2), ("交易子类", 2), ("业务类型", 6),
    ("帐号类型", 2), ("账单类型", 4), ("账单号码", 32), ("交互方式", 1), ("原交易查询流水号", 21),
    ("商户代码", 15), ("分账入账方式", 1), ("二级商户代码", 15), ("二级商户简称", 32),
    ("二级商户分账入账金额", 13), ("清算净额", 13), ("终端号", 8), ("商户自定义域", 32),
    ("优惠金额", 13), ("发票金额", 13), ("分期付款附加手续费", 12), ("分期付款期数", 2),
    ("交易介质", 1), ("原始交易订单号", 32), ("保留", 98),
)  # fmt: skip
_ZME = (3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135)
_NAMES = [name for name, _width in _ZM]
_OWN = {
    "at": "交易传输时间", "card": "帐号", "amount": "交易金额", "ref": "查询流水号",
    "own": "商户订单号", "fee": "商户手续费", "net": "结算金额", "what": "交易类型",
    "of": "原交易查询流水号", "account": "商户代码",
}  # fmt: skip
_USED = set(_OWN.values())
_POSITIONS = [_NAMES.index(name) for name in _OWN.values()]
_EXTRA = [
    (name, position) for position, name in enumerate(_NAMES) if name not in _USED and name != "保留"
]
_FILE_DAY = re.compile(r"INN(\d{6})\d{2}ZM")
_DIGITS, _SIGNED = re.compile(rb"\d{12}"), re.compile(rb"[CD]\d{11,12}")
_SIGNS = {b"C": 1, b"D": -1}
_WORDS = {b"01": 1, b"04": -1, b"31": -1}  # consumption, return, its cancellation
_AHEAD = timedelta(days=1)


def _struct(widths: Sequence[int]) -> Struct:
    return Struct("x".join(f"{width}s" for width in widths))


_FLOW, _ERRORS = _struct([width for _name, width in _ZM]), _struct(_ZME)
_BLANKS = {
    layout.size: [sum(widths[: n + 1]) + n for n in range(len(widths) - 1)]
    for layout, widths in ((_FLOW, [width for _name, width in _ZM]), (_ERRORS, _ZME))
}


def claims(beginning: bytes) -> bool:
    """Whether a file begins with a record of one of the two widths, blanks where they belong."""
    line = beginning.partition(b"\n")[0].removesuffix(b"\r")
    return len(line) in _BLANKS and _is_record(line)


def _is_record(line: bytes) -> bool:
    return all(line[at] == 32 for at in _BLANKS[len(line)])


def read(parts: Sequence[Part], given: Given) -> Rows:
    """The rows of the flow and of the adjustments in an archive.

    :raises Refused: ``day`` when neither the caller nor the file's name tells the settlement day
    """
    digests, account = [], ""
    day = _day(parts, given)
    for part in parts:
        content = Content(part)
        with within(part):
            for row in _rows(content, day):
                if row.account and account and row.account != account:
                    raise Refused(Reason.ACCOUNT, row.line, "商户代码", row.account, account)
                account = account or row.account
                yield row
        digests.append(content.digest)
    begin = datetime(day.year, day.month, day.day, 23) - _AHEAD
    return Told("-".join(digests), "", account or given.account, start=begin, end=begin + _AHEAD)


def _day(parts: Sequence[Part], given: Given) -> date:
    if given.day:
        return given.day
    for name in (given.name, *(part.name for part in parts)):
        if found := _FILE_DAY.search(name):
            try:
                return datetime.strptime(found[1], "%y%m%d").date()
            except ValueError:
                break
    raise Refused(Reason.DAY)


def _rows(content: Content, day: date) -> Iterator[Row]:
    line = 0
    for records in content.byte_lines():
        for line, record in enumerate(records, content.line + 1):
            if len(record) == _FLOW.size and _is_record(record):
                yield _flow(line, record, day)
            elif len(record) == _ERRORS.size and _is_record(record):
                yield _adjustment(line, record, day)
            else:
                raise Refused(Reason.COLUMNS, line, value=len(record), expected=_FLOW.size)


def _flow(line: int, record: bytes, day: date) -> Row:
    fields = _FLOW.unpack(record)
    (at, card, amount, ref, own, fee, net, what, of, account) = [fields[n] for n in _POSITIONS]
    when = _moment(line, at, day)
    if not _DIGITS.fullmatch(amount):
        raise Refused(Reason.AMOUNT, line, _OWN["amount"], amount)
    net_fen, fee_fen = _signed(line, "net", net), _signed(line, "fee", fee)
    sign = _SIGNS[net[:1]] if net_fen else _WORDS.get(what, 1)
    if net_fen and _WORDS.get(what, sign) != sign:
        raise Refused(Reason.DIRECTION, line, _OWN["net"], net)
    value = sign * int(amount)
    if abs(value - net_fen) != abs(fee_fen):
        raise Refused(Reason.SUMS, line, _OWN["net"], written(net_fen), written(value - fee_fen))
    key = _text(line, ref)
    if not key:
        raise Refused(Reason.MISSING, line, _OWN["ref"])
    is_refund = sign < 0
    extra = {
        name: text for name, position in _EXTRA if (text := _text(line, fields[position], name))
    }
    original = _text(line, of)
    return Row(
        line, Kind.REFUND if is_refund else Kind.PAYMENT, when, _text(line, account), key,
        (original or key) if is_refund else key, _text(line, own), key if is_refund else "",
        "", value, value, 1000 * (value - net_fen), None, what.decode(),
        masked_card(_text(line, card)), "", extra,
    )  # fmt: skip


def _adjustment(line: int, record: bytes, day: date) -> Row:
    """A row for a person. Its first nine fields are a flow's, its sign the sixteenth field's
    (unverified)."""
    fields = _ERRORS.unpack(record)
    when = _moment(line, fields[4], day)
    if not _DIGITS.fullmatch(fields[6]):
        raise Refused(Reason.AMOUNT, line, _OWN["amount"], fields[6])
    value = _SIGNS.get(fields[15][:1], 1) * int(fields[6])
    texts = [_text(line, field) for field in fields]
    texts[5] = masked_card(texts[5])
    key = "/".join(("ZME", f"{when:%Y}", *(texts[n] for n in (0, 1, 3, 4, 6, 10, 11))))
    extra = {str(number): text for number, text in enumerate(texts, 1) if text}
    return Row(
        line, Kind.ADJUSTMENT, when, "", key, status="ZME", amount=value, gross=value,
        party=texts[5], extra=extra,
    )  # fmt: skip


def _moment(line: int, field: bytes, day: date) -> datetime:
    """MMDDhhmmss in the latest year that does not put it behind the settlement day."""
    if field.isdigit():
        clock = [int(field[at : at + 2]) for at in range(0, 10, 2)]
        for year in range(day.year, day.year - 5, -1):  # 29 February comes every fourth year
            try:
                when = datetime(year, *clock)
            except ValueError:
                continue
            if when.date() <= day:
                return when
    raise Refused(Reason.TIME, line, _OWN["at"], field)


def _signed(line: int, key: str, field: bytes) -> int:
    if not _SIGNED.fullmatch(field):
        raise Refused(Reason.AMOUNT, line, _OWN[key], field)
    return _SIGNS[field[:1]] * int(field[1:])


def _text(line: int, field: bytes, column: str = "") -> str:
    try:
        return field.decode("gb18030").strip()
    except UnicodeDecodeError:
        raise Refused(Reason.CHARSET, line, column) from None
