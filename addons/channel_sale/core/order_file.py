"""An order from a table: rows of text in, lines and what is wrong with the others out.

One row is one product. Rows without a quantity are not ordered, so that a list of everything
that is offered can be filled in where something is wanted. Quantities are whole units of the
product's own unit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MAX_ROWS = 10_000
MAX_QUANTITY = 999_999
HEADER_ROWS = 10  # titles and remarks that may stand above the columns' names
SHOWN = 60

CODE = ("Product Code", "商品编码")
NAME = ("Product", "商品名称")
UNIT = ("Unit", "单位")
QUANTITY = ("Quantity", "数量")
_NAMES = {
    "code": (*CODE, "code", "sku", "sku code", "internal reference", "编码", "货号", "商品编号",
             "产品编码", "产品编号", "物料编码", "商家编码"),
    "barcode": ("barcode", "ean", "条码", "条形码", "商品条码"),
    "quantity": (*QUANTITY, "qty", "order quantity", "订货数量", "订购数量", "订单数量"),
}  # fmt: skip
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in a row; ``row`` counts as the spreadsheet does, 0 is the whole file.

    :ivar code: file: columns, empty, too_many; row: no_code, unknown, ambiguous, not_offered,
        quantity, negative, decimal, too_much, twice
    :ivar value: what stood there; for twice, the row that has the product already
    """

    row: int
    code: str
    product: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row that says how many of what."""

    row: int
    code: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read, before anything is known of the products."""

    wanted: tuple[Wanted, ...] = ()
    errors: tuple[RowError, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """The codes to look up, as ``fold`` writes them."""
        return frozenset(wanted.code for wanted in self.wanted)


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of a product."""

    row: int
    product: int
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderFile:
    """What a file orders, each product once, and what is wrong with the other rows."""

    lines: tuple[Line, ...] = ()
    errors: tuple[RowError, ...] = ()

    @property
    def bad_rows(self) -> int:
        """How many rows cannot be ordered."""
        return len({error.row for error in self.errors})


def fold(code: str) -> str:
    """A code as it is compared: full-width is half-width, case and blanks do not count."""
    plain = "".join(unicodedata.normalize("NFKC", code).split()).casefold()
    return unicodedata.normalize("NFKC", plain)


def read_sheet(table: Sequence[Sequence[str]]) -> Sheet:
    """Find the columns and read the rows below; only the columns of codes and quantities count."""
    start, columns = _columns(table)
    if columns is None:
        return Sheet(errors=(RowError(0, "columns" if any(map(any, table)) else "empty"),))
    rows = [
        (number, row)
        for number, row in enumerate(table[start:], start + 1)
        if any(map(str.strip, row))
    ]
    if len(rows) > MAX_ROWS:
        return Sheet(errors=(RowError(0, "too_many", value=str(len(rows))),))
    wanted: list[Wanted] = []
    errors: list[RowError] = []
    for number, row in rows:
        found = _read_row(number, row, columns)
        if isinstance(found, Wanted):
            wanted.append(found)
        elif found:
            errors.append(found)
    if not wanted and not errors:
        errors.append(RowError(0, "empty"))
    return Sheet(tuple(wanted), tuple(errors))


def match(sheet: Sheet, known: Mapping[str, Iterable[int]], offered: Iterable[int]) -> OrderFile:
    """Put products to the codes.

    :param known: folded code -> products that have it
    :param offered: products that may be ordered at all
    """
    offered = frozenset(offered)
    lines: dict[int, Line] = {}
    errors = list(sheet.errors)
    for wanted in sheet.wanted:
        products = tuple(known.get(wanted.code, ()))
        choice = tuple(product for product in products if product in offered)
        if len(choice) != 1:
            code = "ambiguous" if choice else "not_offered" if products else "unknown"
            errors.append(RowError(wanted.row, code, wanted.code))
        elif choice[0] in lines:
            errors.append(RowError(wanted.row, "twice", wanted.code, str(lines[choice[0]].row)))
        else:
            lines[choice[0]] = Line(wanted.row, choice[0], wanted.quantity)
    return OrderFile(tuple(lines.values()), tuple(sorted(errors, key=lambda error: error.row)))


def parse_quantity(text: str) -> int | str:
    """Whole units as people write them, or the code of what is wrong; 0 for nothing wanted.

    >>> parse_quantity("１，２００"), parse_quantity("12.0"), parse_quantity("1.5")
    (1200, 12, 'decimal')
    """
    number = "".join(unicodedata.normalize("NFKC", text).split())
    if not number:
        return 0
    if _GROUPED.fullmatch(number):
        number = number.replace(",", "")
    if not _NUMBER.fullmatch(number):
        return "quantity"
    whole, _point, rest = number.lstrip("+-").partition(".")
    if rest.strip("0"):
        return "decimal"
    digits = whole.lstrip("0")
    if digits and number.startswith("-"):
        return "negative"
    if len(digits) > len(str(MAX_QUANTITY)) or int(digits or 0) > MAX_QUANTITY:
        return "too_much"
    return int(digits or 0)


def _columns(table: Sequence[Sequence[str]]) -> tuple[int, dict[str, int] | None]:
    """Where the rows begin, and which column is which; None when no row names them."""
    for start, row in enumerate(table[:HEADER_ROWS], 1):
        found: dict[str, int] = {}
        for place, header in enumerate(row):
            key = _HEADERS.get(_header(header))
            if key:
                found.setdefault(key, place)
        if "quantity" in found and len(found) > 1:
            return start, found
    return 0, None


def _read_row(
    number: int, row: Sequence[str], columns: Mapping[str, int]
) -> Wanted | RowError | None:
    def cell(key: str) -> str:
        place = columns.get(key, len(row))
        return row[place].strip() if place < len(row) else ""

    shown = cell("code") or cell("barcode")
    code, text = fold(shown), cell("quantity")
    quantity = parse_quantity(text)
    if isinstance(quantity, str):
        return RowError(number, quantity, shown[:SHOWN], text[:SHOWN])
    if not quantity:
        return None
    if not code:
        return RowError(number, "no_code", value=text[:SHOWN])
    return Wanted(number, code[:SHOWN], quantity)


def _header(text: str) -> str:
    plain = re.sub(r"\(.*?\)", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"\W|_", "", plain).casefold()


_HEADERS = {_header(name): key for key, names in _NAMES.items() for name in names}
