"""What the columns of an unknown table may mean."""

import io

import pytest
from channel_reconcile.core.mapping import Sign
from channel_reconcile.core.propose import propose
from channel_reconcile.core.source import parts


def proposed(text):
    found = propose(parts(io.BytesIO(text.encode()))[0])
    return found.skip, found.sign, {name: meaning for name, _value, meaning in found.columns}


def test_a_header_below_a_title():
    skip, sign, columns = proposed(
        "账户明细,,\n导出时间,2026-11-20,\n日期,借方发生额,贷方发生额\n2026-11-20,1.00,\n"
    )
    assert (skip, sign) == (2, Sign.COLUMNS)
    assert columns == {"日期": "at", "借方发生额": "outcome", "贷方发生额": "income"}


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ("交易时间,金额,收/支", Sign.DIRECTION),
        ("Date,Amount,Description", Sign.SIGNED),
    ],
)
def test_what_tells_the_sign(header, sign):
    assert proposed(f"{header}\n2026-11-20,1.00,x\n")[1] is sign


def test_a_meaning_is_given_once_and_the_exact_name_first():
    columns = proposed("交易日期,记账日期,交易金额,金额\n2026-11-20,2026-11-21,1.00,2.00\n")[2]
    assert columns == {"交易日期": "at", "记账日期": "", "交易金额": "amount", "金额": ""}


@pytest.mark.parametrize("text", ["", "one\n", "a,b\nc,d\n", "1,2\n3,4\n"])
def test_no_table(text):
    assert proposed(text)[2] == {}
