"""The exported file in each of its variants, back to the rows it was written from."""

import csv
import io
from dataclasses import replace

import pytest
from channel_intake.core.reading import utc_seconds
from channel_network.core.table import TableError, read_table
from channel_platform_settlement.core import sheet
from channel_platform_settlement.core.douyin import local
from channel_platform_settlement.core.settlement import (
    FEES,
    INCOME,
    Identities,
    Kind,
    Settlement,
    kind_of,
)
from hypothesis import given
from hypothesis import strategies as st

OLDER = (
    "结算时间", "订单号", "子订单号", "结算金额", "结算账户", "结算单类型", "有结算前退款", "下单时间",
    "收入合计", "支出合计", "平台服务费", "达人佣金",
)  # fmt: skip
NEWER = (
    "动账时间", "动帐流水号", "动账方向", "动账金额", "动账账户", "动账场景", "计费类型", "子订单号",
    "订单号", "订单实付应结", "运费实付", "实际平台补贴", "订单退款", "平台服务费", "佣金",
    "招商服务费", "站外推广费", "备注",
)  # fmt: skip
WHEN = "2026-11-20 10:00:00"


def yuan(fen, thousands=False):
    return (
        f"{'-' if fen < 0 else ''}{abs(fen) // 100:{',' if thousands else ''}}.{abs(fen) % 100:02d}"
    )


def write(headers, rows, encoding="utf-8-sig", explained=False):
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(headers)
    if explained:
        writer.writerow(["收入+支出" if "金额" in header else " " for header in headers])
    writer.writerows([row.get(header, "") for header in headers] for row in rows)
    return target.getvalue().encode(encoding)


def read(data):
    return sheet.read_sheet(read_table(data))


def newer(**changes):
    """A settled order of 100.00 with 5.00 of fee and 20.00 of commission."""
    row = {
        "动账时间": WHEN, "动帐流水号": "'900001", "动账方向": "入账", "动账金额": "75.00",
        "动账账户": "微信", "动账场景": "订单结算", "子订单号": "'6920000000000000011",
        "订单号": "'692000000000000001", "订单实付应结": "94.00", "运费实付": "6.00",
        "实际平台补贴": "0", "订单退款": "0.00", "平台服务费": "-5.00", "佣金": "-20.00",
    }  # fmt: skip
    return row | changes


def older(**changes):
    row = {
        "结算时间": WHEN, "订单号": "'692000000000000001", "子订单号": "'6920000000000000011",
        "结算金额": "97.02", "结算账户": "聚合账户", "结算单类型": "已结算", "收入合计": "109.00",
        "支出合计": "11.98", "平台服务费": "5.45", "达人佣金": "6.53",
    }  # fmt: skip
    return row | changes


# -- examples ---------------------------------------------------------------------------------


def test_the_older_export_with_its_explanation():
    found = read(write(OLDER, [older()], explained=True))
    [row] = found.rows
    assert not found.errors and not found.unknown
    assert (row.order_ref, row.line_ref) == ("692000000000000001", "6920000000000000011")
    assert (row.amount, row.income, row.platform_fee, row.commission) == (9702, 10900, 545, 653)
    assert (row.kind, row.settled_at) == (Kind.SETTLED, utc_seconds(WHEN))


@pytest.mark.parametrize(
    ("income", "outcome", "fee", "refunded"),
    [("0", "8.00", "0", -800), ("-10.00", "-2.00", "-2.00", -1000), ("-10", "2", "2", -1000)],
)
def test_a_refund_after_settlement_is_a_refund_in_every_convention(income, outcome, fee, refunded):
    row = older(结算金额="-8", 收入合计=income, 支出合计=outcome, 平台服务费=fee, 达人佣金="0",
                结算单类型="结算后退款-原路退回")  # fmt: skip
    [found] = read(write(OLDER, [row])).rows
    assert (found.kind, found.refunded, found.amount) == (Kind.REFUND, refunded, -800)
    assert (found.platform_fee, found.fees) == (refunded + 800, refunded + 800)


def test_the_newer_export():
    [row] = read(write(NEWER, [newer()])).rows
    assert (row.number, row.paid, row.platform_fee, row.commission) == ("900001", 10000, 500, 2000)
    assert (row.income, row.fees, row.amount) == (10000, 2500, 7500)


def test_columns_are_found_by_name_and_unknown_ones_are_kept():
    headers = [*reversed(NEWER), "达人抖音号"]
    headers[headers.index("动账金额")] = "动账金额（元）"
    found = read(write(headers, [newer(**{"动账金额（元）": "75.00", "达人抖音号": "茶师傅"})]))
    assert found.rows[0].amount == 7500
    assert (found.unknown, found.rows[0].extra) == (("达人抖音号",), {"达人抖音号": "茶师傅"})


@pytest.mark.parametrize(
    ("words", "bucket"),
    [
        ({"动账场景": "运费险扣款"}, "freight_insurance"),
        ({"动账场景": "其他", "备注": "小额打款"}, "small_payment"),
        ({"动账场景": "违规罚款"}, "fine"),
        ({"动账场景": "扣款"}, "other_sharing"),
    ],
)
def test_money_without_a_column_is_named_by_the_words_of_the_row(words, bucket):
    row = newer(动账方向="出账", 动账金额="3.50", 订单实付应结="0", 运费实付="0", 平台服务费="0",
                佣金="0", **words)  # fmt: skip
    [found] = read(write(NEWER, [row])).rows
    assert {name: getattr(found, name) for name in FEES if getattr(found, name)} == {bucket: 350}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("已结算", "settled"), ("部分结算", "settled"), ("结算后退款-非原路退回", "refund_other"),
        ("保证金退款-支出退回", "deposit"), ("极速退款分账", "refund"), ("达人佣金退款", "other"),
        ("结算重复扣款调账", "other"), ("提现", "other"),
    ],
)  # fmt: skip
def test_kinds_by_words(words, kind):
    assert kind_of(words) == kind


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"动账金额": "75.01"}, "sums", ""),
        ({"动账金额": "75.001"}, "amount", "动账金额"),
        ({"佣金": "x"}, "amount", "佣金"),
        ({"动账方向": "?"}, "direction", "动账方向"),
        ({"动账时间": "soon"}, "time", "动账时间"),
        ({"订单号": ""}, "missing", "订单号"),
        ({"子订单号": "6.92E+18"}, "id_as_number", "子订单号"),
        ({"订单号": "7E+18"}, "id_as_number", "订单号"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_reason(changes, code, column):
    found = read(write(NEWER, [newer(), newer(**changes)]))
    assert [(error.line, error.code, error.column) for error in found.errors] == [(3, code, column)]


def test_the_explanation_is_only_below_the_header():
    found = read(write(NEWER, [newer(), newer(动账时间="", 订单号="", 子订单号="")]))
    assert [(error.line, error.code) for error in found.errors] == [(3, "time")]


@pytest.mark.parametrize("header", ["动账时间", "动账金额", "订单号", "子订单号", "动账场景"])
def test_a_missing_column_is_named(header):
    found = read(write([name for name in NEWER if name != header], [newer()]))
    assert not found.rows
    assert [(error.line, error.code) for error in found.errors] == [(1, "missing_column")]
    assert header in found.errors[0].column.split(" / ")


def test_without_totals_and_direction_nothing_says_the_sign():
    headers = [name for name in OLDER if name != "支出合计"]
    assert [e.column for e in read(write(headers, [older()])).errors] == ["支出合计"]


def test_a_column_twice_is_refused():
    found = read(write([*NEWER, "佣金"], [newer()]))
    assert [error.code for error in found.errors] == ["double_column"]


def test_an_empty_file_is_refused():
    assert [error.code for error in read(write(NEWER, [])).errors] == ["empty"]
    assert [error.code for error in sheet.read_sheet([]).errors] == ["empty"]


def test_errors_are_capped():
    found = read(write(NEWER, [newer(佣金="x")] * (sheet.MAX_ERRORS + 5)))
    assert len(found.errors) == sheet.MAX_ERRORS


def test_size_is_capped_before_anything_is_read():
    data = write(NEWER, [newer()] * 30)
    with pytest.raises(TableError, match="too_many"):
        read_table(data, max_rows=29)
    with pytest.raises(TableError, match="too_large"):
        read_table(data, max_bytes=100)
    assert len(read_table(data, max_rows=30)) == 31


# -- round trip -------------------------------------------------------------------------------

fen = st.integers(0, 10**8)
back = st.integers(-(10**8), 0)


@st.composite
def newer_rows(draw):
    """A row that the newer export can tell."""
    refund = draw(st.booleans())
    fees = {name: draw(back if refund else fen)
            for name in ("platform_fee", "commission", "colonel_fee", "promotion")}  # fmt: skip
    income = {"paid": 0 if refund else draw(fen), "subsidy_platform": 0 if refund else draw(fen),
              "refunded": draw(back)}  # fmt: skip
    return _settlement(draw, refund, fees, income, number=draw(st.sampled_from(["901", "902"])))


@st.composite
def older_rows(draw):
    """A row that the older export can tell: income in one sum."""
    refund = draw(st.booleans())
    fees = {name: draw(back if refund else fen) for name in ("platform_fee", "commission")}
    income = {"refunded": draw(back)} if refund else {"other_income": draw(fen)}
    return _settlement(draw, refund, fees, income, number="")


def _settlement(draw, refund, fees, income, **values):
    return Settlement(
        order_ref=str(draw(st.integers(10**17, 10**18))),
        line_ref=str(draw(st.integers(10**17, 10**18))),
        kind=Kind.REFUND if refund else Kind.SETTLED,
        scene="结算后退款-原路退回" if refund else "已结算",
        settled_at=draw(st.integers(utc_seconds("2026-01-01"), utc_seconds("2026-12-31"))),
        amount=sum(income.values()) - sum(fees.values()),
        account="微信", **income, **fees, **values,
    )  # fmt: skip


def as_newer(row, sign, thousands, signed):
    money = {
        "订单实付应结": row.paid, "实际平台补贴": row.subsidy_platform,
        "订单退款": row.refunded * sign, "平台服务费": row.platform_fee * sign,
        "佣金": row.commission * sign, "招商服务费": row.colonel_fee * sign,
        "站外推广费": row.promotion * sign,
        "动账金额": row.amount if signed else abs(row.amount),
    }  # fmt: skip
    return {
        "动账时间": local(row.settled_at), "动帐流水号": "'" + row.number, "动账账户": row.account,
        "动账方向": "出账" if row.amount < 0 else "入账", "动账场景": row.scene,
        "子订单号": "'" + row.line_ref, "订单号": "'" + row.order_ref,
        **{name: yuan(amount, thousands) for name, amount in money.items()},
    }  # fmt: skip


def as_older(row, sign, thousands, _signed):
    money = {
        "结算金额": row.amount, "收入合计": row.income, "支出合计": row.fees * sign,
        "平台服务费": row.platform_fee * sign, "达人佣金": row.commission * sign,
    }  # fmt: skip
    return {
        "结算时间": local(row.settled_at), "订单号": "'" + row.order_ref, "子订单号": "'" + row.line_ref,
        "结算账户": row.account, "结算单类型": row.scene,
        **{name: yuan(amount, thousands) for name, amount in money.items()},
    }  # fmt: skip


@given(
    st.data(),
    st.sampled_from([(NEWER, newer_rows(), as_newer), (OLDER, older_rows(), as_older)]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from([1, -1]),
    *[st.booleans()] * 3,
)
def test_rows_come_back_from_every_variant(
    data, variant, encoding, sign, explained, thousands, signed
):
    headers, strategy, tell = variant
    rows = data.draw(st.lists(strategy, min_size=1, max_size=5))
    order = data.draw(st.permutations(headers))
    told = [tell(row, sign, thousands, signed) for row in rows]
    found = read(write(order, told, encoding, explained))
    assert not found.errors
    assert list(found.rows) == rows
    assert all(row.income - row.fees == row.amount for row in found.rows)


@given(newer_rows(), st.integers(1, 10**6))
def test_an_amount_that_is_off_is_always_refused(row, off):
    told = as_newer(row, 1, thousands=False, signed=True) | {"动账金额": yuan(row.amount + off)}
    told["动账方向"] = "出账" if row.amount + off < 0 else "入账"
    found = read(write(NEWER, [told]))
    fees = {-row.fees, row.fees}
    told_right = any(row.amount + off == row.income - fee for fee in fees)
    nothing = not any(getattr(row, name) for name in (*INCOME, *FEES))
    assert bool(found.errors) == (not told_right and not nothing)


# -- identity ---------------------------------------------------------------------------------


@given(st.lists(newer_rows(), max_size=6), st.integers(0, 5))
def test_a_row_is_the_same_in_every_source(rows, repeated):
    numbered = [replace(row, number=str(at)) for at, row in enumerate(rows)]
    twice = [*numbered[:repeated], *numbered]

    def known(some):
        known_by = Identities()
        return [known_by.of(row) for row in some]

    assert set(known(twice)) == set(known(numbered)), "a page told twice adds nothing"
    assert len(set(known(numbered))) == len(rows), "two movements are two, however alike"
    without = [replace(row, number="") for row in rows]
    assert known(without) == known(numbered), "an export without numbers tells the same"
