"""order.logisticsAdd: the platform's checks before it believes a parcel left."""

import re
import sqlite3

from .aftersales import AfterSales
from .documents import CANCELLED, DONE, PAID, PART_SHIPPED, REFUNDED_BEFORE_SHIP, SHIPPED, UNPAID
from .errors import ControlError, RefusalError
from .orders import Orders

COMPANIES = {
    "shunfeng": "顺丰速运",
    "yuantong": "圆通快递",
    "zhongtong": "中通快递",
    "yunda": "韵达快递",
    "shentong": "申通快递",
    "jd": "京东物流",
    "jtexpress": "极兔速递",
    "ems": "EMS",
    "youzhengguonei": "邮政快递包裹",
    "debangwuliu": "德邦快递",
    "danniao": "菜鸟速递",
}
_WAYBILL = re.compile(r"[A-Za-z0-9-]{6,32}")


class Shipping:
    """Takes waybills from the merchant."""

    def __init__(self, orders: Orders, aftersales: AfterSales):
        self._orders = orders
        self._aftersales = aftersales

    def add(self, params: dict) -> dict:
        """Ship a whole order; the same waybill again is a success that changes nothing."""
        order_id, company, waybill = _parameters(params)
        reject = bool(params.get("is_reject_refund") or params.get("is_refund_reject"))
        with self._orders.books.transaction():
            try:
                order = self._orders.row(order_id)
            except ControlError:
                raise RefusalError("ship_order_unknown") from None
            same = order["waybill"] == waybill and order["company_code"] == company
            if same and order["status"] != PART_SHIPPED:
                return {}
            _check_status(order)
            self._check_taken(order, waybill)
            for row in self._aftersales.pending(order_id):
                if not reject:
                    raise RefusalError("ship_refund_pending")
                self._aftersales.refuse(row["aftersale_id"])
            self._orders.ship(order_id, company, COMPANIES[company], waybill)
        return {}

    def _check_taken(self, order: sqlite3.Row, waybill: str) -> None:
        """A parcel goes to one receiver: its number serves only orders of the same one."""
        taken = self._orders.books.scalar(
            # The second test lets SQLite use the partial index.
            "SELECT count(*) FROM orders WHERE waybill = ? AND waybill != '' AND receiver_id != ?",
            (waybill, order["receiver_id"]),
        )
        if taken:
            raise RefusalError("ship_waybill_taken")


def _parameters(params: dict) -> tuple[str, str, str]:
    order_id = params.get("order_id")
    company = params.get("company_code")
    waybill = params.get("logistics_code")
    if not order_id:
        raise RefusalError("ship_no_order_id")
    if not company:
        raise RefusalError("ship_no_company")
    if company not in COMPANIES:
        raise RefusalError("ship_company")
    if not isinstance(waybill, str) or not _WAYBILL.fullmatch(waybill):
        raise RefusalError("ship_waybill")
    return str(order_id), company, waybill


def _check_status(order: sqlite3.Row) -> None:
    if order["main_status"] == REFUNDED_BEFORE_SHIP:
        raise RefusalError("ship_refunded")
    refusals = {
        UNPAID: "ship_unpaid",
        PAID: "ship_risk",
        CANCELLED: "ship_cancelled",
        SHIPPED: "ship_shipped",
        DONE: "ship_done",
    }
    if order["status"] in refusals:
        raise RefusalError(refusals[order["status"]])
