"""Amounts, counts and times as bills write them, exactly or not at all."""

from datetime import datetime

import pytest
from channel_reconcile.core.bill import Kind, Row
from channel_reconcile.core.values import count, fee_units, fen, masked_card, moment, plain_name
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0.01", 1), ("-0.05", -5), ("1299.02", 129902), ("1,234,567.8", 123456780), ("0", 0),
        ("+3", 300), (".5", 50), ("7.", 700), ("１，２３４．５０", 123450), ("－3.20", -320),
        ("−3.20", -320), ("(3.20)", -320), ("（3.20）", -320), ("3.20-", -320), ("¥3.2", 320),
        ("￥1,000.00元", 100000), ("3.2000", 320), (" 3.20\t", 320), ("-1,000.00", -100000),
        ("CNY 5.00", 500), ("9999999999999.99", 999999999999999),
    ],
)  # fmt: skip
def test_yuan_as_fen(text, found):
    assert fen(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "-", "x", "1.234", "0.005", "1e3", "1_000.00", "12,34.00", "1,0000.00", "--3", "(-3)",
     "-3-", "3.2.1", "nan", "inf", "٣.٢٠", "1 元 2", "99999999999999999.00", "0x10", "."],
)  # fmt: skip
def test_what_is_no_amount(text):
    with pytest.raises(ValueError):
        fen(text)


@given(st.integers(-(10**14), 10**14), st.booleans())
def test_every_fen_comes_back(amount, grouped):
    whole = f"{abs(amount) // 100:{',' if grouped else ''}}.{abs(amount) % 100:02d}"
    assert fen(f"-{whole}" if amount < 0 else whole) == amount
    assert fen(f"({whole})") == -abs(amount)


@given(st.integers(-(10**12), 10**12))
def test_every_thousandth_of_a_fen_comes_back(amount):
    text = f"{'-' if amount < 0 else ''}{abs(amount) // 100_000}.{abs(amount) % 100_000:05d}"
    assert fee_units(text) == amount
    with pytest.raises(ValueError):
        fee_units(text + "1")


@pytest.mark.parametrize(
    ("fee", "found"), [(499, 0), (500, 1), (1499, 1), (-500, -1), (-499, 0), (7_790_000, 7790)]
)
def test_a_fee_in_whole_fen(fee, found):
    assert Row(1, Kind.FEE, datetime(2026, 1, 1), "", "k", fee=fee).fee_fen == found


def test_counts():
    assert (count("3"), count("20.0"), count("1,024")) == (3, 20, 1024)
    for text in ("1.5", "-1", "", "x"):
        with pytest.raises(ValueError):
            count(text)


@pytest.mark.parametrize(
    "text",
    ["2026-11-20 09:05:07", "2026/11/20 9:05:07", "20261120 09:05:07", "20261120090507",
     "2026年11月20日 09:05:07", "2026-11-20T09:05:07", "２０２６-11-20 09:05:07", "2026.11.20 9:05:07",
     "2026-11-20 09:05:07.123", " 2026/11/20  9:05:07 "],
)  # fmt: skip
def test_times(text):
    assert moment(text) == datetime(2026, 11, 20, 9, 5, 7)


def test_a_day_is_its_midnight():
    for text in ("2026-11-20", "20261120", "2026年11月20日", "2026/11/20 0:00"):
        assert moment(text) == datetime(2026, 11, 20)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-02-30 00:00:00", "2026-11-20 24:00:01", "20261120 9", "45981.5", "合计"],
)
def test_what_is_no_time(text):
    with pytest.raises(ValueError):
        moment(text)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(
        lambda t: t.replace(microsecond=0)
    )
)
def test_every_second_comes_back(at):
    assert moment(at.isoformat(" ")) == moment(f"{at:%Y%m%d%H%M%S}") == at


@pytest.mark.parametrize(
    "header",
    ["收支金额(元)", "收支金额（元）", " 收支 金额 ", "`收支金额", "\ufeff收支金额", "收支金额（+元）",
     "收支金额[ Amount ]"],
)  # fmt: skip
def test_headers_are_the_same_in_every_width(header):
    assert plain_name(header) == "收支金额"


def test_cards_are_masked():
    assert masked_card("6222000000001234567 ") == "622200*********4567"
    assert masked_card("6222****1234") == "6222****1234"
