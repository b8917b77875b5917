"""Random transactions, written as each source writes them, come back from the file."""

import io
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from channel_reconcile.core import detect
from channel_reconcile.core.bill import Given, Kind
from hypothesis import given
from hypothesis import strategies as st
from simulators import bill_files as files
from simulators.bill_files import DAY

NOW = Given(day=DAY)
PAYMENT, REFUND, INCOME, EXPENSE = Kind.PAYMENT, Kind.REFUND, Kind.INCOME, Kind.EXPENSE
TITLES = st.text('茶叶礼盒A1 ,;"-()（）&<>#合计', max_size=12)


@st.composite
def transactions(draw, whole_fees=True, least=0):
    """Payments and refunds with keys of their own, in time."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(1, 10**9), st.integers(0, 99), st.integers(0, 1000), st.booleans(),
                st.integers(0, 5000), TITLES,
            ),
            min_size=least,
            max_size=9,
        )
    )  # fmt: skip
    found, at = [], datetime(DAY.year, DAY.month, DAY.day)
    for index, (gross, percent, fee, is_refund, wait, title) in enumerate(drawn):
        at += timedelta(seconds=wait)
        coupon = gross * percent // 100
        fee = min(fee * 777, (gross - coupon) * 1000)
        fee = fee // 1000 * 1000 if whole_fees else fee
        trade = files.Trade(f"42000000000000{index:014d}", f"S{index}", at, gross, coupon, fee,
                            title=f"x{title}")  # fmt: skip
        if is_refund:
            trade = replace(trade, refund_ref=f"50300000000000{index:014d}", refund_own=f"R{index}")
        found.append(trade)
    return found


def read(content, given=NOW):
    data = content if isinstance(content, bytes) else b"".join(content)
    reading = detect.read(io.BytesIO(data), given)
    rows = list(reading)
    return rows, reading.bill


def essence(row):
    """What two sides of a comparison must agree on."""
    return (row.kind, row.at, row.ref, row.own, row.refund_ref, row.refund_own, row.amount,
            row.gross, row.fee)  # fmt: skip


def titles(rows):
    return [row.memo.strip() for row in rows]


def assert_summary(bill, expected):
    amounts = [each[6] for each in expected]
    assert bill.summary.rows == len(expected)
    assert bill.summary.income == sum(amount for amount in amounts if amount > 0)
    assert bill.summary.outcome == sum(amount for amount in amounts if amount < 0)
    assert bill.summary.fee == sum(each[8] for each in expected)
    assert len(bill.told.digest) >= 64


def trade(row, **changes):
    """A transaction as a row: the channel's words for it, all signs from our side."""
    row = replace(row, **changes)
    return (REFUND if row.is_refund else PAYMENT, row.at, row.ref, row.own, row.refund_ref,
            row.refund_own, row.signed, row.signed_gross, row.signed_fee)  # fmt: skip


# -- WeChat Pay ---------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["all", "success", "refund", "legacy"])
@given(st.data())
def test_wechat_trade_bills(variant, data):
    made = data.draw(transactions(whole_fees=False))
    bom, end = data.draw(st.booleans()), data.draw(st.sampled_from(["\n", "\r\n"]))
    rows, bill = read(files.wechat(made, variant, bom=bom, end=end))
    if variant == "success":
        made = [row for row in made if not row.is_refund]
    elif variant == "refund":
        made = [row for row in made if row.is_refund]
    elif variant == "legacy":  # its one amount is the order's; of a refund what was paid back
        made = [
            replace(row, gross=row.net, coupon=0) if row.is_refund else replace(row, coupon=0)
            for row in made
        ]
    expected = [trade(row) for row in made]
    assert [essence(row) for row in rows] == expected
    assert titles(rows) == [row.title.strip() for row in made]
    assert (bill.format, bill.told.variant) == ("wechat.trade", variant)
    assert bill.told.account == (files.MERCHANT if made else "")
    assert_summary(bill, expected)
    assert bill.told.totals["count"] == len(made)
    for row in rows:
        assert row.extra["付款银行"] == "OTHERS"
        assert row.status == ("PROCESSING" if row.kind is REFUND else "SUCCESS")
        assert row.key == (row.refund_ref or row.ref)


@given(transactions(), st.booleans(), st.sampled_from(["{}", "{}.0"]), st.integers(0, 10**10))
def test_wechat_fund_flow(made, wide, counts, opening):
    rows, bill = read(files.wechat_funds(made, opening, wide=wide, counts=counts))
    expected = []
    for row in made:
        ref, own = row.refund_ref or row.ref, row.refund_own or row.own
        kind = REFUND if row.is_refund else PAYMENT
        expected.append(
            (kind, row.at, ref, own, "", "", row.signed,
             row.signed_gross if row.is_refund else row.signed,
             row.signed_fee if row.is_refund else 0)
        )  # fmt: skip
        if row.fee and not row.is_refund:
            fee = -row.fee // 1000
            expected.append((Kind.FEE, row.at, ref, own, "", "", fee, fee, 0))
    assert [essence(row) for row in rows] == expected
    assert_summary(bill, expected)
    assert bill.format == "wechat.funds"
    if rows:
        assert bill.told.opening == opening
        assert bill.told.closing == rows[-1].balance == opening + sum(e[6] for e in expected)


# -- Alipay -------------------------------------------------------------------------------------


@given(transactions(), st.booleans(), st.sampled_from(["\t", "", "  \t"]))
def test_alipay_details_unpacked(made, wide, guard):
    rows, bill = read(files.alipay_trade(made, wide=wide, guard=guard))
    expected = [
        (REFUND if row.is_refund else PAYMENT, row.at, row.ref, row.own, "", row.refund_own,
         row.signed, row.signed_gross, row.signed_fee)
        for row in made
    ]  # fmt: skip
    assert [essence(row) for row in rows] == expected
    assert titles(rows) == [row.title.strip() for row in made]
    assert (bill.format, bill.told.account) == ("alipay.trade", files.ALIPAY)
    assert bill.told.start == datetime(2026, 11, 20) and bill.told.end == datetime(2026, 11, 21)
    assert_summary(bill, expected)
    assert len({row.key for row in rows}) == len(rows)


@given(transactions(), st.booleans())
def test_alipay_archive_in_either_order(made, summary_first):
    packed = files.alipay_zip(made, summary_first=summary_first).getvalue()
    rows, bill = read(packed)
    plain, unpacked = read(files.alipay_trade(made))
    assert [row[1:] for row in rows] == [row[1:] for row in plain]
    assert bill.told.digest == unpacked.told.digest  # the same content, packed or not
    assert bill.ignored == ()


@given(transactions(), st.booleans(), st.booleans(), st.integers(0, 10**10))
def test_alipay_account_bill(made, wide, newest_first, opening):
    rows, bill = read(files.alipay_account(made, opening, wide=wide, newest_first=newest_first))
    expected = []
    for row in made:
        expected.append((REFUND if row.is_refund else PAYMENT, row.at, row.ref, row.own,
                         row.signed))  # fmt: skip
        if row.fee and not row.is_refund:
            expected.append((Kind.FEE, row.at, row.ref, row.own, -row.fee // 1000))
    if newest_first:
        expected.reverse()
    assert [(row.kind, row.at, row.ref, row.own, row.amount) for row in rows] == expected
    if rows and (rows[0].at != rows[-1].at or not newest_first):  # else only balances tell
        assert bill.told.opening == opening
        assert bill.told.closing == opening + sum(each[4] for each in expected)


# -- UnionPay, POS ------------------------------------------------------------------------------


@given(
    transactions(), st.sampled_from(["茶铺", "A茶铺B", "", "一二三四五六七八九十一二三四五六七八"])
)
def test_unionpay_is_cut_by_bytes(made, shop):
    rows, bill = read(files.unionpay(made, shop=shop)) if made else ([], None)
    for row, source in zip(rows, made, strict=True):
        key = (source.refund_ref or source.ref)[-21:]
        assert (row.kind, row.at, row.own) == (
            REFUND if source.is_refund else PAYMENT, source.at, source.own,
        )  # fmt: skip
        assert (row.amount, row.fee, row.key) == (source.signed, source.signed_fee, key)
        assert (row.ref, row.refund_ref) == (source.ref[-21:], key if source.is_refund else "")
        assert row.account == files.BANK and row.party == "622200*********1234"
        assert row.extra.get("二级商户简称", "") == shop[:16]
    if made:
        assert bill.format == "unionpay"
        assert (bill.told.start, bill.told.end) == (
            datetime(2026, 11, 19, 23), datetime(2026, 11, 20, 23),
        )  # fmt: skip


@given(transactions(least=1))
def test_unionpay_flow_and_adjustments_in_one_archive(made):
    packed = files.packed([
        (f"INN{DAY:%y%m%d}88ZME_{files.BANK}", files.unionpay_errors(made)),
        (f"INN{DAY:%y%m%d}88ZM_{files.BANK}", files.unionpay(made)),
        ("readme.txt", [b"whatever"]),
    ])  # fmt: skip
    rows, bill = read(packed.getvalue(), Given())  # the day is in the names
    errors = [row for row in rows if row.kind is Kind.ADJUSTMENT]
    assert len(rows) == 2 * len(errors) == 2 * len(made)
    assert [row.amount for row in errors] == [row.signed for row in made]
    assert bill.ignored == ("readme.txt",)


@given(
    transactions(), st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]), st.booleans(),
    st.permutations(files.POS.split(",")),
)  # fmt: skip
def test_pos_slips_in_any_order_of_columns(made, charset, signed, order):
    if charset == "utf-8-sig":
        data = b"\xef\xbb\xbf" + b"".join(files.pos(made, charset="utf-8", order=",".join(order)))
    else:
        data = files.pos(made, charset=charset, signed=signed, order=",".join(order))
    rows, bill = read(data)
    for row, source in zip(rows, made, strict=True):
        assert (row.kind, row.at, row.own) == (
            REFUND if source.is_refund else PAYMENT, source.at, source.own,
        )  # fmt: skip
        assert (row.amount, row.gross, row.fee) == (
            source.signed, source.signed_gross, source.signed_fee,
        )  # fmt: skip
        assert row.extra["终端号"] == "T0000001" and row.memo == source.title.strip()
        told = "".join(map(str, (*row[:-1], *row.extra.values())))
        assert "张三" not in told and "330106199001010011" not in told
        assert "6222000000001234567" not in told
    assert bill.format == "pos"


# -- banks --------------------------------------------------------------------------------------


def assert_bank(rows, bill, made, opening):
    expected = [(INCOME if r.signed >= 0 else EXPENSE, r.at, r.signed) for r in made]
    assert [(row.kind, row.at, row.amount) for row in rows] == expected
    if made[0].at < made[-1].at:  # else only balances tell which row is the oldest
        closing = opening + sum(row.signed for row in made)
        assert (bill.told.opening, bill.told.closing) == (opening, closing)
    assert len({row.key for row in rows}) == len(rows)


@given(transactions(least=2), st.booleans(), st.booleans(), st.integers(0, 10**10))
def test_abchina_text(made, detailed, newest_first, opening):
    table = files.abchina(made, opening, detailed=detailed, newest_first=newest_first)
    rows, bill = read(files.abchina_csv(table))
    assert_bank(rows, bill, made[::-1] if newest_first else made, opening)
    assert bill.told.variant == ("detailed" if detailed else "simple")
    assert bill.told.account == files.ABC_ACCOUNT
    assert bill.told.totals["收入金额"] == sum(r.net for r in made if not r.is_refund)


@given(transactions(least=1), st.booleans(), st.booleans())
def test_abchina_workbook_with_numbers(made, detailed, numbers):
    table = files.abchina(made, detailed=detailed)
    numeric = ("收入金额", "支出金额", "账户余额") if numbers else ()
    rows, bill = read(files.xls(table, numeric))
    assert_bank(rows, bill, made, 2_000_000)


@given(transactions(least=1), st.integers(-(10**6), 10**9))
def test_camt(made, opening):
    rows, bill = read(files.camt(made, opening))
    for row, source in zip(rows, made, strict=True):
        assert (row.at, row.amount, row.own) == (source.at, source.signed, source.own)
        assert (row.memo, row.party) == (source.title.strip(), "某客户")
    assert (bill.told.opening, bill.told.account) == (opening, "6222000011112222")
    assert bill.told.closing == opening + sum(row.amount for row in rows)


@given(transactions(least=1), st.integers(-(10**6), 10**9), st.integers(1, 4))
def test_mt940_with_several_statements(made, opening, size):
    rows, bill = read(files.mt940(made, opening, size))
    for row, source in zip(rows, made, strict=True):
        assert (row.at.date(), row.amount, row.own) == (
            source.at.date(), source.signed, source.own,
        )  # fmt: skip
    assert (bill.told.opening, bill.told.account) == (opening, "6222000011112222")
    assert bill.told.closing == opening + sum(row.amount for row in rows)
    assert len({row.key for row in rows}) == len(rows)


# -- Douyin -------------------------------------------------------------------------------------


@given(transactions(), st.booleans())
def test_douyin_settlement_of_both_generations(made, newer):
    rows, bill = read(files.douyin(made, newer=newer)) if made else ([], None)
    for row, source in zip(rows, made, strict=True):
        assert row.kind is (REFUND if source.is_refund else Kind.SETTLEMENT)
        assert (row.at, row.own, row.amount, row.fee) == (
            source.at, source.own, source.signed, source.signed_fee,
        )  # fmt: skip
        assert row.extra["子订单号"] == f"{source.own}1"
    assert len({row.key for row in rows}) == len(rows)
    assert not made or bill.told.variant == ("newer" if newer else "older")


@given(transactions(), st.integers(0, 10**9))
def test_douyin_fund_flow(made, opening):
    rows, bill = read(files.douyin_funds(made, opening))
    for row, source in zip(rows, made, strict=True):
        assert (row.at, row.own, row.amount) == (source.at, source.own, source.signed)
        assert row.kind is (REFUND if source.is_refund else Kind.SETTLEMENT)
    if rows:
        assert bill.told.closing == opening + sum(row.amount for row in rows)
