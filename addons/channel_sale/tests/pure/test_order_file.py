"""Orders from a table: what people write in spreadsheets, and what is wrong with it."""

import pytest
from channel_sale.core.order_file import (
    MAX_QUANTITY,
    MAX_ROWS,
    Line,
    RowError,
    fold,
    match,
    parse_quantity,
    read_sheet,
)
from hypothesis import given
from hypothesis import strategies as st

HEADER = ["Product Code", "Product", "Quantity"]
KNOWN = {"tea": [1], "cup": [2], "rice": [3], "6900000000013": [1], "both": [1, 2], "mixed": [1, 9]}
OFFERED = {1, 2}


def read(*rows, header=HEADER):
    return match(read_sheet([header, *map(list, rows)]), KNOWN, OFFERED)


def codes(result):
    return [(error.row, error.code) for error in result.errors]


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("12", 12), ("12.0", 12), ("12.", 12), ("+12", 12), (" 12 ", 12), ("012", 12),
        ("1,200", 1200), ("1,234,567", "too_much"), ("１２", 12), ("１，２００", 1200), ("1 200", 1200),
        ("", 0), ("0", 0), ("-0", 0), ("0.00", 0), (".0", 0), ("-3", "negative"), ("−3", "quantity"),
        ("1.5", "decimal"), ("-1.5", "decimal"), ("1,20", "quantity"), ("12箱", "quantity"),
        ("十二", "quantity"), ("1e3", "quantity"), ("nan", "quantity"), ("inf", "quantity"),
        (".", "quantity"), ("=1+1", "quantity"), ("1/2", "quantity"), ("٣", "quantity"),
        ("999999", 999999), ("1000000", "too_much"), ("9" * 5000, "too_much"), ("1,200.50", "decimal"),
    ],
)  # fmt: skip
def test_quantities_as_people_write_them(text, quantity):
    assert parse_quantity(text) == quantity


def test_good_rows_become_lines_and_the_others_are_named():
    result = read(
        ["TEA", "x", "2"], ["nothing", "", "1"], ["Rice", "", "1"], ["cup", "", "-1"], ["", "", "3"],
        ["ＣＵＰ", "", "５"], ["tea ", "", "4"], ["both", "", "1"], ["mixed", "", "1"], ["", "", ""],
        ["cup", "", ""],
    )  # fmt: skip
    assert result.lines == (Line(2, 1, 2), Line(7, 2, 5))
    assert codes(result) == [
        (3, "unknown"), (4, "not_offered"), (5, "negative"), (6, "no_code"), (8, "twice"),
        (9, "ambiguous"), (10, "twice"),
    ]  # fmt: skip
    assert result.bad_rows == 7
    assert result.errors[4] == RowError(8, "twice", "tea", "2")


def test_a_barcode_serves_where_there_is_no_code():
    result = read(["", "6900000000013", "2"], header=["编码", "条码", "数量"])
    assert result.lines == (Line(2, 1, 2),)


@pytest.mark.parametrize(
    "header", [["商品编码", "商品名称", "数量"], ["SKU", "", "qty"], ["货号*", "名称", "订货数量（件）"],
               ["internal_reference", "", "QUANTITY"]],
)  # fmt: skip
def test_headers_in_either_language(header):
    assert read(["tea", "", "1"], header=header).lines == (Line(2, 1, 1),)


def test_titles_may_stand_above_the_header():
    table = [["订货单"], [], HEADER, ["tea", "", "1"]]
    assert match(read_sheet(table), KNOWN, OFFERED).lines == (Line(4, 1, 1),)


def test_what_is_wrong_with_the_whole_file():
    assert codes(read(["tea", "", "1"], header=["Code", "Name", "Price"])) == [(0, "columns")]
    assert codes(read()) == codes(read(["tea", "", ""])) == [(0, "empty")]
    assert [e.code for e in read_sheet([]).errors] == ["empty"]
    assert [e.code for e in read_sheet([[""], ["", ""]]).errors] == ["empty"]


def test_ten_thousand_rows_and_not_one_more():
    rows = [["tea", "", "1"]] * MAX_ROWS
    assert len(read_sheet([HEADER, *rows]).wanted) == MAX_ROWS
    result = read_sheet([HEADER, *rows, ["tea", "", "1"]])
    assert [(e.code, e.value) for e in result.errors] == [("too_many", str(MAX_ROWS + 1))]
    assert not result.wanted


def test_short_rows_are_read():
    assert read(["tea"], ["cup", "", "1"]).lines == (Line(3, 2, 1),)


cells = st.text(max_size=12) | st.sampled_from(
    ["tea", "cup", "rice", "TEA", "1", "2", "0", "-1", "1.5", "1,000", "quantity", "code", ""]
)


@given(st.lists(st.lists(cells, max_size=5), max_size=12))
def test_no_table_breaks_it_and_no_row_is_lost(rows):
    table = [HEADER, *rows]
    result = match(read_sheet(table), KNOWN, OFFERED)
    named = [line.row for line in result.lines] + [e.row for e in result.errors if e.row]
    assert len(named) == len(set(named)), "a row is a line or an error, once"
    products = [line.product for line in result.lines]
    assert len(products) == len(set(products))
    assert set(products) <= OFFERED
    assert all(1 <= line.quantity <= MAX_QUANTITY for line in result.lines)
    assert list(result.errors) == sorted(result.errors, key=lambda error: error.row)
    if result.errors and result.errors[0].row == 0:
        assert not result.lines


@given(st.integers(1, MAX_QUANTITY), st.sampled_from(["{}", "{:,}", "{}.00", " {} ", "+{}"]))
def test_every_quantity_is_read_as_written(quantity, form):
    assert parse_quantity(form.format(quantity)) == quantity
    wide = form.format(quantity).translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789,.+"})
    assert parse_quantity(wide) == quantity


@given(st.text())
def test_any_text_is_a_quantity_or_a_reason(text):
    found = parse_quantity(text)
    assert isinstance(found, str) or 0 <= found <= MAX_QUANTITY
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.sampled_from(["tea", "cup", "rice", "x"]), max_size=8), st.randoms())
def test_the_order_of_rows_changes_no_quantity(names, random):
    """What is ordered once is ordered whatever stands around it."""
    rows = [[name, "", str(n + 1)] for n, name in enumerate(names)]
    once = [row for row in rows if names.count(row[0]) == 1]
    wanted = {line.product: line.quantity for line in read(*once).lines}
    random.shuffle(rows)
    shuffled = {line.product: line.quantity for line in read(*rows).lines}
    assert wanted.items() <= shuffled.items()
