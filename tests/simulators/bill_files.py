"""Bills as their sources write them, from made-up transactions, row by row in constant memory.

Shares no code with the readers: what the reader must find is what stands in the transactions.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import xlwt

MERCHANT = "1600000001"
ALIPAY = "2088000000000001"
BANK = "103100000000001"
DAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Trade:
    """A payment, or a refund of one; amounts are fen and above 0.

    ``coupon`` is a part of ``gross`` that the channel does not settle; ``fee`` is 1/1000 fen.
    ``status``: what the bill says of a refund.
    """

    ref: str
    own: str
    at: datetime
    gross: int
    coupon: int = 0
    fee: int = 0
    refund_ref: str = ""
    refund_own: str = ""
    title: str = "茶叶礼盒"
    payer: str = "o000000000000000000000000001"
    app: str = "wx0000000000000000"
    status: str = "PROCESSING"  # of a refund

    @property
    def is_refund(self) -> bool:
        return bool(self.refund_ref)

    @property
    def net(self) -> int:
        """What the channel settles."""
        return self.gross - self.coupon

    @property
    def signed(self) -> int:
        return -self.net if self.is_refund else self.net

    @property
    def signed_gross(self) -> int:
        return -self.gross if self.is_refund else self.gross

    @property
    def signed_fee(self) -> int:
        return -self.fee if self.is_refund else self.fee


def trades(seed: int, number: int, day: date = DAY, refunds: float = 0.1) -> Iterator[Trade]:
    """A day's transactions in time, a tenth of them refunds of the payment before."""
    chance = random.Random(seed)
    begin = datetime(day.year, day.month, day.day)
    last: Trade | None = None
    for index in range(number):
        at = begin + timedelta(seconds=index * 86399 // max(number - 1, 1))
        if last and chance.random() < refunds:
            part = chance.randint(1, last.net) if last.net else 0
            yield Trade(
                last.ref, last.own, at, part, 0, 0, f"5030{seed:06d}{index:018d}",
                f"R{seed}-{index}", last.title, last.payer,
            )  # fmt: skip
            last = None
        else:
            gross = chance.randint(100, 99_999)
            coupon = chance.choice((0, 0, 0, 50))
            last = Trade(
                f"4200{seed:06d}{index:018d}", f"S{seed}-{index}", at, gross, coupon,
                (gross - coupon) * 6 // 1000 * 1000,
                title=chance.choice(("明前龙井 50g", "白茶饼, 357g", "Tea set (blue)")),
                payer=f"o{chance.getrandbits(80):027d}",
            )  # fmt: skip
            yield last


# -- how things are written ---------------------------------------------------------------------


def yuan(fen: int, places: int = 2) -> str:
    """Fen (or, with 5 places, 1/1000 fen) as yuan."""
    unit = 10**places
    return f"{'-' if fen < 0 else ''}{abs(fen) // unit}.{abs(fen) % unit:0{places}d}"


def grouped(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def clock(at: datetime) -> str:
    return at.isoformat(" ", "seconds")


class _Entry(zipfile.ZipInfo):
    """Python would write UTF-8 and say so."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def packed(files: Iterable[tuple[str, Iterable[bytes]]], target=None):
    """A ZIP as Chinese systems write it: GBK names, and nothing that says so."""
    target = target or io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = _Entry(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as entry:
                for piece in content:
                    entry.write(piece)
    return target


def encoded(lines: Iterable[str], charset: str, end: str = "\r\n") -> Iterator[bytes]:
    for line in lines:
        yield (line + end).encode(charset)


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="")
    for row in rows:
        writer.writerow(list(row))
        yield target.getvalue()
        target.seek(0)
        target.truncate()


# -- WeChat Pay ---------------------------------------------------------------------------------

_WHO = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,"
    "交易状态,付款银行,货币种类,"
)
_SETTLED = "应结订单金额,代金券金额,"
_REFUNDED = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
_WHAT = "商品名称,商户数据包,手续费,费率"
WECHAT = {
    "all": f"{_WHO}{_SETTLED}{_REFUNDED}{_WHAT},订单金额,申请退款金额,费率备注",
    "success": f"{_WHO}{_SETTLED}{_WHAT},订单金额,费率备注",
    "refund": f"{_WHO}{_SETTLED}退款申请时间,退款成功时间,{_REFUNDED}{_WHAT},"
    "订单金额,申请退款金额,费率备注",
    "legacy": _WHO.replace("特约商户号", "子商户号")
    + "总金额,代金券或立减优惠金额,"
    + _REFUNDED.replace("充值券退款金额", "代金券或立减优惠退款金额")
    + _WHAT,
}
_WECHAT_SUMS = {
    "all": "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
    "success": "总交易单数,应结订单总金额,手续费总金额,订单总金额",
    "legacy": "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额",
}
_WECHAT_SUMS["refund"] = _WECHAT_SUMS["all"]


def wechat(
    rows: Iterable[Trade], variant: str = "all", *, bom: bool = True, end: str = "\r\n",
    merchant: str = MERCHANT, more: str = "",
) -> Iterator[bytes]:  # fmt: skip
    """A trade bill; ``more`` is the name of a column that nobody knows yet."""
    names = WECHAT[variant].split(",") + ([more] if more else [])
    yield ("\ufeff" if bom else "").encode() + (",".join(names) + end).encode()
    sums = dict.fromkeys(("count", "net", "gross", "refund", "refund_gross", "fee"), 0)
    for row in rows:
        if (variant == "success" and row.is_refund) or (variant == "refund" and not row.is_refund):
            continue
        values = _wechat_row(row, merchant, variant)
        sums["count"] += 1
        sums["fee"] += row.signed_fee
        if row.is_refund:
            sums["refund"] += row.net
            sums["refund_gross"] += row.gross
        else:
            sums["net"] += row.gross if variant == "legacy" else row.net
            sums["gross"] += row.gross
        yield (",".join("`" + values.get(name, "") for name in names) + end).encode()
    told = {
        "总交易单数": str(sums["count"]), "应结订单总金额": yuan(sums["net"]),
        "退款总金额": yuan(sums["refund"]), "充值券退款总金额": "0.00",
        "手续费总金额": yuan(sums["fee"], 5), "订单总金额": yuan(sums["gross"]),
        "申请退款总金额": yuan(sums["refund_gross"]), "总交易额": yuan(sums["net"]),
        "总退款金额": yuan(sums["refund"]), "总代金券或立减优惠退款金额": "0.00",
    }  # fmt: skip
    header = _WECHAT_SUMS[variant]
    yield (header + end).encode()
    yield (",".join("`" + told[name] for name in header.split(",")) + end).encode()


def _wechat_row(row: Trade, merchant: str, variant: str) -> dict[str, str]:
    values = {
        "交易时间": clock(row.at), "公众账号ID": row.app, "商户号": merchant,
        "特约商户号": "0", "子商户号": "0", "微信订单号": row.ref, "商户订单号": row.own,
        "用户标识": row.payer, "交易类型": "JSAPI", "付款银行": "OTHERS", "货币种类": "CNY",
        "商品名称": row.title, "手续费": yuan(row.signed_fee, 5), "费率": "0.60%",
        "代金券金额": "0.00", "代金券或立减优惠金额": yuan(row.coupon), "微信退款单号": "0",
        "商户退款单号": "0", "充值券退款金额": "0.00", "代金券或立减优惠退款金额": "0.00",
    }  # fmt: skip
    if row.is_refund:
        return values | {
            "交易状态": "REFUND", "应结订单金额": "0.00", "总金额": "0.00", "订单金额": "0.00",
            "微信退款单号": row.refund_ref, "商户退款单号": row.refund_own,
            "退款金额": yuan(row.net), "申请退款金额": yuan(row.gross), "退款类型": "ORIGINAL",
            "退款状态": row.status, "退款申请时间": clock(row.at), "退款成功时间": "",
        }  # fmt: skip
    return values | {
        "交易状态": "SUCCESS", "应结订单金额": yuan(row.net), "总金额": yuan(row.gross),
        "订单金额": yuan(row.gross), "退款金额": "0.00", "申请退款金额": "0.00",
    }  # fmt: skip


def wechat_funds(
    rows: Iterable[Trade], opening: int = 1_000_000, *, wide: bool = False, counts: str = "{}"
) -> Iterator[bytes]:
    """A fund flow: each payment, its fee, each refund; ``counts`` is how numbers of rows look."""
    header = (
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
        "账户结余(元),资金变更提交申请人,备注,业务凭证号"
    )
    if wide:
        header = header.replace("(", "（").replace(")", "）")
    yield (header + "\r\n").encode()
    balance, numbers, sums = opening, {True: 0, False: 0}, {True: 0, False: 0}
    for index, row in enumerate(rows):
        moves = [("交易", "交易", row.signed, "")]
        if row.is_refund:
            memo = f"退款总金额{yuan(row.gross)}元;含手续费{yuan(row.fee // 1000)}元"
            moves = [("退款", "退款", row.signed, memo)]
        elif row.fee:
            moves.append(("交易", "扣除交易手续费", -(row.fee // 1000), "交易手续费"))
        for part, (name, kind, amount, memo) in enumerate(moves):
            balance += amount
            numbers[amount >= 0] += 1
            sums[amount >= 0] += abs(amount)
            cells = (
                clock(row.at), row.refund_ref or row.ref, f"1{row.at:%Y%m%d}{index:011d}{part}",
                name, kind,
                "收入" if amount >= 0 else "支出", yuan(abs(amount)), yuan(balance), "system", memo,
                row.refund_own or row.own,
            )  # fmt: skip
            yield (",".join("`" + cell for cell in cells) + "\r\n").encode()
    yield ("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n").encode()
    told = (
        counts.format(sum(numbers.values())), counts.format(numbers[True]), yuan(sums[True]),
        counts.format(numbers[False]), yuan(sums[False]),
    )  # fmt: skip
    yield (",".join("`" + value for value in told) + "\r\n").encode()


# -- Alipay -------------------------------------------------------------------------------------

_ALIPAY_TRADE = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,"
    "终端号,对方账户,订单金额(元),商家实收(元),支付宝红包(元),集分宝(元),支付宝优惠(元),"
    "商家优惠(元),券核销金额(元),券名称,商家红包消费金额(元),卡消费金额(元),"
    "退款批次号/请求号,服务费(元),分润(元),备注"
)
_ALIPAY_STORES = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,"
    "支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
)
_ALIPAY_ACCOUNT = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,"
    "支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注"
)
_RULE = "-" * 41


def _alipay_head(title: str, day: date, account: str) -> Iterator[str]:
    following = day + timedelta(days=1)
    yield f"#支付宝{title}查询"
    yield f"#账号:[{account}]"
    yield f"#起始日期:[{day:%Y年%m月%d日} 00:00:00] 终止日期:[{following:%Y年%m月%d日} 00:00:00]"


def _widths(text: str, wide: bool) -> str:
    return (
        text.replace("(", "（").replace(")", "）")
        if wide
        else (text.replace("（", "(").replace("）", ")"))
    )


def alipay_trade(
    rows: Iterable[Trade], *, wide: bool = False, guard: str = "\t", day: date = DAY,
    account: str = ALIPAY,
) -> Iterator[bytes]:  # fmt: skip
    """The details of a trade bill; ``guard`` stands behind each value."""

    def lines() -> Iterator[str]:
        yield from _alipay_head("业务明细", day, account)
        yield f"#{_RULE}业务明细列表{_RULE}"
        yield _widths(_ALIPAY_TRADE, wide)
        sums = {False: [0, 0, 0], True: [0, 0, 0]}
        yield from csv_lines(_alipay_rows(rows, sums, guard))
        yield f"#{_RULE}业务明细列表结束{_RULE}"
        for refund, word, of in ((False, "交易", ""), (True, "退款", "退款")):
            number, net, coupon = sums[refund]
            yield f"#{word}合计：{number}笔，商家实收{of}共{yuan(net)}元，商家优惠{of}共{yuan(coupon)}元"
        yield f"#导出时间：[{day:%Y年%m月%d日} 23:59:59]"

    return encoded(lines(), "gb18030")


def _alipay_rows(rows: Iterable[Trade], sums, guard: str) -> Iterator[list[str]]:
    for row in rows:
        sign = -1 if row.is_refund else 1
        mine = sums[row.is_refund]
        mine[0] += 1
        mine[1] += row.signed
        mine[2] += sign * row.coupon
        values = [
            row.ref, row.own, "退款" if row.is_refund else "交易", row.title, clock(row.at),
            clock(row.at), "", "", "", "", "ab***@example.com", yuan(row.signed_gross),
            yuan(row.signed), "0.00", "0.00", "0.00", yuan(sign * row.coupon), "0.00", "", "0.00",
            "0.00", row.refund_own, yuan(-row.signed_fee // 1000), "0.00", "",
        ]  # fmt: skip
        yield [value + guard for value in values]


def alipay_stores(rows: Iterable[Trade], *, day: date = DAY, account: str = ALIPAY) -> bytes:
    """The summary of a trade bill: one store, and the total."""
    payments = refunds = gross = net = coupon = fee = 0
    for row in rows:
        sign = -1 if row.is_refund else 1
        payments += not row.is_refund
        refunds += row.is_refund
        gross += row.signed_gross
        net += row.signed
        coupon += sign * row.coupon
        fee -= row.signed_fee // 1000
    values = [str(payments), str(refunds), yuan(gross), yuan(net), "0.00", yuan(coupon), "0.00",
              yuan(fee), "0.00", yuan(net + fee)]  # fmt: skip
    lines = [
        *_alipay_head("业务汇总", day, account),
        f"#{_RULE}业务汇总列表{_RULE}",
        _ALIPAY_STORES,
        ",".join(["", "总店", *values]),
        ",".join(["合计", "", *values]),
        f"#{_RULE}业务汇总列表结束{_RULE}",
        f"#导出时间：[{day:%Y年%m月%d日} 23:59:59]",
    ]
    return b"".join(encoded(lines, "gb18030"))


def alipay_zip(rows: list[Trade], *, summary_first: bool = True, target=None, **how):
    """Details and summary as they are downloaded."""
    name = f"{ALIPAY}0156_{DAY:%Y%m%d}_业务明细"
    files = [
        (f"{name}(汇总).csv", [alipay_stores(rows)]),
        (f"{name}.csv", alipay_trade(rows, **how)),
    ]
    return packed(files if summary_first else files[::-1], target)


def alipay_account(
    rows: Iterable[Trade], opening: int = 500_000, *, wide: bool = True, newest_first: bool = False,
    day: date = DAY, account: str = ALIPAY,
) -> Iterator[bytes]:  # fmt: skip
    """An account bill: each payment, its fee, each refund."""

    def moves() -> Iterator[tuple[int, list[str]]]:
        balance = opening
        for index, row in enumerate(rows):
            parts = [("交易退款" if row.is_refund else "在线支付", row.signed)]
            if row.fee and not row.is_refund:
                parts.append(("收费", -(row.fee // 1000)))
            for part, (kind, amount) in enumerate(parts):
                balance += amount
                yield amount, [
                    f"{day:%Y%m%d}{index:012d}{part}\t", f"{row.ref}\t", f"{row.own}\t",
                    f"{row.title}\t", clock(row.at), "ab***@example.com",
                    yuan(amount) if amount >= 0 else "", yuan(amount) if amount < 0 else "",
                    yuan(balance), "支付宝", kind, "",
                ]  # fmt: skip

    def lines() -> Iterator[str]:
        yield from _alipay_head("账务明细", day, account)
        yield f"#{_RULE}账务明细列表{_RULE}"
        yield _widths(_ALIPAY_ACCOUNT, wide)
        numbers, sums = {True: 0, False: 0}, {True: 0, False: 0}
        found = reversed(list(moves())) if newest_first else moves()
        for amount, cells in found:
            numbers[amount >= 0] += 1
            sums[amount >= 0] += amount
            yield next(csv_lines([cells]))
        yield f"#{_RULE}账务明细列表结束{_RULE}"
        yield f"#支出合计：{numbers[False]}笔，共{yuan(sums[False])}元"
        yield f"#收入合计：{numbers[True]}笔，共{yuan(sums[True])}元"
        yield f"#导出时间：[{day:%Y年%m月%d日} 23:59:59]"

    return encoded(lines(), "gb18030")


# -- UnionPay -----------------------------------------------------------------------------------

ZM_WIDTHS = (3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32,
             1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98)  # fmt: skip
ZME_WIDTHS = (3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135)


def _fixed(widths: tuple[int, ...], fields: dict[int, str]) -> bytes:
    """A record; fields are numbered from 1 and cut to bytes, not to characters."""
    cells = []
    for number, width in enumerate(widths, 1):
        cells.append(fields.get(number, "").encode("gbk").ljust(width)[:width])
    return b" ".join(cells) + b"\r\n"


def _side(fen: int, digits: int = 12) -> str:
    return f"{'C' if fen >= 0 else 'D'}{abs(fen):0{digits}d}"


def unionpay(rows: Iterable[Trade], merchant: str = BANK, shop: str = "茶铺") -> Iterator[bytes]:
    """The flow; keys are the last 21 digits of the channel's."""
    for index, row in enumerate(rows):
        fee = row.signed_fee // 1000
        yield _fixed(ZM_WIDTHS, {
            1: "S22", 2: "00049992", 3: "00049992", 4: f"{index % 1_000_000:06d}",
            5: f"{row.at:%m%d%H%M%S}", 6: "6222000000000001234", 7: f"{row.net:012d}", 8: "5411",
            9: "07", 10: (row.refund_ref or row.ref)[-21:], 12: row.own, 13: "01",
            16: _side(-fee), 17: _side(row.signed - fee), 20: "04" if row.is_refund else "01",
            27: row.ref[-21:] if row.is_refund else "", 28: merchant, 29: "A", 31: shop,
            35: row.title,
        })  # fmt: skip


def unionpay_errors(rows: Iterable[Trade]) -> Iterator[bytes]:
    """Adjustments."""
    for index, row in enumerate(rows):
        yield _fixed(ZME_WIDTHS, {
            1: "E05", 2: "00049992", 3: "00049992", 4: f"{index:06d}", 5: f"{row.at:%m%d%H%M%S}",
            6: "6222000000000001234", 7: f"{row.net:012d}", 8: "5411", 9: "07", 11: f"{index:06d}",
            12: f"{row.at:%m%d%H%M%S}", 14: f"{0:012d}", 15: _side(0), 16: _side(row.signed),
            17: BANK,
        })  # fmt: skip


# -- an acquirer's POS slips --------------------------------------------------------------------

POS = (
    "商户号,门店名称,终端号,交易时间(HH:mm:ss),交易类型,交易批次号,凭证号,参考号,卡号,卡类别,"
    "发卡行机构代码,发卡行名称,交易金额,手续费,交易日期,交易单号,订单号,商户备注,对接应用号,"
    "原始金额,结算金额,产品类型,分期贴息,交易完成时间,持卡人姓名,持卡人身份证,分期数,"
    "优惠金额,实付金额,原交易单,渠道交易类型,出金方账户名称,门店编号,交易完成日期"
)


def pos(
    rows: Iterable[Trade], *, charset: str = "gb18030", signed: bool = False, order: str = POS
) -> Iterator[bytes]:
    """Slips; ``signed`` when refunds are written below 0."""

    def cells() -> Iterator[list[str]]:
        yield order.split(",")
        for index, row in enumerate(rows):
            sign = -1 if signed and row.is_refund else 1
            fee = row.fee // 1000
            values = {
                "商户号": MERCHANT, "门店名称": "总店", "终端号": "T0000001",
                "交易时间(HH:mm:ss)": f"{row.at:%H:%M:%S}",
                "交易类型": "退货" if row.is_refund else "消费", "交易批次号": "000123",
                "凭证号": f"{index % 1_000_000:06d}", "参考号": (row.refund_ref or row.ref)[-12:],
                "卡号": "6222000000001234567", "交易金额": grouped(sign * row.net),
                "手续费": yuan(fee), "交易日期": f"{row.at:%Y%m%d}",
                "交易单号": row.refund_ref or row.ref, "订单号": row.own, "商户备注": row.title,
                "原始金额": yuan(sign * row.gross), "结算金额": yuan(sign * (row.net - fee)),
                "持卡人姓名": "张三", "持卡人身份证": "330106199001010011",
                "原交易单": row.ref if row.is_refund else "",
                "交易完成日期": f"{row.at:%Y%m%d}",
            }  # fmt: skip
            yield [values.get(name, "") for name in order.split(",")]

    return encoded(csv_lines(cells()), charset)


# -- Agricultural Bank of China -----------------------------------------------------------------

ABC_SIMPLE = "交易时间,收入金额,支出金额,账户余额,交易行名,对方省市,对方账号,对方户名,交易用途"
ABC_DETAILED = (
    "交易时间,交易时间戳,收入金额,支出金额,账户余额,手续费总额,交易方式,交易行名,交易类别,"
    "对方省市,对方账号,对方户名,交易说明,交易摘要,交易附言,交易凭证号,交易日志号,账簿号,"
    "账簿名称"
)
ABC_ACCOUNT = "19030101040012345"


def abchina(
    rows: Iterable[Trade], opening: int = 2_000_000, *, detailed: bool = True,
    newest_first: bool = False,
) -> list[list[str]]:  # fmt: skip
    """A statement's rows: two above, the header, the movements, two below."""
    header = (ABC_DETAILED if detailed else ABC_SIMPLE).split(",")
    moves, balance = [], opening
    numbers, sums = {True: 0, False: 0}, {True: 0, False: 0}
    for index, row in enumerate(rows):
        balance += row.signed
        numbers[row.signed >= 0] += 1
        sums[row.signed >= 0] += abs(row.signed)
        values = {
            "交易时间": clock(row.at), "交易时间戳": f"{row.at:%Y%m%d%H%M%S}{index:06d}",
            "收入金额": grouped(max(row.signed, 0)), "支出金额": grouped(max(-row.signed, 0)),
            "账户余额": grouped(balance), "对方账号": "622848000000001", "对方户名": "杭州某茶行",
            "交易用途": row.title, "交易附言": row.title, "交易日志号": f"9{index:011d}",
            "交易行名": "杭州支行", "交易摘要": "转账",
        }  # fmt: skip
        moves.append([values.get(name, "") for name in header])
    if newest_first:
        moves.reverse()
    return [
        ["中国农业银行账户明细"],
        [f"查询账号[ Inquirer account number ]: {ABC_ACCOUNT}"],
        header,
        *moves,
        [f"收入总笔数: {numbers[True]}", f"收入总金额: {grouped(sums[True])}"],
        [f"支出总笔数: {numbers[False]}", f"支出总金额: {grouped(sums[False])}"],
    ]


def abchina_csv(rows: list[list[str]], charset: str = "gb18030") -> bytes:
    width = max(map(len, rows))
    return b"".join(encoded(csv_lines([*row, *[""] * (width - len(row))] for row in rows), charset))


def xls(rows: list[list[str]], numeric: tuple[str, ...] = (), first: int = 2) -> bytes:
    """A workbook; columns named in ``numeric`` hold numbers, as banks' own exports do.

    ``first`` is the index of the header.
    """
    book = xlwt.Workbook()
    sheet = book.add_sheet("1")
    columns = {rows[first].index(name) for name in numeric}
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            is_number = number > first and at in columns and len(row) == len(rows[first])
            sheet.write(number, at, float(cell.replace(",", "")) if is_number else cell)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


# -- Douyin -------------------------------------------------------------------------------------

DOUYIN_FUNDS = (
    "动账流水号,关联订单号,关联子订单号,动账时间,账户方向,动账金额(元),动账场景,账户余额(元),备注"
)
DOUYIN_OLDER = (
    "结算时间,订单号,子订单号,结算金额,结算账户,结算单类型,有结算前退款,下单时间,收入合计,"
    "支出合计,平台服务费,达人佣金"
)
DOUYIN_NEWER = (
    "动账时间,动帐流水号,动账方向,动账金额,动账账户,动账场景,计费类型,子订单号,订单号,"
    "订单实付应结,运费实付,实际平台补贴,订单退款,平台服务费,佣金,招商服务费,站外推广费,备注"
)


def douyin(rows: Iterable[Trade], *, newer: bool = True) -> Iterator[bytes]:
    """A settlement: the fee is the platform's; the older file has an explanation in row 2."""
    names = (DOUYIN_NEWER if newer else DOUYIN_OLDER).split(",")

    def cells() -> Iterator[list[str]]:
        yield names
        if not newer:
            yield ["收入+支出" if name == "结算金额" else " " for name in names]
        for index, row in enumerate(rows):
            fee = row.signed_fee // 1000
            amount = row.signed - fee
            values = {
                "结算时间": clock(row.at), "动账时间": clock(row.at), "订单号": f"'{row.own}",
                "子订单号": f"'{row.own}1", "动帐流水号": f"'9{index:012d}",
                "动账方向": "入账" if amount >= 0 else "出账", "动账金额": yuan(abs(amount)),
                "结算金额": yuan(amount), "动账账户": "微信", "结算账户": "微信",
                "结算单类型": "结算后退款-原路退回" if row.is_refund else "已结算",
                "动账场景": "结算后退款" if row.is_refund else "订单结算",
                "收入合计": yuan(row.signed), "支出合计": yuan(fee),
                "订单实付应结": yuan(0 if row.is_refund else row.net),
                "订单退款": yuan(row.signed if row.is_refund else 0), "平台服务费": yuan(fee),
            }  # fmt: skip
            if newer:
                values["平台服务费"] = yuan(-fee)
            yield [values.get(name, "") for name in names]

    return encoded(csv_lines(cells()), "utf-8")


def douyin_funds(rows: Iterable[Trade], opening: int = 300_000) -> Iterator[bytes]:
    def cells() -> Iterator[list[str]]:
        yield DOUYIN_FUNDS.split(",")
        balance = opening
        for index, row in enumerate(rows):
            balance += row.signed
            yield [
                f"'8{index:015d}", f"'{row.own}", f"'{row.own}1", clock(row.at),
                "出账" if row.is_refund else "入账", yuan(row.net),
                "退款" if row.is_refund else "订单结算", yuan(balance), row.title,
            ]  # fmt: skip

    return encoded(csv_lines(cells()), "utf-8")


# -- banks that speak SWIFT or ISO 20022 --------------------------------------------------------


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def camt(
    rows: Iterable[Trade], opening: int = 100_000, *, version: str = "053.001.02",
    currency: str = "CNY",
) -> Iterator[bytes]:  # fmt: skip
    """A statement with the closing balance behind its entries (as some banks write it)."""

    def balance(code: str, amount: int) -> str:
        side = "CRDT" if amount >= 0 else "DBIT"
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="{currency}">{yuan(abs(amount))}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
            f"<Dt><Dt>{DAY}</Dt></Dt></Bal>"
        )

    def lines() -> Iterator[str]:
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{version}"><BkToCstmrStmt>'
        yield "<GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id>"
        yield "<Acct><Id><Othr><Id>6222000011112222</Id></Othr></Id></Acct>"
        yield balance("OPBD", opening)
        total = opening
        for index, row in enumerate(rows):
            total += row.signed
            side = "CRDT" if row.signed >= 0 else "DBIT"
            role = "Dbtr" if row.signed >= 0 else "Cdtr"
            yield (
                f'<Ntry><Amt Ccy="{currency}">{yuan(row.net)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
                f"<Sts>BOOK</Sts><BookgDt><DtTm>{row.at.isoformat()}</DtTm></BookgDt>"
                f"<AcctSvcrRef>B{index:010d}</AcctSvcrRef><NtryDtls><TxDtls><Refs>"
                f"<EndToEndId>{_xml(row.own)}</EndToEndId></Refs><RltdPties><{role}><Nm>某客户</Nm>"
                f"</{role}></RltdPties><RmtInf><Ustrd>{_xml(row.title)}</Ustrd></RmtInf>"
                f"</TxDtls></NtryDtls></Ntry>"
            )
        yield balance("CLBD", total)
        yield "</Stmt></BkToCstmrStmt></Document>"

    return encoded(lines(), "utf-8", "\n")


def mt940(rows: Iterable[Trade], opening: int = 100_000, statement: int = 500) -> Iterator[bytes]:
    """Statements of so many lines, each with its balances."""

    def amount(fen: int) -> str:
        return yuan(abs(fen)).replace(".", ",")

    def side(fen: int) -> str:
        return "C" if fen >= 0 else "D"

    def lines() -> Iterator[str]:
        total, number, inside = opening, 0, 0
        for index, row in enumerate(rows):
            if inside == 0:
                number += 1
                yield from (f":20:ST{number:06d}", ":25:6222000011112222", f":28C:{number}/1")
                yield f":60F:{side(total)}{DAY:%y%m%d}CNY{amount(total)}"
            total += row.signed
            inside += 1
            yield (
                f":61:{row.at:%y%m%d%m%d}{side(row.signed)}{amount(row.net)}"
                f"NTRF{row.own[:16]}//B{index:010d}"
            )
            yield f":86:{row.title}"
            if inside == statement:
                yield from (f":62F:{side(total)}{DAY:%y%m%d}CNY{amount(total)}", "-")
                inside = 0
        if inside or not number:
            if not number:
                yield from (":20:ST000000", ":25:6222000011112222", ":28C:1/1")
                yield f":60F:{side(total)}{DAY:%y%m%d}CNY{amount(total)}"
            yield from (f":62F:{side(total)}{DAY:%y%m%d}CNY{amount(total)}", "-")

    return encoded(lines(), "utf-8")
