"""A spreadsheet or a text file as rows of text, and back as a template."""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
_EXACT = 2**53


class TableError(ValueError):
    """A file that cannot be read as a table. ``code``: too_large, too_many, unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_table(
    data: bytes, *, max_bytes: int | None = None, max_rows: int | None = None
) -> list[list[str]]:
    """The rows of an XLSX or CSV file, told apart by content.

    :param max_bytes: without it ``MAX_BYTES``; ``max_rows``: without it ``MAX_ROWS``
    :raises TableError: when it is too large or neither of the two
    """
    if len(data) > (max_bytes or MAX_BYTES):
        raise TableError("too_large")
    read = _read_xlsx if data[:4] == b"PK\x03\x04" else _read_csv
    rows = read(data, max_rows or MAX_ROWS)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _read_xlsx(data: bytes, max_rows: int) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
                raise TableError("too_large")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(
                values_only=True,
                # a file may claim columns without end: none are made up for it
                max_col=min(sheet.max_column or MAX_COLUMNS, MAX_COLUMNS),
            )
            return _capped(([cell_text(value) for value in row] for row in rows), max_rows)
        finally:
            book.close()
    except TableError:
        raise
    except Exception as error:  # the library raises whatever a broken file makes it raise
        raise TableError("unreadable") from error


def _read_csv(data: bytes, max_rows: int) -> list[list[str]]:
    text = _decode(data)
    if "\x00" in text:
        raise TableError("unreadable")
    head = text[:4096].partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = ([cell.strip().lstrip("'") for cell in row[:MAX_COLUMNS]] for row in reader)
        return _capped(rows, max_rows)
    except csv.Error as error:
        raise TableError("unreadable") from error


def _decode(data: bytes) -> str:
    """Text of a file as Chinese offices save them: by its mark, else UTF-8, else GBK."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError("unreadable")


def _capped(rows: Iterable[list[str]], max_rows: int) -> list[list[str]]:
    kept: list[list[str]] = []
    for row in rows:
        kept.append(row)
        if len(kept) > max_rows + 1:
            raise TableError("too_many")
    return kept


def cell_text(value: object) -> str:
    """A cell as people see it. A number beyond 2^53 has lost digits: it stays in figures, so
    that an id read from it is refused.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        if abs(value) >= _EXACT:
            return f"{value:E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, datetime.date):
        return value.strftime("%Y-%m-%d")
    return str(value).strip()


def write_xlsx(rows: Iterable[Iterable[str]], bold: int = 1) -> bytes:
    """A workbook with text cells; the first ``bold`` rows stand out."""
    book = Workbook()
    sheet = book.active
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)
            cell.number_format = "@"  # ids stay text when people fill it in
            if number <= bold:
                cell.font = Font(bold=True)
                sheet.column_dimensions[cell.column_letter].width = 18
    sheet.freeze_panes = "A2"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
