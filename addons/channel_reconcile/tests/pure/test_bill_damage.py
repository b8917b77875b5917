"""Files that are not what their source wrote: read right, or refused with line and reason."""

import csv
import io
import re
from collections import Counter

import pytest
from channel_reconcile.core import detect
from channel_reconcile.core.bill import Given, Kind, Reason, Refused
from simulators import bill_files as files
from simulators.bill_files import DAY

TRADES = list(files.trades(7, 6, refunds=0.5))
assert {row.is_refund for row in TRADES} == {True, False}


def joined(pieces):
    return b"".join(pieces)


TEXTS = {
    "wechat all": joined(files.wechat(TRADES)),
    "wechat success": joined(files.wechat(TRADES, "success")),
    "wechat refund": joined(files.wechat(TRADES, "refund")),
    "wechat legacy": joined(files.wechat(TRADES, "legacy")),
    "wechat funds": joined(files.wechat_funds(TRADES)),
    "alipay trade": joined(files.alipay_trade(TRADES)),
    "alipay account": joined(files.alipay_account(TRADES)),
    "unionpay": joined(files.unionpay(TRADES)),
    "unionpay errors": joined(files.unionpay_errors(TRADES)),
    "pos": joined(files.pos(TRADES)),
    "abchina simple": files.abchina_csv(files.abchina(TRADES, detailed=False)),
    "abchina detailed": files.abchina_csv(files.abchina(TRADES)),
    "douyin newer": joined(files.douyin(TRADES)),
    "douyin older": joined(files.douyin(TRADES, newer=False)),
    "douyin funds": joined(files.douyin_funds(TRADES)),
    "camt": joined(files.camt(TRADES)),
    "mt940": joined(files.mt940(TRADES)),
}
# without totals or an end of their own: rows that are cut off are not missed
OPEN = {"unionpay", "unionpay errors", "pos", "douyin newer", "douyin older", "douyin funds"}
BALANCED = {"wechat funds", "alipay account", "abchina simple", "abchina detailed", "douyin funds"}
TABLES = [name for name in TEXTS if name not in ("unionpay", "unionpay errors", "camt", "mt940")]
GBK = {"alipay trade", "alipay account", "pos", "abchina simple", "abchina detailed"}


def read(data):
    reading = detect.read(io.BytesIO(data), Given(day=DAY))
    rows = list(reading)
    return rows, reading.bill


def refused(data):
    with pytest.raises(Refused) as caught:
        read(data)
    return caught.value


def essence(row):
    return (row.kind, row.at, row.key, row.ref, row.own, row.refund_ref, row.amount, row.balance)


WHOLE = {name: read(data) for name, data in TEXTS.items()}


def end_of(name):
    return b"\n" if name == "camt" else b"\r\n"


def lines_of(data):
    return data.split(b"\r\n")


def row_lines(name):
    """The indexes of the lines that hold rows."""
    return sorted({row.line - 1 for row in WHOLE[name][0]})


# -- cut ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_cut_anywhere(name):
    data = TEXTS[name]
    rows, bill = WHOLE[name]
    whole = [essence(row) for row in rows]
    accepted = 0
    for end in range(len(data)):
        try:
            found, told = read(data[:end])
        except Refused as error:
            assert error.reason in Reason
            continue
        accepted += 1
        if name in OPEN:
            assert [essence(row) for row in found] == whole[: len(found)]
        else:
            assert [essence(row) for row in found] == whole, end
            assert told.summary == bill.summary
            assert len(data) - end < 70  # behind the totals only the time of export may be missing
    assert accepted or name.startswith("mt940")


def test_cut_archives():
    data = files.alipay_zip(TRADES).getvalue()
    for end in range(0, len(data), 7):
        assert refused(data[:end]).reason in (Reason.UNREADABLE, Reason.UNKNOWN)


def test_cut_workbook():
    data = files.xls(files.abchina(TRADES))
    for end in range(0, len(data) - 600, 97):
        assert refused(data[:end]).reason in (Reason.UNREADABLE, Reason.UNKNOWN, Reason.CUT)


# -- one digit ----------------------------------------------------------------------------------


def net(bill):
    return bill.summary.income + bill.summary.outcome - bill.summary.fee // 1000


@pytest.mark.parametrize("name", TEXTS)
def test_one_digit_changed_anywhere_never_changes_the_money(name):
    """Ids, names and times may differ: money may not."""
    if name == "unionpay errors":
        # nothing tells an adjustment's amount twice: that is why each is for a person
        assert {row.kind for row in WHOLE[name][0]} == {Kind.ADJUSTMENT}
        return
    data = TEXTS[name]
    bill = WHOLE[name][1]
    # nor that of the first movement of an account whose file has no totals
    begin = data.index(lines_of(data)[2]) if name == "douyin funds" else 0
    refusals = Counter()
    for found in re.finditer(rb"[0-9]", data[begin:]):
        at = begin + found.start()
        digit = (int(found[0]) + 1) % 10
        try:
            _rows, told = read(data[:at] + b"%d" % digit + data[at + 1 :])
        except Refused as error:
            refusals[error.reason] += 1
            continue
        if name == "douyin older":  # of a refund only what is settled is told twice
            assert net(told) == net(bill)
            continue
        assert told.summary.income == bill.summary.income, data[at - 30 : at + 5]
        assert told.summary.outcome == bill.summary.outcome, data[at - 30 : at + 5]
        if name not in ("wechat funds", "alipay trade"):  # a memo's fee; a fee without the summary
            assert told.summary.fee == bill.summary.fee, data[at - 30 : at + 5]
    assert refusals


@pytest.mark.parametrize("name", [n for n in TEXTS if n.startswith("wechat")])
def test_every_digit_of_wechats_summary_counts(name):
    data = TEXTS[name]
    begin = data.rindex(b"`", 0, data.rindex(b"\r\n`") + 3)
    for found in re.finditer(rb"[0-9]", data[begin:]):
        at = begin + found.start()
        changed = data[:at] + b"%d" % ((int(found[0]) + 1) % 10) + data[at + 1 :]
        error = refused(changed)
        assert error.reason is Reason.SUMMARY
        assert error.line == len(lines_of(data)) - 1 and error.column


def test_every_digit_of_alipays_summary_counts():
    stores = files.alipay_stores(TRADES)
    name = "业务明细.csv"
    total = stores.rindex("合计".encode("gbk"))
    net = stores.index(b"\r\n", total) - 1  # 实收净额, the last column, is told nowhere else
    net = stores.rindex(b",", total, net)
    for found in re.finditer(rb"[0-9]", stores[total:net]):
        at = total + found.start()
        changed = stores[:at] + b"%d" % ((int(found[0]) + 1) % 10) + stores[at + 1 :]
        packed = files.packed([("汇总.csv", [changed]), (name, files.alipay_trade(TRADES))])
        assert refused(packed.getvalue()).reason is Reason.SUMMARY


def test_alipays_fees_are_compared_with_the_summary():
    detail = TEXTS["alipay trade"]
    fee = re.search(rb",(-[0-9]+\.[0-9]{2})\t,0\.00\t", detail)
    changed = detail[: fee.end(1) - 1] + b"9" + detail[fee.end(1) :]
    if changed == detail:
        changed = detail[: fee.end(1) - 1] + b"8" + detail[fee.end(1) :]
    packed = files.packed([("a.csv", [changed]), ("b.csv", [files.alipay_stores(TRADES)])])
    error = refused(packed.getvalue())
    assert (error.reason, error.column) == (Reason.SUMMARY, "服务费")


# -- charset ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_utf_8_and_gbk_are_both_read(name):
    text = TEXTS[name].decode("gb18030" if name in GBK else "utf-8-sig")
    for charset in ("gb18030", "utf-8", "utf-8-sig"):
        rows, _bill = read(text.encode(charset))
        assert [row[1:] for row in rows] == [row[1:] for row in WHOLE[name][0]]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("charset", ["utf-16", "big5", "shift-jis", "utf-8>latin-1"])
def test_other_charsets_are_refused(name, charset):
    text = TEXTS[name].decode("gb18030" if name in GBK else "utf-8-sig")
    if charset == "utf-8>latin-1":
        data = text.encode().decode("latin-1").encode()  # saved twice
    else:
        data = text.encode(charset, errors="replace")
    assert refused(data).reason in (Reason.UNKNOWN, Reason.CHARSET, Reason.MISSING_COLUMN)


def test_a_broken_letter_is_refused_with_its_line():
    lines = lines_of(TEXTS["wechat all"])
    lines[3] = lines[3].replace("茶".encode(), b"\xb2\xe8") + b"\xff"
    error = refused(b"\r\n".join(lines))
    assert (error.reason, error.line) == (Reason.CHARSET, 4)
    lines = lines_of(TEXTS["alipay trade"])
    lines[7] = lines[7][:-3] + b"\xff\xff"
    assert (refused(b"\r\n".join(lines)).line) == 8


def test_binary_content_is_refused():
    data = TEXTS["wechat all"].replace(b"JSAPI", b"J\0API", 1)
    assert (refused(data).reason, refused(data).line) == (Reason.CHARSET, 2)


# -- columns ------------------------------------------------------------------------------------

HEADER = {"alipay trade": 4, "alipay account": 4, "abchina simple": 2, "abchina detailed": 2}


def table_of(name):
    """(lines as cells, index of the header)."""
    text = TEXTS[name].decode("gb18030" if name in GBK else "utf-8-sig")
    if name.startswith("wechat"):  # it quotes nothing: only the backtick parts values
        return [re.split(",(?=`)|,(?=[^`]*$)", line) for line in text.split("\r\n")], 0
    return list(csv.reader(io.StringIO(text, newline=""))), HEADER.get(name, 0)


def written(name, lines):
    if name.startswith("wechat"):
        return "\r\n".join(",".join(cells) for cells in lines).encode()
    target = io.StringIO()
    csv.writer(target).writerows(lines)
    return target.getvalue().encode("gb18030" if name in GBK else "utf-8")


def with_column(name, change):
    """The file with ``change`` made to the cells of the header and of each row."""
    lines, at = table_of(name)
    rows = {at, *row_lines(name)}
    if name == "douyin older":
        rows.add(1)
    return written(
        name,
        [change(cells, n == at) if n in rows else cells for n, cells in enumerate(lines)],
    )


NEEDED = {
    "wechat all": [
        "交易时间",
        "商户号",
        "微信订单号",
        "商户订单号",
        "交易状态",
        "应结订单金额",
        "手续费",
    ],
    "wechat legacy": ["总金额", "手续费", "商户号"],
    "wechat funds": ["收支类型", "收支金额(元)", "账户结余(元)", "资金流水单号"],
    "alipay trade": ["商户订单号", "完成时间", "订单金额(元)", "服务费(元)", "商家实收(元)"],
    "alipay account": ["账务流水号", "发生时间", "账户余额（元）", "支出金额（-元）"],
    "pos": ["商户号", "终端号", "交易金额", "手续费", "凭证号", "交易日期", "参考号"],
    "abchina simple": ["交易时间", "收入金额", "账户余额"],
    "douyin newer": ["动账时间", "动账金额", "订单号"],
    "douyin older": ["结算金额", "支出合计"],
    "douyin funds": ["账户余额(元)", "动账时间"],
}


@pytest.mark.parametrize("name,column", [(n, c) for n, cs in NEEDED.items() for c in cs])
def test_a_missing_column_is_named_or_the_file_unknown(name, column):
    lines, at = table_of(name)
    position = lines[at].index(column)
    error = refused(
        with_column(name, lambda cells, _header: cells[:position] + cells[position + 1 :])
    )
    assert error.reason in (Reason.MISSING_COLUMN, Reason.UNKNOWN)
    if error.reason is Reason.MISSING_COLUMN:
        assert re.split(r"[(（]", column)[0] in error.column and error.line == at + 1


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("first", [True, False])
def test_an_extra_column_is_kept(name, first):
    def widen(cells, is_header):
        guard = "`" if name.startswith("wechat") and not is_header else ""
        cell = "新栏目" if is_header else f"{guard}x1"
        return [cell, *cells] if first else [*cells, cell]

    rows, _bill = read(with_column(name, widen))
    expected = read(with_column(name, lambda cells, _header: cells))[0]
    assert [essence(row) for row in rows] == [essence(row) for row in expected]
    assert all(row.extra["新栏目"] == "x1" for row in rows)


@pytest.mark.parametrize("name", TABLES)
def test_a_column_twice_is_refused(name):
    column = {"wechat": "手续费", "alipay": "备注", "pos": "手续费", "abchina": "支出金额",
              "douyin": "订单号"}[name.split()[0]]  # fmt: skip
    lines, at = table_of(name)
    known = [cell for cell in lines[at] if cell.startswith(column) or cell.endswith("金额(元)")]
    position = lines[at].index("商户订单号" if "alipay" in name else known[0])
    error = refused(with_column(name, lambda cells, _header: [*cells, cells[position]]))
    assert (error.reason, error.line) == (Reason.DOUBLE_COLUMN, at + 1 if name in HEADER else 1)


@pytest.mark.parametrize("name", TABLES)
def test_a_row_with_a_cell_too_few_or_too_many(name):
    number = row_lines(name)[1]
    lines, _at = table_of(name)
    cell = "`x" if name.startswith("wechat") else "x"
    for change in (lambda cells: cells[:-1], lambda cells: [*cells, cell]):
        changed = [change(c) if n == number else c for n, c in enumerate(lines)]
        error = refused(written(name, changed))
        assert (error.reason, error.line) == (Reason.COLUMNS, number + 1)


# -- order, twice, lost -------------------------------------------------------------------------


def swapped(name, one, other):
    lines = TEXTS[name].split(end_of(name))
    lines[one], lines[other] = lines[other], lines[one]
    return end_of(name).join(lines)


@pytest.mark.parametrize("name", [n for n in TEXTS if n not in ("mt940",)])
def test_rows_out_of_order(name):
    at = row_lines(name)
    data = swapped(name, at[0], at[-1])
    if name in BALANCED:
        error = refused(data)
        assert (error.reason, error.line) == (Reason.BALANCE, at[1] + 1)
    else:
        rows, bill = read(data)
        assert sorted(map(essence, rows), key=str) == sorted(map(essence, WHOLE[name][0]), key=str)
        assert bill.summary == WHOLE[name][1].summary


@pytest.mark.parametrize("name", TEXTS)
def test_a_row_twice_in_a_row(name):
    lines = TEXTS[name].split(end_of(name))
    at = row_lines(name)[1]
    size = 2 if name == "mt940" else 1
    again = end_of(name).join(lines[: at + size] + lines[at:])
    if name == "douyin older":  # it numbers nothing: these are two movements of the same amount
        assert len({row.key for row in read(again)[0]}) == len(TRADES) + 1
        return
    error = refused(again)
    assert error.reason in (Reason.TWICE, Reason.BALANCE)
    assert name == "mt940" or error.line == at + 2


@pytest.mark.parametrize("name", TEXTS)
def test_a_row_again_further_down(name):
    """Found by the totals or the balance, where there are any; else it has the same key."""
    if name in ("mt940", "camt"):
        return
    lines = lines_of(TEXTS[name])
    at = row_lines(name)
    data = b"\r\n".join([*lines[: at[-1] + 1], lines[at[0]], *lines[at[-1] + 1 :]])
    if name in OPEN - BALANCED and not name.startswith("douyin"):
        keys = Counter(row.key for row in read(data)[0])
        assert keys[WHOLE[name][0][0].key] == 2
    elif name.startswith("douyin") and name not in BALANCED:
        # a numbered movement may be told again: the settlement knows it by its number
        keys = Counter(row.key for row in read(data)[0])
        assert max(keys.values()) <= 2
    else:
        assert refused(data).reason in (Reason.SUMMARY, Reason.BALANCE)


@pytest.mark.parametrize("name", [n for n in TEXTS if n not in OPEN])
def test_a_row_lost(name):
    lines = TEXTS[name].split(end_of(name))
    for at in row_lines(name):
        size = 2 if name == "mt940" else 1
        error = refused(end_of(name).join(lines[:at] + lines[at + size :]))
        assert error.reason in (Reason.SUMMARY, Reason.BALANCE)


def test_something_behind_the_end_is_refused():
    for name in ("wechat all", "wechat funds", "alipay trade", "alipay account"):
        line = lines_of(TEXTS[name])[row_lines(name)[0]]
        error = refused(TEXTS[name] + line + b"\r\n")
        assert (error.reason, error.line) == (Reason.AFTER_END, len(lines_of(TEXTS[name])))


# -- what a row may not be ----------------------------------------------------------------------


def changed_cell(name, row, column, value):
    """The file with one cell of one row (counted from 0) changed."""
    lines, at = table_of(name)
    guard = "`" if name.startswith("wechat") else ""
    lines[row_lines(name)[row]][lines[at].index(column)] = guard + value
    return written(name, lines)


@pytest.mark.parametrize(
    ("name", "column", "value", "reason"),
    [
        ("wechat all", "交易时间", "2026-02-30 00:00:00", Reason.TIME),
        ("wechat all", "应结订单金额", "1.234", Reason.AMOUNT),
        ("wechat all", "应结订单金额", "", Reason.AMOUNT),
        ("wechat all", "手续费", "0.000001", Reason.AMOUNT),
        ("wechat all", "交易状态", "CLOSED", Reason.WORD),
        ("wechat all", "商户号", "1600000002", Reason.ACCOUNT),
        ("wechat all", "货币种类", "USD", Reason.CURRENCY),
        ("wechat funds", "收支类型", "不动", Reason.WORD),
        ("wechat funds", "收支金额(元)", "-1.00", Reason.DIRECTION),
        ("wechat funds", "资金流水单号", "", Reason.MISSING),
        ("wechat funds", "账户结余(元)", "x", Reason.AMOUNT),
        ("alipay trade", "业务类型", "赠送", Reason.WORD),
        ("alipay trade", "完成时间", "2026-11-22 00:00:00", Reason.PERIOD),
        ("alipay trade", "商家实收(元)", "1e3", Reason.AMOUNT),
        ("alipay trade", "支付宝交易号", "", Reason.MISSING),
        ("alipay account", "发生时间", "2026-11-19 23:59:59", Reason.PERIOD),
        ("alipay account", "账务流水号", "", Reason.MISSING),
        ("pos", "交易日期", "20261345", Reason.TIME),
        ("pos", "交易时间(HH:mm:ss)", "25:00:00", Reason.TIME),
        ("pos", "结算金额", "0.01", Reason.SUMS),
        ("pos", "商户号", "1600000002", Reason.ACCOUNT),
        ("pos", "商户号", "", Reason.MISSING),
        ("abchina detailed", "交易日志号", "9.00E+11", Reason.ROUNDED),
        ("abchina detailed", "交易时间", "soon", Reason.TIME),
        ("abchina detailed", "账户余额", "", Reason.AMOUNT),
        ("douyin newer", "订单号", "6.92E+18", Reason.ROUNDED),
        ("douyin newer", "动账金额", "0.01", Reason.SUMS),
        ("douyin newer", "动账方向", "?", Reason.WORD),
        ("douyin funds", "账户方向", "?", Reason.WORD),
        ("douyin funds", "动账流水号", "8.0E+14", Reason.ROUNDED),
    ],
)
def test_a_cell_that_cannot_be(name, column, value, reason):
    error = refused(changed_cell(name, 1, column, value))
    assert (error.reason, error.line) == (reason, row_lines(name)[1] + 1)


def test_signs_that_contradict_their_words():
    refund = next(n for n, row in enumerate(TRADES) if row.is_refund)
    pay = next(n for n, row in enumerate(TRADES) if not row.is_refund)
    for name, at, value in (("alipay trade", refund, "3.00"), ("alipay trade", pay, "-3.00")):
        error = refused(changed_cell(name, at, "商家实收(元)", value))
        assert (error.reason, error.column) == (Reason.DIRECTION, "商家实收(元)")
    both = changed_cell("abchina simple", pay, "支出金额", "1.00")
    assert refused(both).reason is Reason.DIRECTION
    assert refused(changed_cell("pos", pay, "交易金额", "-3.00")).reason is Reason.DIRECTION


def test_a_refund_without_a_number_is_refused():
    refund = next(n for n, row in enumerate(TRADES) if row.is_refund)
    for value in ("", "0"):
        error = refused(changed_cell("wechat all", refund, "微信退款单号", value))
        assert (error.reason, error.column) == (Reason.MISSING, "微信退款单号")
    error = refused(changed_cell("alipay trade", refund, "退款批次号/请求号", ""))
    assert (error.reason, error.column) == (Reason.MISSING, "退款批次号/请求号")
