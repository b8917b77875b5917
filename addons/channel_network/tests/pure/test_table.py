"""Files as tables: what a stranger may upload."""

import io
import time

from channel_network.core.table import MAX_COLUMNS, read_table
from openpyxl import Workbook


def test_columns_without_end_are_not_read():
    book = Workbook()
    for row in range(1, 2001):
        book.active.cell(row, 1, "a")
    book.active.cell(1, 16384, "far")
    target = io.BytesIO()
    book.save(target)
    began = time.monotonic()
    rows = read_table(target.getvalue())
    assert {len(row) for row in rows} == {MAX_COLUMNS}
    assert time.monotonic() - began < 20
