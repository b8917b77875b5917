import io
from datetime import datetime
from decimal import Decimal

from channel_deposit.core.sheet import write_sheet
from openpyxl import load_workbook


def test_text_is_never_a_formula_and_amounts_are_numbers():
    moment = datetime(2026, 3, 15, 8, 30)
    data = write_sheet(
        "=1+1",
        [("Opening", Decimal("10.05"))],
        ["What", "When", "Amount"],
        [["=cmd()", moment, Decimal("-0.01")], ["", None, Decimal("0.00")]],
    )
    sheet = load_workbook(io.BytesIO(data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "=1+1"
    assert rows[1][:2] == ("Opening", 10.05)
    assert rows[3] == ("What", "When", "Amount")
    assert rows[4] == ("=cmd()", moment, -0.01)
    assert rows[5] == (None, None, 0)
    assert {sheet["A1"].data_type, sheet["A5"].data_type} == {"s"}
    assert sheet["C5"].number_format == "#,##0.00"
