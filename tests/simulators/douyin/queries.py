"""order.searchList and order.orderDetail over the stored JSON."""

import sqlite3

from .aftersales import FILTERS
from .errors import RefusalError, number
from .faults import Faults, spoil
from .orders import Orders

MAX_SIZE = 100
MAX_DEPTH = 50_000
MAX_AGE_SECONDS = 90 * 86400
AGE_LEEWAY_SECONDS = 60
_TIMES = ("create_time", "update_time")
_COLUMNS = "seq, order_id, receiver_id, bad, json, old_json, update_time"


class Queries:
    """The reading side of the orders."""

    def __init__(self, orders: Orders, faults: Faults):
        self._orders = orders
        self._faults = faults

    def search(self, params: dict) -> str:
        """Answer order.searchList as JSON text of ``data``."""
        page, size, total, rows = self._page(params)
        orders = ",".join(self.render(row) for row in rows)
        return f'{{"page":{page},"total":{total},"size":{size},"shop_order_list":[{orders}]}}'

    def shown(self, params: dict) -> list[str]:
        """Return the order ids the page of ``params`` shows now."""
        return [row["order_id"] for row in self._page(params)[3]]

    def _page(self, params: dict) -> tuple[int, int, int, list[sqlite3.Row]]:
        """Return page, size, total and the rows of a page, all of one moment."""
        page, size = number(params.get("page")), number(params.get("size"))
        _check_page(page, size)
        where, values = self._conditions(params)
        order = _order_by(params)
        books = self._orders.books
        with books.lock:
            total = books.scalar(f"SELECT count(*) FROM orders WHERE {where}", tuple(values))
            rows = books.all(
                f"SELECT {_COLUMNS} FROM order_texts WHERE seq IN (SELECT seq FROM orders"
                f" WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?) ORDER BY {order}",
                (*values, size, page * size),
            )
        return page, size, total, rows

    def detail(self, params: dict) -> str:
        """Answer order.orderDetail as JSON text of ``data``."""
        order_id = params.get("shop_order_id")
        if not order_id:
            raise RefusalError("no_order_id")
        row = self._orders.books.one(
            f"SELECT {_COLUMNS} FROM order_texts WHERE order_id = ?", (str(order_id),)
        )
        if row is None:
            raise RefusalError("order_unknown")
        return f'{{"shop_order_detail":{self.render(row)}}}'

    def render(self, row: sqlite3.Row) -> str:
        """Return an order's JSON: fresh cipher text, and whatever fault is set on it."""
        text = row["json"]
        if row["old_json"] and self._faults.take_stale(row["order_id"]):
            text = row["old_json"]
        receiver = self._orders.receivers.get(row["receiver_id"])
        text = self._orders.receivers.fill(text, receiver, row["order_id"])
        return spoil(text, row["bad"]) if row["bad"] else text

    def _conditions(self, params: dict) -> tuple[str, list]:
        where, values = [], []
        given = {
            f"{name}_{end}": number(params[f"{name}_{end}"])
            for name in _TIMES
            for end in ("start", "end")
            if params.get(f"{name}_{end}") is not None
        }
        for name in _TIMES:
            start, end = given.get(f"{name}_start"), given.get(f"{name}_end")
            if start is not None:
                where.append(f"{name} >= ?")
                values.append(start)
            if end is not None:
                where.append(f"{name} <= ?")
                values.append(end)
            if start is not None and end is not None and start > end:
                raise RefusalError("start_after_end")
        if not given.get("create_time_start") and not given.get("update_time_start"):
            raise RefusalError("no_start_time")
        oldest = self._orders.clock.now() - MAX_AGE_SECONDS - AGE_LEEWAY_SECONDS
        if 0 < given.get("create_time_start", 0) < oldest:
            raise RefusalError("too_old")
        where.append("create_time >= ?")
        values.append(oldest)
        _status_condition(params.get("combine_status"), where, values)
        _other_conditions(params, where, values)
        return " AND ".join(where), values


def _check_page(page: int, size: int) -> None:
    if page < 0:
        raise RefusalError("page_negative")
    if not 1 <= size <= MAX_SIZE:
        raise RefusalError("page_size")
    if (page + 1) * size > MAX_DEPTH:
        raise RefusalError("page_depth")


def _order_by(params: dict) -> str:
    field = params.get("order_by") or "create_time"
    if field not in _TIMES:
        raise RefusalError("bad_parameter")
    direction = "ASC" if params.get("order_asc") is True else "DESC"
    return f"{field} {direction}, seq {direction}"


def _status_condition(given: object, where: list[str], values: list) -> None:
    """Add combine_status: a list of one element, its values separated by commas."""
    if not given:
        return
    if not isinstance(given, list) or len(given) > 1 or not isinstance(given[0], dict):
        raise RefusalError("combine_status")
    for name, column in (("order_status", "status"), ("main_status", "main_status")):
        if given[0].get(name):
            wanted = str(given[0][name]).split(",")
            if not all(part.strip().isdigit() for part in wanted):
                raise RefusalError("bad_parameter")
            where.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values.extend(int(part) for part in wanted)


def _other_conditions(params: dict, where: list[str], values: list) -> None:
    label = params.get("after_sale_status_desc")
    if label and label != "all":
        if label not in FILTERS:
            raise RefusalError("bad_parameter")
        wanted = FILTERS[label]
        where.append(f"aftersale IN ({', '.join('?' * len(wanted))})")
        values.extend(wanted)
    abnormal = params.get("abnormal_order")
    if abnormal:
        where.append("risk = 1" if abnormal == 2 else "0")
    if params.get("tracking_no"):
        where.append("waybill = ? AND waybill != ''")
        values.append(str(params["tracking_no"]))
    # Every order here is an ordinary spot order, so any other kind finds nothing.
    for name in ("presell_type", "trade_type", "order_type"):
        if params.get(name):
            where.append("0")
    if params.get("fulfil_status"):
        where.append("0")
