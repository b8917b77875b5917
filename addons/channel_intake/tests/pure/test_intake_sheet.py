"""Tables of orders: rows, files, and what is wrong with them."""

import io
import json
import zipfile

import pytest
from channel_intake.core.platforms.sheet import COLUMNS, SheetAdapter, read_orders
from channel_intake.core.snapshots import PlatformStatus
from channel_network.core.table import MAX_ROWS, TableError, read_table, write_xlsx
from openpyxl import Workbook

GOOD = {
    "order_ref": "F1", "sku_code": "SKU-A", "quantity": "2", "paid": "36.00",
    "discount_shop": "3.80", "freight": "6", "paid_at": "2026-11-11 20:00:00", "name": "张三",
    "phone": "138 0013 8000", "province": "福建省", "city": "厦门市", "address": "人民路1号2栋",
}  # fmt: skip
NOW = 1800000000


def table(*rows):
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return [keys, *([row.get(key, "") for key in keys] for row in rows)]


def read(*rows):
    return read_orders(table(*rows), NOW)


def snapshot(order, platform="file"):
    message = order.message
    return SheetAdapter.parse_order(message.body, message.secret, platform)


def test_a_row_becomes_an_order():
    result = read(GOOD)
    assert result.errors == ()
    order = snapshot(result.orders[0])
    assert (order.order_ref, order.status, order.platform) == ("F1", PlatformStatus.READY, "file")
    assert (order.paid, order.freight) == (4200, 600)
    assert order.paid_at == order.updated_at == 1794398400  # 20:00 in China is 12:00 UTC
    (line,) = order.lines
    assert (line.line_id, line.sku_ref, line.quantity) == ("F1-1", "SKU-A", 2)
    assert (line.list_amount, line.paid, line.discount_shop, line.owed) == (3980, 3600, 380, 3600)
    assert order.receiver.phone_token == "plain:13800138000"
    assert order.receiver.name_masked == "张*"


def test_plain_receiver_is_only_in_the_secret():
    message = read(GOOD).orders[0].message
    for word in ("张三", "138 0013", "人民路1号2栋"):
        assert word not in message.body
        assert word in message.secret


def test_rows_of_one_number_are_one_order_with_freight_once():
    second = GOOD | {"sku_code": "SKU-B", "paid": "10", "discount_shop": ""}
    (order,) = read(GOOD, GOOD | {"order_ref": "F2"}, second).orders[:1]
    assert order.rows == (2, 4)
    assert snapshot(order).paid == 3600 + 1000 + 600
    assert [line.line_id for line in snapshot(order).lines] == ["F1-1", "F1-2"]


def test_one_bad_row_spoils_its_order_and_no_other():
    result = read(GOOD, GOOD | {"sku_code": "B", "quantity": "0"}, GOOD | {"order_ref": "F2"})
    assert [order.order_ref for order in result.orders] == ["F2"]
    assert [(error.row, error.code) for error in result.errors] == [(3, "quantity")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": "1.5"}, "quantity"),
        ({"quantity": "10000"}, "quantity"),
        ({"quantity": "٣"}, "quantity"),
        ({"paid": "36.001"}, "amount"),
        ({"paid": "-1"}, "amount"),
        ({"paid": "NaN"}, "amount"),
        ({"paid": ""}, "missing"),
        ({"list_amount": "40"}, "amounts"),
        ({"order_ref": "6.9798E+18"}, "id_as_number"),
        ({"order_ref": ""}, "missing"),
        ({"order_ref": "x" * 65}, "too_long"),
        ({"phone": "12"}, "phone"),
        ({"address": ""}, "missing"),
        ({"address": "长" * 301}, "too_long"),
        ({"status": "烂"}, "status_unknown"),
        ({"paid_at": "yesterday"}, "time"),
    ],
)
def test_what_is_wrong_is_named(changes, code):
    result = read(GOOD | changes)
    assert result.orders == ()
    assert code in [error.code for error in result.errors]


def test_different_freights_in_one_order_are_refused():
    result = read(GOOD, GOOD | {"freight": "7"})
    assert [error.code for error in result.errors] == ["freight_differs"]


def test_headers_are_known_in_both_languages():
    for index in (0, 1):
        headers = [(c.english, c.chinese[0])[index] for c in COLUMNS]
        result = read_orders([headers, [GOOD.get(c.key, "") for c in COLUMNS]], NOW)
        assert (len(result.orders), result.errors) == (1, ())


def test_missing_doubled_and_unknown_headers():
    result = read_orders([["order_ref", "订单号", "xyz"], ["1", "2", "3"]], NOW)
    codes = {error.code for error in result.errors}
    assert codes == {"missing_column", "double_column"}
    assert result.unknown_headers == ("xyz",)
    assert read_orders([], NOW).errors[0].code == "empty"
    assert read_orders([list(GOOD)], NOW).errors[0].code == "empty"


@pytest.mark.parametrize(
    ("word", "status"), [("待发货", "ready"), ("已发货", "shipped"), ("Cancelled", "cancelled")]
)
def test_status_words(word, status):
    assert snapshot(read(GOOD | {"status": word}).orders[0]).status == status


def test_the_same_rows_are_the_same_message():
    assert read(GOOD).orders[0].message == read(GOOD).orders[0].message


def test_without_any_time_the_order_is_of_now():
    order = snapshot(read({k: v for k, v in GOOD.items() if k != "paid_at"}).orders[0])
    assert order.created_at == order.paid_at == order.updated_at == NOW


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_files(encoding, delimiter):
    text = f"订单号{delimiter}数量\r\n'6979800000000017919{delimiter}2\r\n\r\n"
    assert read_table(text.encode(encoding)) == [["订单号", "数量"], ["6979800000000017919", "2"]]


def test_workbooks():
    rows = [["订单号", "数量"], ["6979800000000017919", "2"]]
    assert read_table(write_xlsx(rows)) == rows


def test_a_number_too_long_for_a_spreadsheet_is_shown_as_lost():
    book = Workbook()
    book.active.append([6979800000000017919, 12, 1.5])
    target = io.BytesIO()
    book.save(target)
    (cells,) = read_table(target.getvalue())
    assert "E+" in cells[0]
    assert cells[1:] == ["12", "1.5"]


def test_files_that_cannot_be_read():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 10)
        archive.writestr("big", b"0" * (201 * 1024 * 1024))
    for data, code in (
        (b"PK\x03\x04 broken", "unreadable"),
        (b"\x00\x01\x02", "unreadable"),
        (bomb.getvalue(), "too_large"),
        (b"x" * (10 * 1024 * 1024 + 1), "too_large"),
        (b"a\n" * (MAX_ROWS + 2), "too_many"),
    ):
        with pytest.raises(TableError) as caught:
            read_table(data)
        assert caught.value.code == code


def test_a_damaged_message_is_stopped_not_raised_through():
    from channel_intake.core.errors import Malformed

    message = read(GOOD).orders[0].message
    broken = json.loads(message.body)
    del broken["lines"]
    for body, secret in (("{", "{}"), (json.dumps(broken), message.secret), (message.body, "")):
        with pytest.raises(Malformed):
            SheetAdapter.parse_order(body, secret, "file")
