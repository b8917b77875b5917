"""Orders from a table (a file, or one typed by hand): rows in, messages to store out.

One row is one line of an order; rows with one order number belong together. Amounts in the
table are yuan, in the message fen. A bad row spoils its whole order and nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Malformed
from ..reading import MAX_FEN, as_ref, clean, mask_address, mask_name, mask_phone, utc_seconds
from ..snapshots import (
    AfterSaleSnapshot,
    LineSnapshot,
    OrderSnapshot,
    PlatformStatus,
    ReceiverSnapshot,
    normalise_address,
    normalise_name,
    normalise_phone,
    to_fen,
)
from .base import ORDER, RawMessage, seal

MAX_QUANTITY = 9999
DISCOUNTS = ("discount_shop", "discount_platform", "discount_talent", "discount_payment")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: what it is called in either language."""

    key: str
    english: str
    chinese: tuple[str, ...]
    required: bool = False


COLUMNS = (
    Column("order_ref", "Order Number", ("订单号", "订单编号", "主订单编号"), True),
    Column("line_ref", "Line Number", ("子订单号", "子订单编号")),
    Column("status", "Status", ("订单状态", "状态")),
    Column("created_at", "Ordered At", ("下单时间", "订单提交时间")),
    Column("paid_at", "Paid At", ("付款时间", "支付时间", "支付完成时间")),
    Column("updated_at", "Updated At", ("更新时间",)),
    Column("sku_code", "SKU Code", ("商家编码", "SKU编码", "规格编码"), True),
    Column("sku_ref", "SKU ID", ("规格ID", "SKUID")),
    Column("product_ref", "Product ID", ("商品ID",)),
    Column("title", "Title", ("商品名称", "选购商品", "商品标题")),
    Column("quantity", "Quantity", ("数量", "商品数量"), True),
    Column("list_amount", "List Amount", ("商品金额", "商品总价")),
    Column("discount_shop", "Shop Discount", ("店铺优惠", "商家优惠")),
    Column("discount_platform", "Platform Discount", ("平台优惠",)),
    Column("discount_talent", "Talent Discount", ("达人优惠",)),
    Column("discount_payment", "Payment Discount", ("支付优惠",)),
    Column("paid", "Paid Amount", ("实付金额", "应付金额", "订单应付金额"), True),
    Column("freight", "Freight", ("运费",)),
    Column("name", "Receiver", ("收件人", "收货人"), True),
    Column("phone", "Phone", ("手机号", "收件人手机号", "联系电话", "收货电话"), True),
    Column("province", "Province", ("省", "省份"), True),
    Column("city", "City", ("市", "城市"), True),
    Column("district", "District", ("区", "区县", "区/县")),
    Column("address", "Address", ("详细地址", "收货地址", "街道地址"), True),
    Column("buyer_note", "Buyer Note", ("买家留言",)),
    Column("seller_note", "Seller Note", ("卖家备注", "商家备注")),
    Column("room_ref", "Room ID", ("直播间ID",)),
    Column("author_ref", "Talent ID", ("达人ID",)),
    Column("author_name", "Talent", ("达人昵称", "达人")),
)
STATUS_WORDS = {
    PlatformStatus.UNPAID: ("unpaid", "待付款", "待支付", "未付款"),
    PlatformStatus.HELD: ("held", "冻结", "已支付", "风控审核中"),
    PlatformStatus.READY: ("", "ready", "paid", "待发货", "已付款", "备货中"),
    PlatformStatus.SHIPPED: ("shipped", "已发货"),
    PlatformStatus.DONE: ("done", "completed", "已完成", "交易成功"),
    PlatformStatus.CANCELLED: ("cancelled", "canceled", "已取消", "已关闭", "交易关闭"),
}
_STATUS = {word: status for status, words in STATUS_WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in a row. ``code`` is put into words where people read it."""

    row: int
    code: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """One order of the table, ready to store."""

    order_ref: str
    rows: tuple[int, ...]
    paid: int
    message: RawMessage


@dataclass(frozen=True, slots=True)
class SheetResult:
    """What a table holds: good orders, errors, and headers nobody knows."""

    orders: tuple[SheetOrder, ...]
    errors: tuple[RowError, ...]
    unknown_headers: tuple[str, ...] = ()


class RowProblem(ValueError):
    """A value of a row that cannot be used."""

    def __init__(self, code: str, column: str = "", value: str = "") -> None:
        super().__init__(code)
        self.code, self.column, self.value = code, column, clean(value, 60)


def _norm(header: str) -> str:
    return clean(header, 60).replace(" ", "").replace("_", "").replace("*", "").lower()


_HEADERS = {
    _norm(name): column.key
    for column in COLUMNS
    for name in (column.key, column.english, *column.chinese)
}


def read_orders(table: Sequence[Sequence[str]], now: int) -> SheetResult:
    """Read a table whose first row names the columns.

    :param now: unix seconds, for orders that say no time at all
    """
    if not table:
        return SheetResult((), (RowError(1, "empty"),))
    keys = [_HEADERS.get(_norm(header), "") for header in table[0]]
    unknown = tuple(h for h, key in zip(table[0], keys, strict=True) if h.strip() and not key)
    missing = [c for c in COLUMNS if c.required and c.key not in keys]
    doubled = {key for key in keys if key and keys.count(key) > 1}
    errors = [RowError(1, "missing_column", column.key) for column in missing]
    errors += [RowError(1, "double_column", key) for key in sorted(doubled)]
    if errors:
        return SheetResult((), tuple(errors), unknown)
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, cells in enumerate(table[1:], start=2):
        row = {key: cell.strip() for key, cell in zip(keys, cells, strict=False) if key}
        if any(row.values()):
            groups.setdefault(row["order_ref"], []).append((number, row))
    orders: list[SheetOrder] = []
    for ref, rows in groups.items():
        order, problems = _order(ref, rows, now)
        errors += problems
        if order:
            orders.append(order)
    if not groups:
        errors.append(RowError(2, "empty"))
    return SheetResult(tuple(orders), tuple(errors), unknown)


def _order(ref: str, rows, now: int) -> tuple[SheetOrder | None, list[RowError]]:
    errors: list[RowError] = []
    lines: list[dict[str, Any]] = []
    for number, row in rows:
        try:
            lines.append(_line(row, ref, len(lines) + 1))
        except RowProblem as problem:
            errors.append(RowError(number, problem.code, problem.column, problem.value))
    first_number, first = rows[0]
    try:
        head = _head(first, [row for _number, row in rows])
        if errors:
            return None, errors
        message = order_message(head, lines, now)
    except RowProblem as problem:
        errors.append(RowError(first_number, problem.code, problem.column, problem.value))
        return None, errors
    paid = json.loads(message.body)["paid"]
    return SheetOrder(ref, tuple(number for number, _row in rows), paid, message), []


def _head(first: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What belongs to the order: from its first row; freight from the rows that name it."""
    freights = {row.get("freight") for row in rows if row.get("freight")}
    if len(freights) > 1:
        raise RowProblem("freight_differs", "freight", " / ".join(sorted(freights)))
    status = _STATUS.get(first.get("status", "").strip().lower())
    if status is None:
        raise RowProblem("status_unknown", "status", first["status"])
    head = {
        "order_ref": _ref(first, "order_ref", required=True),
        "status": status.value,
        "freight": _fen({"freight": next(iter(freights), "")}, "freight"),
        "created_at": _time(first, "created_at"),
        "paid_at": _time(first, "paid_at"),
        "updated_at": _time(first, "updated_at"),
    }
    for key, limit in (("name", 60), ("address", 300), ("province", 60), ("city", 60)):
        head[key] = _required(first, key, limit)
    head["phone"] = _phone(first)
    head["district"] = clean(first.get("district"), 60)
    head["buyer_note"] = clean(first.get("buyer_note"), 500)
    head["seller_note"] = clean(first.get("seller_note"), 500)
    return head


def _line(row: Mapping[str, str], ref: str, number: int) -> dict[str, Any]:
    quantity = _quantity(row)
    amounts = {key: _fen(row, key) for key in ("paid", *DISCOUNTS)}
    due = sum(amounts.values())
    listed = _fen(row, "list_amount") if row.get("list_amount") else due
    if listed != due:
        raise RowProblem("amounts", "list_amount", row["list_amount"])
    code = _ref(row, "sku_code", required=True)
    return amounts | {
        "line_id": _ref(row, "line_ref") or f"{ref}-{number}",
        "sku_code": code,
        "sku_ref": _ref(row, "sku_ref") or code,
        "product_ref": _ref(row, "product_ref"),
        "title": clean(row.get("title"), 200),
        "quantity": quantity,
        "list_amount": listed,
        "room_ref": _ref(row, "room_ref"),
        "author_ref": _ref(row, "author_ref"),
        "author_name": clean(row.get("author_name"), 100),
    }


def order_message(head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], now: int):
    """A message from an order's head and lines (fen, unix seconds); the receiver's plain text
    goes into its secret.

    :raises RowProblem: without lines, or with two lines of one number
    """
    ids = [line["line_id"] for line in lines]
    if not ids or len(set(ids)) != len(ids):
        raise RowProblem("line_twice" if ids else "empty", "line_ref")
    public = {key: value for key, value in head.items() if key not in ("name", "phone", "address")}
    secret = {key: head[key] for key in ("name", "phone", "address")}
    public |= {
        "lines": list(lines),
        "paid": sum(line["paid"] for line in lines) + head["freight"],
        "name_masked": mask_name(head["name"]),
        "phone_masked": mask_phone(head["phone"]),
        "address_masked": mask_address(head["address"]),
    }
    updated = head["updated_at"] or head["paid_at"] or head["created_at"] or now
    public["updated_at"] = updated
    return seal(ORDER, public, head["order_ref"], updated, now, secret)


class SheetAdapter:
    """Reads messages made by this module."""

    platform = "sheet"

    @staticmethod
    def parse_order(body: str, secret: str, platform: str) -> OrderSnapshot:
        """:raises Malformed: when it is not a message of this module."""
        try:
            order, plain = json.loads(body), json.loads(secret)
            lines = tuple(LineSnapshot(**line) for line in order["lines"])
            updated = order["updated_at"]
            status = PlatformStatus(order["status"])
            return OrderSnapshot(
                platform=platform,
                order_ref=order["order_ref"],
                status=status,
                created_at=order["created_at"] or order["paid_at"] or updated,
                paid_at=_paid_at(order, status),
                updated_at=updated,
                freight=order["freight"],
                paid=order["paid"],
                receiver=_receiver(order, plain, secret),
                lines=lines,
                buyer_note=order["buyer_note"],
                seller_note=order["seller_note"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed(f"not an order from a file or by hand: {error}") from error

    @staticmethod
    def parse_aftersale(body: str, platform: str) -> AfterSaleSnapshot:
        """Files hold no after-sales."""
        raise Malformed("after-sales cannot be read from a file")


def _paid_at(order: Mapping[str, Any], status: PlatformStatus) -> int | None:
    if status in (PlatformStatus.UNPAID, PlatformStatus.CANCELLED):
        return order["paid_at"]
    return order["paid_at"] or order["created_at"] or order["updated_at"]


def _receiver(order, plain: Mapping[str, str], secret: str) -> ReceiverSnapshot:
    phone = normalise_phone(plain["phone"])
    name, address = normalise_name(plain["name"]), normalise_address(plain["address"])
    region = normalise_address(order["province"] + order["city"] + order["district"])
    return ReceiverSnapshot(
        name_masked=order["name_masked"],
        phone_masked=order["phone_masked"],
        address_masked=order["address_masked"],
        province=order["province"],
        city=order["city"],
        district=order["district"],
        secret=secret,
        phone_token=f"plain:{phone}",
        name_token=f"plain:{name}",
        address_token=f"plain:{address}",
        merge_token=f"plain:{phone}|{name}|{region}{address}",
    )


def _required(row: Mapping[str, str], key: str, limit: int) -> str:
    text = clean(row.get(key), limit + 1)
    if not text:
        raise RowProblem("missing", key)
    if len(text) > limit:
        raise RowProblem("too_long", key, text)
    return text


def _ref(row: Mapping[str, str], key: str, required: bool = False) -> str:
    text = row.get(key, "")
    if key != "sku_code" and _in_figures(text):
        raise RowProblem("id_as_number", key, text)
    ref = as_ref(text)
    if text and not ref and text != "0":
        raise RowProblem("too_long", key, text)
    if required and not ref:
        raise RowProblem("missing", key)
    return ref


def _in_figures(text: str) -> bool:
    """Whether a spreadsheet has turned an id into 6.9798E+18: its last digits are gone."""
    head, mark, tail = text.upper().partition("E+")
    return bool(mark) and tail.isdigit() and head.replace(".", "").isdigit()


def _phone(row: Mapping[str, str]) -> str:
    text = _required(row, "phone", 40)
    if not 7 <= len(normalise_phone(text).partition("-")[0]) <= 13:
        raise RowProblem("phone", "phone", mask_phone(text))
    return text


def _quantity(row: Mapping[str, str]) -> int:
    text = row.get("quantity", "")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_QUANTITY:
        raise RowProblem("quantity", "quantity", text)
    return int(text[:9])


def _fen(row: Mapping[str, str], key: str) -> int:
    text = row.get(key, "").replace(",", "").replace("¥", "").replace("￥", "").strip()
    if not text:
        if key == "paid":
            raise RowProblem("missing", key)
        return 0
    try:
        fen = to_fen(text)
    except (ValueError, ArithmeticError):
        raise RowProblem("amount", key, text) from None
    if not 0 <= fen <= MAX_FEN:
        raise RowProblem("amount", key, text)
    return fen


def _time(row: Mapping[str, str], key: str) -> int | None:
    text = row.get(key, "")
    if not text:
        return None
    seconds = utc_seconds(text)
    if seconds is None:
        raise RowProblem("time", key, text)
    return seconds
