"""A table of text and amounts as an XLSX file, row by row, however long."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import xlsxwriter


def write_sheet(
    title: str,
    facts: Sequence[tuple[str, str | Decimal]],
    headers: Sequence[str],
    rows: Iterable[Sequence[str | Decimal | datetime | None]],
) -> bytes:
    """Return an XLSX file.

    :param title: first line
    :param facts: label and value, one a line, below the title
    :param headers: of the table
    :param rows: of the table; text is never read as a formula, amounts have two decimals
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    formats = {
        Decimal: book.add_format({"num_format": "#,##0.00"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    sheet.set_column(0, max(len(headers) - 1, 1), 18)
    sheet.write_string(0, 0, title, bold)
    for at, (label, value) in enumerate(facts, 1):
        sheet.write_string(at, 0, label)
        _write(sheet, at, 1, value, formats)
    top = len(facts) + 2
    for column, header in enumerate(headers):
        sheet.write_string(top, column, header, bold)
    for at, row in enumerate(rows, top + 1):
        for column, value in enumerate(row):
            _write(sheet, at, column, value, formats)
    book.close()
    return out.getvalue()


def _write(sheet, at: int, column: int, value, formats) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(at, column, value, formats[datetime])
    elif isinstance(value, Decimal):
        sheet.write_number(at, column, value, formats[Decimal])
    else:
        sheet.write_string(at, column, value)
