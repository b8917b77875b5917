"""Rows of cells: CSV as text in constant memory, workbooks (XLS, XLSX) within stricter limits."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import xlrd
from openpyxl import load_workbook

from odoo.addons.channel_network.core.table import MAX_UNPACKED, cell_text

from .bill import Reason, Refused
from .source import HEAD, MAX_COLUMNS, Content, Part, charset, head
from .values import plain_name

MAX_WORKBOOK = 32 * 1024 * 1024  # a workbook is held whole: 65,536 rows of XLS are 20 MB
PEEKED = 12
_XLS, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


class Table:
    """The rows of a part with their line in the file; ``digest`` when all have been read."""

    def __init__(self, part: Part, encoding: str = "", delimiter: str = "") -> None:
        """:param delimiter: of CSV; without it, what the first line has most of"""
        self._part, self._delimiter = part, delimiter
        self._content = Content(part, encoding)
        self.is_workbook = is_workbook(head(part))

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes read so far."""
        return self._content.digest

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """:raises Refused: for a file that cannot be read, or is larger than allowed"""
        return self._workbook() if self.is_workbook else self._csv()

    def _csv(self) -> Iterator[tuple[int, list[str]]]:
        lines = self._content.lines()
        first = next(lines, "")
        delimiter = self._delimiter or max(",\t;", key=first.count)
        reader = csv.reader(_with_ends(first, lines), delimiter=delimiter)
        line = 1
        try:
            for cells in reader:
                if len(cells) > MAX_COLUMNS:
                    raise Refused(Reason.TOO_MANY_COLUMNS, line, value=len(cells))
                yield line, [cell.strip().removeprefix("'") for cell in cells]
                line = reader.line_num + 1
        except csv.Error as error:
            raise Refused(Reason.UNREADABLE, line, part=self._part.name) from error

    def _workbook(self) -> Iterator[tuple[int, list[str]]]:
        size = 0
        for block in self._content.blocks():
            size += len(block)
            if size > MAX_WORKBOOK:
                raise Refused(Reason.TOO_LARGE, part=self._part.name)
        read = _xls if head(self._part).startswith(_XLS) else _xlsx
        rows = read(self._part)
        line = 0
        while True:
            line += 1
            try:
                cells = next(rows, None)
            except Refused:
                raise
            except Exception as error:  # libraries raise whatever a broken file makes them raise
                raise Refused(Reason.UNREADABLE, line, part=self._part.name) from error
            if cells is None:
                return
            yield line, cells


def _with_ends(first: str, lines: Iterable[str]) -> Iterator[str]:
    yield first + "\n"
    for line in lines:
        yield line + "\n"


def is_workbook(beginning: bytes) -> bool:
    """By content: XLS is a compound file, XLSX a ZIP (bills in a ZIP are parts by now)."""
    return beginning.startswith((_XLS, _ZIP))


def _xls(part: Part) -> Iterator[list[str]]:
    book = xlrd.open_workbook(file_contents=part.open().read(), on_demand=True)
    sheet = book.sheet_by_index(0)
    if sheet.ncols > MAX_COLUMNS:
        raise Refused(Reason.TOO_MANY_COLUMNS, value=sheet.ncols)
    for number in range(sheet.nrows):
        yield [
            cell_text(
                xlrd.xldate_as_datetime(cell.value, book.datemode)
                if cell.ctype == xlrd.XL_CELL_DATE
                else f"#{xlrd.error_text_from_code.get(cell.value)}"
                if cell.ctype == xlrd.XL_CELL_ERROR
                else cell.value
            )
            for cell in sheet.row(number)
        ]


def _xlsx(part: Part) -> Iterator[list[str]]:
    with zipfile.ZipFile(part.open()) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise Refused(Reason.TOO_LARGE, part=part.name)
    book = load_workbook(part.open(), read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        width = min(sheet.max_column or MAX_COLUMNS, MAX_COLUMNS)
        for row in sheet.iter_rows(values_only=True, max_col=width):
            yield [cell_text(value) for value in row]
    finally:
        book.close()


def peek(part: Part) -> list[list[str]]:
    """The first rows of a part as plain names; none for what is no table.

    What is damaged further down is told when it is read.
    """
    beginning = head(part)
    if is_workbook(beginning):
        rows: Iterable[Sequence[str]] = (cells for _line, cells in islice(Table(part), PEEKED))
    else:
        whole = beginning if len(beginning) < HEAD else beginning[: beginning.rfind(b"\n") + 1]
        found = next((line for line in whole.split(b"\n") if not line.isascii()), b"")
        text = whole.decode(charset(found), errors="replace")
        lines = [line for line in text.split("\n")[:PEEKED] if line]
        rows = (
            next(csv.reader([line], delimiter=max(",\t;", key=line.count)), []) for line in lines
        )
    try:
        return [[plain_name(cell) for cell in row[:MAX_COLUMNS]] for row in rows]
    except csv.Error:
        return []


def header_at(
    rows: Iterator[tuple[int, list[str]]], found: Callable[[list[str]], bool], limit: int = PEEKED
) -> tuple[int, list[str], list[tuple[int, list[str]]]]:
    """(line, header, rows above it) of the first row that is a header.

    :param found: asked with plain names
    :raises Refused: when none of the first rows is
    """
    above = []
    for line, cells in islice(rows, limit):
        if found([plain_name(cell) for cell in cells]):
            return line, cells, above
        above.append((line, cells))
    raise Refused(Reason.UNKNOWN)
