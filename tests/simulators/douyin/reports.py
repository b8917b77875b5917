"""What the platform owes the merchant, summed from its ledger."""

from collections.abc import Sequence

from .books import Books


def books_report(books: Books, order_ids: Sequence[str] | None = None) -> dict:
    """Return per order and in total what is owed, in fen.

    ``owed_fen`` is goods and freight together, after refunds; ``refunded_fen`` is what refunds
    took off it. Commission and fees are never deducted.
    """
    wanted = set(order_ids) if order_ids is not None else None
    with books.lock:
        orders = books.all(
            "SELECT order_id, status, main_status, waybill, company_code, bad FROM orders"
            " ORDER BY seq"
        )
        sums = books.all(
            "SELECT order_id, line_id, sum(amount_fen) AS owed,"
            " sum(CASE WHEN event = 'refund' THEN -amount_fen ELSE 0 END) AS refunded"
            " FROM owed GROUP BY order_id, line_id"
        )
        events = books.all("SELECT event, count(*) AS n FROM owed GROUP BY event")
    report = {
        row["order_id"]: {
            "order_id": row["order_id"],
            "status": row["status"],
            "main_status": row["main_status"],
            "owed_fen": 0,
            "owed_by_line": {},
            "freight_fen": 0,
            "refunded_fen": 0,
            "shipped_waybill": row["waybill"],
            "company_code": row["company_code"],
            "bad": row["bad"],
        }
        for row in orders
        if wanted is None or row["order_id"] in wanted
    }
    for row in sums:
        if row["order_id"] in report:
            _add(report[row["order_id"]], row["line_id"], row["owed"], row["refunded"])
    return {
        "orders": list(report.values()),
        "totals": _totals(list(report.values())),
        "ledger_rows": {row["event"]: row["n"] for row in events},
    }


def _add(order: dict, line_id: str, owed_fen: int, refunded_fen: int) -> None:
    order["owed_fen"] += owed_fen
    order["refunded_fen"] += refunded_fen
    if line_id:
        order["owed_by_line"][line_id] = owed_fen
    elif owed_fen or refunded_fen:
        order["freight_fen"] = owed_fen


def _totals(orders: list[dict]) -> dict:
    shipped = [order for order in orders if order["shipped_waybill"]]
    by_status: dict[str, int] = {}
    for order in orders:
        key = str(order["status"])
        by_status[key] = by_status.get(key, 0) + 1
    return {
        "orders": len(orders),
        "by_status": by_status,
        "owed_fen": sum(order["owed_fen"] for order in orders),
        "freight_fen": sum(order["freight_fen"] for order in orders),
        "refunded_fen": sum(order["refunded_fen"] for order in orders),
        "shipped_orders": len(shipped),
        "shipped_owed_fen": sum(order["owed_fen"] for order in shipped),
        "shipped_freight_fen": sum(order["freight_fen"] for order in shipped),
    }
