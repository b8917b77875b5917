"""After-sales: the store of all, refunds before shipment (type 2), afterSale.List and operate.

What is asked after shipment is in :mod:`.after_shipping`.
"""

import json
import sqlite3
from collections.abc import Callable

from . import events as tags
from .documents import CANCELLED, PAID, REFUNDED_BEFORE_SHIP, STATUS_TEXT, STOCKING, set_status
from .errors import ControlError, RefusalError, number
from .orders import Orders

APPLIED, SUCCESS, REFUSED, CLOSED = 6, 12, 27, 28
REFUND_ONLY_BEFORE_SHIP = 2
TO_REFUND, REFUND_OK, REFUND_FAILED = 1, 3, 4
DEADLINE_SECONDS = 48 * 3600
AGREE, REFUSE = 201, 202  # operation types of afterSale.operate for refund-only
ORPHAN_REFUND_FEN = 100
MAX_SIZE = 100
MAX_DEPTH = 50_000
MAX_OPERATED = 20
WAIT_GOODS, TO_SHIP, GOODS_SENT, REPLACED, EXCHANGED, REFUSED_AGAIN = 7, 8, 11, 13, 14, 29
OPEN = (APPLIED, WAIT_GOODS, TO_SHIP, GOODS_SENT, REPLACED)
ROW_LABEL = {
    **dict.fromkeys(OPEN, "applied"),
    SUCCESS: "success",
    EXCHANGED: "exchanged",
    REFUSED: "refused",
    REFUSED_AGAIN: "refused",
    CLOSED: "closed",
}
FILTERS = {  # after_sale_status_desc of order.searchList: labels of orders.aftersale
    "in_aftersale": ("applied",),
    "refund": ("applied",),
    "refund_success": ("success",),
    "refund_fail": ("refused", "closed"),
    "aftersale_close": ("closed",),
    "exchange_success": ("exchanged",),
}


class AfterSales:
    """The after-sales of one shop."""

    def __init__(self, orders: Orders):
        self.orders = orders
        self.books = orders.books
        self._next_seq = self.books.scalar("SELECT max(seq) FROM aftersales") + 1
        # operate: {type of operation: {type of after-sale: what it does}}
        self.operations: dict[int, dict[int, Callable[[str, dict], None]]] = {
            AGREE: {REFUND_ONLY_BEFORE_SHIP: lambda aftersale_id, _item: self.agree(aftersale_id)},
            REFUSE: {
                REFUND_ONLY_BEFORE_SHIP: lambda aftersale_id, _item: self.refuse(aftersale_id)
            },
        }
        self.details: Callable[[sqlite3.Row], dict] = lambda _row: {}

    def row(self, aftersale_id: str) -> sqlite3.Row:
        """Return a stored after-sale."""
        row = self.books.one(
            "SELECT * FROM aftersales WHERE aftersale_id = ?", (str(aftersale_id),)
        )
        if row is None:
            raise ControlError(f"no after-sale {aftersale_id}")
        return row

    def pending(self, order_id: str) -> list[sqlite3.Row]:
        """Return the applications of an order that wait for the merchant."""
        return self.books.all(
            "SELECT * FROM aftersales WHERE order_id = ? AND status = ?", (order_id, APPLIED)
        )

    # -- the buyer --------------------------------------------------------------------------

    def apply(
        self, line_id: str, *, reason_code: int = 1, fast: bool = False, again: bool = False
    ) -> str:
        """A buyer asks the refund of a paid, unshipped line; return the after-sale id.

        :param fast: the platform refunds at once (极速退款)
        :param again: let a second application stand beside an open one (a platform fault)
        """
        with self.books.transaction():
            line = self.books.one("SELECT * FROM lines WHERE line_id = ?", (str(line_id),))
            if line is None:
                raise ControlError(f"no order line {line_id}")
            order = self.orders.row(line["order_id"])
            before_ship = order["status"] in (PAID, STOCKING) and not line["refunded"]
            if not before_ship and not (again and line["refunded"]):
                raise ControlError(f"line {line_id} cannot be refunded before shipment")
            open_ones = [x for x in self.pending(order["order_id"]) if x["line_id"] == line_id]
            if open_ones and not again:
                raise ControlError(f"line {line_id} has an open after-sale already")
            post = order["freight_fen"] if self._is_last(line) else 0
            aftersale_id = self.store(
                order["order_id"], line_id, line["pay_fen"], post, line["item_num"], reason_code
            )
            if fast:
                self.agree(aftersale_id, fast=True)
        return aftersale_id

    def orphan(self, order_id: str) -> str:
        """Store an after-sale of an order the books do not know (bad data)."""
        with self.books.transaction():
            if self.books.one("SELECT 1 FROM orders WHERE order_id = ?", (str(order_id),)):
                raise ControlError(f"order {order_id} is known")
            return self.store(str(order_id), str(order_id), ORPHAN_REFUND_FEN, 0, 1, 1)

    def tell(self, tag: str, aftersale_id: str) -> None:
        self.orders.events.aftersale(tag, self.row(aftersale_id))

    def store(
        self,
        order_id: str,
        line_id: str,
        fen: int,
        post_fen: int,
        num: int,
        reason: int,
        kind: int = REFUND_ONLY_BEFORE_SHIP,
    ) -> str:
        """Write a new application, show it in its order and tell of it; its id."""
        seq, now = self._next_seq, self.orders.clock.now()
        self._next_seq += 1
        aftersale_id = f"71{self.orders.shop_id % 1000:03d}{seq:014d}"
        self.books.insert(
            "aftersales",
            {
                "seq": seq,
                "aftersale_id": aftersale_id,
                "order_id": order_id,
                "line_id": line_id,
                "status": APPLIED,
                "type": kind,
                "refund_status": TO_REFUND,
                "refund_fen": fen,
                "refund_post_fen": post_fen,
                "item_num": num,
                "reason_code": reason,
                "apply_time": now,
                "update_time": now,
                "status_deadline": now + DEADLINE_SECONDS,
            },
        )
        self._show(self.row(aftersale_id))
        self.tell(tags.REFUND_CREATED, aftersale_id)
        return aftersale_id

    def _is_last(self, line: sqlite3.Row) -> bool:
        """Every other line of the order is refunded."""
        return not self.books.scalar(
            "SELECT count(*) FROM lines WHERE order_id = ? AND line_id != ? AND NOT refunded",
            (line["order_id"], line["line_id"]),
        )

    def modify(self, aftersale_id: str, reason_code: int) -> None:
        """The buyer changes an open application: a new version."""
        with self.books.transaction():
            row = self.expect(aftersale_id, APPLIED)
            self.move(row, tags.REFUND_MODIFIED, later=True, reason_code=reason_code)

    def extend(self, aftersale_id: str, seconds: int) -> None:
        """The platform gives the merchant more time to answer an open application."""
        with self.books.transaction():
            row = self.expect(aftersale_id, *OPEN)
            self._set(row, status_deadline=row["status_deadline"] + int(seconds))
            self._show(self.row(aftersale_id))
            self.tell(tags.REFUND_DEADLINE, aftersale_id)

    def close(self, aftersale_id: str) -> None:
        """The buyer takes the application back: status 28, refund_status stays 1."""
        with self.books.transaction():
            row = self.expect(aftersale_id, APPLIED, WAIT_GOODS, GOODS_SENT)
            self.move(row, tags.REFUND_CLOSED, status=CLOSED, status_deadline=0)

    # -- merchant or platform ---------------------------------------------------------------

    def refuse(self, aftersale_id: str) -> None:
        """The merchant refuses: status 27."""
        with self.books.transaction():
            row = self.expect(aftersale_id, APPLIED)
            self.move(
                row, tags.REFUND_REFUSED,
                status=REFUSED, refund_status=REFUND_FAILED, status_deadline=0,
            )  # fmt: skip

    def agree(self, aftersale_id: str, fast: bool = False) -> None:
        """Refund the line; the last line of an order gives back the freight and closes it.

        :param fast: the platform refunds by itself, so no message says that someone agreed
        """
        with self.books.transaction():
            row = self.expect(aftersale_id, APPLIED)
            line = self.books.one("SELECT * FROM lines WHERE line_id = ?", (row["line_id"],))
            order = self.orders.row(row["order_id"]) if line else None
            again = bool(line and line["refunded"])
            if line is None or not (again or order["status"] in (PAID, STOCKING)):
                raise ControlError(f"after-sale {aftersale_id} cannot be refunded any more")
            last = self._is_last(line)
            freight = order["freight_fen"] if last else 0
            self._set(
                row,
                status=SUCCESS,
                refund_status=REFUND_OK,
                refund_post_fen=0 if again else freight,
                status_deadline=0,
            )
            if not again:
                self._give_back(line, freight, aftersale_id)
            self._show(self.row(aftersale_id), refunded=True, last=last)
            if not fast:
                self.tell(tags.REFUND_AGREED, aftersale_id)
            self.tell(tags.REFUND_SUCCESS, aftersale_id)

    def _give_back(self, line: sqlite3.Row, freight_fen: int, aftersale_id: str) -> None:
        order_id = line["order_id"]
        self.books.execute("UPDATE lines SET refunded = 1 WHERE line_id = ?", (line["line_id"],))
        self.orders.note("refund", order_id, line["line_id"], -line["owed_fen"], aftersale_id)
        self.orders.stock.returned(order_id, line["sku_id"], line["item_num"])
        if freight_fen:
            self.orders.note("refund", order_id, "", -freight_fen, "freight")

    # -- storing ----------------------------------------------------------------------------

    def move(self, row: sqlite3.Row, tag: str, later: bool = False, **columns: int) -> None:
        """Change an after-sale, show it in its order and tell of it.

        :param later: in another second than before, so that it is a new version
        """
        self._set(row, later, **columns)
        self._show(self.row(row["aftersale_id"]))
        if tag:
            self.tell(tag, row["aftersale_id"])

    def expect(self, aftersale_id: str, *statuses: int) -> sqlite3.Row:
        """An after-sale in one of the statuses."""
        row = self.row(aftersale_id)
        if row["status"] not in statuses:
            raise ControlError(f"after-sale {aftersale_id} is in status {row['status']}")
        return row

    def _set(self, row: sqlite3.Row, later: bool = False, **columns: int) -> None:
        now = max(self.orders.clock.now(), row["update_time"] + int(later))
        columns["update_time"] = now
        names = ", ".join(f"{name} = ?" for name in columns)
        self.books.execute(
            f"UPDATE aftersales SET {names} WHERE seq = ?", (*columns.values(), row["seq"])
        )

    def _show(self, row: sqlite3.Row, refunded: bool = False, last: bool = False) -> None:
        """Carry the after-sale into the order's JSON, and close line and order if refunded."""
        order = self.books.one("SELECT * FROM order_texts WHERE order_id = ?", (row["order_id"],))
        if order is None:
            return
        document = json.loads(order["json"])
        for line in document["sku_order_list"]:
            if line["order_id"] != row["line_id"]:
                continue
            line["after_sale_info"] = {
                "after_sale_status": row["status"],
                "after_sale_type": row["type"],
                "refund_status": row["refund_status"],
            }
            if refunded:
                line["order_status"] = CANCELLED
                line["order_status_desc"] = STATUS_TEXT[CANCELLED]
                line["main_status"] = REFUNDED_BEFORE_SHIP
                line["main_status_desc"] = STATUS_TEXT[REFUNDED_BEFORE_SHIP]
        columns = {"aftersale": ROW_LABEL[row["status"]]}
        if refunded and last:
            set_status(document, CANCELLED, REFUNDED_BEFORE_SHIP)
            document["cancel_reason"] = "发货前退款"
            columns["risk"] = 0
        self.orders.save(order, document, **columns)

    # -- afterSale.operate and afterSale.List -----------------------------------------------

    def operate(self, params: dict) -> dict:
        """Carry out an operation on after-sales; all items or none."""
        kind, items = params.get("type"), params.get("items")
        if kind not in self.operations or not isinstance(items, list) or not items:
            raise RefusalError("bad_parameter")
        if len(items) > MAX_OPERATED:
            raise RefusalError("bad_parameter")
        with self.books.transaction():
            return {"items": [self._operate_one(kind, item) for item in items]}

    def _operate_one(self, kind: int, item: object) -> dict:
        if not isinstance(item, dict) or not isinstance(item.get("aftersale_id"), (str, int)):
            raise RefusalError("bad_parameter")
        aftersale_id = str(item["aftersale_id"])
        try:
            row = self.row(aftersale_id)
        except ControlError:
            raise RefusalError("aftersale_unknown") from None
        version = number(item.get("update_time") or 0)
        if version and version != row["update_time"]:
            raise RefusalError("aftersale_version")
        act = self.operations[kind].get(row["type"])
        if act is None:
            raise RefusalError("aftersale_status")
        try:
            act(aftersale_id, item)
        except ControlError:
            raise RefusalError("aftersale_status") from None
        return {"aftersale_id": int(aftersale_id), "status_code": 0, "status_msg": "success"}

    def list(self, params: dict) -> dict:
        """Answer afterSale.List."""
        page, size = number(params.get("page", 0)), number(params.get("size", 10))
        if page < 0 or not 1 <= size <= MAX_SIZE or (page + 1) * size > MAX_DEPTH:
            raise RefusalError("bad_parameter")
        where, values = _conditions(params)
        order = _order_by(params.get("order_by"))
        total = self.books.scalar(f"SELECT count(*) FROM aftersales WHERE {where}", tuple(values))
        rows = self.books.all(
            f"SELECT * FROM aftersales WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, size, page * size),
        )
        return {
            "items": [self._item(row) for row in rows],
            "has_more": (page + 1) * size < total,
            "total": total,
            "page": page,
            "size": len(rows),
        }

    def _item(self, row: sqlite3.Row) -> dict:
        order = self.books.one(
            "SELECT status, waybill, json FROM order_texts WHERE order_id = ?", (row["order_id"],)
        )
        documents = json.loads(order["json"])["sku_order_list"] if order else []
        return {
            "aftersale_info": {
                "aftersale_id": row["aftersale_id"],
                "aftersale_order_type": 1,
                "aftersale_type": row["type"],
                "aftersale_status": row["status"],
                "related_id": row["line_id"],
                "apply_time": row["apply_time"],
                "create_time": row["apply_time"],
                "update_time": row["update_time"],
                "status_deadline": row["status_deadline"],
                "refund_amount": row["refund_fen"],
                "refund_post_amount": row["refund_post_fen"],
                "refund_status": row["refund_status"],
                "aftersale_num": row["item_num"],
                "reason_code": row["reason_code"],
                "part_type": 0,
                "got_pkg": 0,
                "arbitrate_status": 0,
                **self.details(row),
            },
            "order_info": {
                "shop_order_id": row["order_id"],
                "related_order_info": [
                    _related(line, order["waybill"], row)
                    for line in documents
                    if line["order_id"] == row["line_id"]
                ],
            },
        }


def _related(line: dict, waybill: str, row: sqlite3.Row) -> dict:
    return {
        "sku_order_id": line["order_id"],
        "order_status": line["order_status"],
        "pay_amount": line["pay_amount"],
        "post_amount": line["post_amount"],
        "item_num": line["item_num"],
        "create_time": line["create_time"],
        "product_name": line["product_name"],
        "product_id": line["product_id"],
        "shop_sku_code": line["code"],
        "logistics_code": waybill,
        "price": line["origin_amount"],
        "promotion_pay_amount": line["promotion_pay_amount"],
        "aftersale_pay_amount": row["refund_fen"],
        "aftersale_post_amount": row["refund_post_fen"],
        "aftersale_item_num": row["item_num"],
    }


def _statuses(given: object) -> list[int]:
    """Return the wanted statuses: a list of numbers, or text separated by commas."""
    parts = given if isinstance(given, list) else str(given).split(",")
    try:
        return [int(part) for text in parts for part in str(text).split(",")]
    except ValueError:
        raise RefusalError("bad_parameter") from None


def _conditions(params: dict) -> tuple[str, list]:
    where, values = ["1"], []
    for name, test in (
        ("update_start_time", "update_time >= ?"),
        ("update_end_time", "update_time <= ?"),
        ("start_time", "apply_time >= ?"),
        ("end_time", "apply_time <= ?"),
        ("aftersale_type", "type = ?"),
    ):
        if params.get(name) is not None:
            where.append(test)
            values.append(number(params[name]))
    for name in ("order_id", "aftersale_id"):
        if params.get(name):
            where.append(f"{name} = ?")
            values.append(str(params[name]))
    if params.get("standard_aftersale_status"):
        wanted = _statuses(params["standard_aftersale_status"])
        where.append(f"status IN ({', '.join('?' * len(wanted))})")
        values.extend(wanted)
    return " AND ".join(where), values


def _order_by(given: object) -> str:
    if not given:
        return "seq DESC"
    parts = []
    for text in given if isinstance(given, list) else [given]:
        field, _, direction = str(text).partition(" ")
        if field not in ("update_time", "apply_time", "status_deadline") or direction not in (
            "asc",
            "desc",
        ):
            raise RefusalError("bad_parameter")
        parts.append(f"{field} {direction}")
    return ", ".join([*parts, f"seq {parts[0].split()[1]}"])
