"""Any table, read as it is declared."""

import datetime
import io

import pytest
from channel_reconcile.core import detect
from channel_reconcile.core.bill import Given, Kind, Reason, Refused
from channel_reconcile.core.mapping import Layout, Sign
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

BASIC = Layout({"at": "日期", "amount": "金额", "key": "流水号", "memo": "摘要"})


def read(data, layout=BASIC, **known):
    if isinstance(data, str):
        data = data.encode()
    reading = detect.read_mapped(io.BytesIO(data), layout, Given(**known))
    return list(reading), reading.bill


def refused(data, layout=BASIC):
    with pytest.raises(Refused) as caught:
        read(data, layout)
    return caught.value


def test_the_simplest_table():
    text = '流水号,日期,金额,摘要,别的\nA1,2026-11-20,"1,000.00",茶,x\nA2,2026/11/21 8:00,-3.5,,\n'
    rows, bill = read(text, account="6222")
    assert [(row.key, row.amount, row.kind) for row in rows] == [
        ("A1", 100000, Kind.INCOME), ("A2", -350, Kind.EXPENSE),
    ]  # fmt: skip
    assert rows[1].at == datetime.datetime(2026, 11, 21, 8)
    assert (rows[0].extra, rows[0].account, rows[0].line) == ({"别的": "x"}, "6222", 2)
    assert (bill.format, bill.told.account, bill.summary.rows) == ("mapped", "6222", 2)


def test_what_a_sign_can_be_told_by():
    columns = {"at": "日期", "income": "收", "outcome": "支", "balance": "余额"}
    rows, bill = read(
        "日期,收,支,余额\n2026-11-20,5.00,,15.00\n2026-11-20,0.00,-2.00,13.00\n2026-11-20,--,3,10\n",
        Layout(columns, Sign.COLUMNS),
    )
    assert [row.amount for row in rows] == [500, -200, -300]
    assert (bill.told.opening, bill.told.closing) == (1000, 1000)
    directed = Layout({"at": "日期", "amount": "金额", "direction": "方向"}, Sign.DIRECTION)
    rows, _bill = read("日期,金额,方向\n2026-11-20,5.00,贷方\n2026-11-20,-5.00,借方\n", directed)
    assert [row.amount for row in rows] == [500, -500]
    turned = Layout({"at": "日期", "amount": "金额"}, Sign.REVERSED)
    assert [row.amount for row in read("日期,金额\n2026-11-20,5.00\n", turned)[0]] == [-500]


def test_rows_above_and_below_formats_charsets_separators():
    layout = Layout(
        {"at": "日期", "time": "时刻", "amount": "金额", "what": "类型", "fee": "手续费", "key": "甲 + 乙"},
        skip=2, foot=1, time_format="%d.%m.%Y %H%M", encoding="gb18030", delimiter="|",
        kinds={"退货": Kind.REFUND}, fee_taken=-1, form="mapped.mine",
    )  # fmt: skip
    text = (
        "标题\n\n日期|时刻|金额|类型|手续费|甲|乙\n20.11.2026|0815|-3.00|门店退货|0.01|1|2\n"
        "合计||-3.00||||\n"
    )
    [row], bill = read(text.encode("gb18030"), layout)
    assert (row.at, row.kind) == (datetime.datetime(2026, 11, 20, 8, 15), Kind.REFUND)
    assert (row.key, row.fee, row.line, bill.format) == ("1/2", -1000, 4, "mapped.mine")


def test_rows_may_end_early_where_that_is_declared():
    ragged = Layout(BASIC.columns, ragged=True)
    [row], _bill = read("流水号,日期,金额,摘要,甲,乙\nA1,20261120,+10000.00\n", ragged)
    assert (row.amount, row.memo) == (1_000_000, "")


def test_a_workbook_with_dates_numbers_and_texts():
    book = Workbook()
    for cells in (
        ["流水号", "日期", "金额", "摘要"],
        ["A1", datetime.datetime(2026, 11, 20, 8, 15), 0.1, "茶"],
        ["A2", "2026-11-20", "-1,234.50", None],
        [123456789012, datetime.date(2026, 11, 21), -7, ""],
    ):
        book.active.append(cells)
    target = io.BytesIO()
    book.save(target)
    rows, _bill = read(target.getvalue())
    assert [(row.key, row.amount) for row in rows] == [
        ("A1", 10), ("A2", -123450), ("123456789012", -700),
    ]  # fmt: skip
    assert rows[0].at == datetime.datetime(2026, 11, 20, 8, 15)


def test_a_number_that_is_no_whole_fen_is_refused():
    book = Workbook()
    book.active.append(["流水号", "日期", "金额", "摘要"])
    book.active.append(["A1", "2026-11-20", 1.005, ""])
    target = io.BytesIO()
    book.save(target)
    error = refused(target.getvalue())
    assert (error.reason, error.line, error.column) == (Reason.AMOUNT, 2, "金额")


def test_cells_with_new_lines_keep_the_lines_of_the_file():
    text = '流水号,日期,金额,摘要\nA1,2026-11-20,1,"两\n行"\nA2,soon,1,\n'
    error = refused(text)
    assert (error.reason, error.line, error.value) == (Reason.TIME, 4, "soon")


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        ("A1,2026-11-20,1.005,", Reason.AMOUNT, "金额"),
        ("A1,2026-11-20,,", Reason.AMOUNT, "金额"),
        ("A1,,1.00,", Reason.TIME, "日期"),
        (",2026-11-20,1.00,", Reason.MISSING, "流水号"),
        ("A1,2026-11-20,1.00", Reason.COLUMNS, ""),
        ("A1,2026-11-20,1.00,,x", Reason.COLUMNS, ""),
        ("A0,2026-11-20,1.00,", Reason.TWICE, ""),
    ],
)
def test_rows_that_cannot_be(line, reason, column):
    error = refused(f"流水号,日期,金额,摘要\nA0,2026-11-20,1.00,\n{line}\n")
    assert (error.reason, error.line, error.column) == (reason, 3, column)


def test_columns_must_be_there_and_the_layout_whole():
    assert refused("日期,金额\n").reason is Reason.MISSING_COLUMN
    assert refused("").reason is Reason.CUT
    assert Layout({"amount": "金额", "colour": "颜色"}).problems == ("at", "colour")
    assert Layout({"at": "a"}, Sign.COLUMNS).problems == ("income", "outcome")
    assert Layout({"at": "a", "amount": "b"}, Sign.DIRECTION).problems == ("direction",)
    with pytest.raises(ValueError):
        read("x", Layout({}))


def test_contradictions_are_refused():
    both = Layout({"at": "日期", "income": "收", "outcome": "支"}, Sign.COLUMNS)
    assert refused("日期,收,支\n2026-11-20,1,1\n", both).reason is Reason.DIRECTION
    word = Layout({"at": "日期", "amount": "金额", "direction": "方向"}, Sign.DIRECTION)
    assert refused("日期,金额,方向\n2026-11-20,1,?\n", word).reason is Reason.WORD
    balance = Layout({"at": "日期", "amount": "金额", "balance": "余额"})
    text = "日期,金额,余额\n2026-11-20,1,1\n2026-11-20,1,2\n2026-11-20,1,4\n"
    assert (refused(text, balance).reason, refused(text, balance).line) == (Reason.BALANCE, 4)
    account = Layout({"at": "日期", "amount": "金额", "account": "账号"})
    text = "日期,金额,账号\n2026-11-20,1,A\n2026-11-20,2,B\n"
    assert refused(text, account).reason is Reason.ACCOUNT


@given(
    st.lists(st.tuples(st.integers(-(10**11), 10**11), st.datetimes(datetime.datetime(2000, 1, 1))),
             max_size=20),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_every_movement_comes_back(moves, delimiter, charset, end):
    layout = Layout({"at": "日期", "amount": "金额", "key": "号", "balance": "余额"})
    total, lines = 0, [delimiter.join(("日期", "号", "金额", "余额"))]
    moves = [(fen, at.replace(microsecond=0)) for fen, at in moves]
    for number, (fen, at) in enumerate(moves):
        total += fen
        lines.append(delimiter.join((at.isoformat(" "), str(number), yuan(fen), yuan(total))))
    rows, bill = read(end.join([*lines, ""]).encode(charset), layout)
    assert [(row.amount, row.at) for row in rows] == moves
    assert bill.summary.income + bill.summary.outcome == total


def yuan(fen):
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
