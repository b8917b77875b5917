"""Stock of each SKU as the merchant told it: sku.syncStock, sku.stockNum, sku.list; sales take it."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterable

from .books import Books
from .clock import Clock
from .errors import ControlError, RefusalError, SoldOutError, number
from .faults import Faults

ON_ORDER, ON_PAYMENT = 1, 2  # reduce_stock_type
MAX_STOCK = 999_999_999  # our bound
MAX_BATCH = 100  # our bound
_COLUMNS = (
    "s.sku_id, s.product_id, s.code, s.title, s.spec, s.price_fen, t.reduce_type, t.stock_num,"
    " coalesce(t.prehold, 0) AS prehold, t.told, t.told_at, t.told_real, t.zero_told_at,"
    " t.zero_told_real"
)
_NOTE = (
    "INSERT INTO stock_changes (at, real, sku_id, kind, units, stock_num, order_id, idempotent_id)"
    " VALUES (?,?,?,?,?,?,?,?)"
)
_FROM = "skus s LEFT JOIN stocks t USING (sku_id)"


class Stock:
    """Stock of the one shop. A SKU never told its stock sells without end."""

    def __init__(self, books: Books, clock: Clock, faults: Faults):
        self._books = books
        self._clock = clock
        self._faults = faults
        self.reduce_types = dict(books.all("SELECT sku_id, reduce_type FROM stocks"))

    # -- telling ----------------------------------------------------------------------------

    def set_reduce_type(self, sku_id: int, reduce_type: int) -> None:
        """Say when an order takes stock: :data:`ON_ORDER` or :data:`ON_PAYMENT`."""
        if reduce_type not in (ON_ORDER, ON_PAYMENT):
            raise ControlError("reduce_stock_type is 1 (on order) or 2 (on payment)")
        with self._books.transaction():
            self._books.execute(
                "INSERT INTO stocks (sku_id, reduce_type) VALUES (?, ?)"
                " ON CONFLICT (sku_id) DO UPDATE SET reduce_type = excluded.reduce_type",
                (sku_id, reduce_type),
            )
            self._books.after_commit(self.reduce_types.update, [(sku_id, reduce_type)])

    def put(self, sku_id: int, stock_num: int, kind: str = "set", once: str = "") -> None:
        """Set the stock of a SKU in units; ``kind`` is ``told`` when the merchant's call did."""
        now, real = self._clock.now(), time.time()
        told = {"told": stock_num, "told_at": now, "told_real": real}
        if stock_num == 0:
            told |= {"zero_told_at": now, "zero_told_real": real}
        columns = {"stock_num": stock_num, **(told if kind == "told" else {})}
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        values = ", ".join(f"{name} = excluded.{name}" for name in columns)
        with self._books.transaction():
            before = self._stock_num(sku_id) or 0
            self._books.execute(
                f"INSERT INTO stocks (sku_id, {names}) VALUES (?, {marks})"
                f" ON CONFLICT (sku_id) DO UPDATE SET {values}",
                (sku_id, *columns.values()),
            )
            self._note(kind, sku_id, stock_num - before, stock_num, once=once)

    def _stock_num(self, sku_id: int) -> int | None:
        row = self._books.one("SELECT stock_num FROM stocks WHERE sku_id = ?", (sku_id,))
        return row["stock_num"] if row else None

    def _note(
        self, kind: str, sku_id: int, units: int, left: int, order_id: str = "", once: str = ""
    ) -> None:
        self._books.execute(
            _NOTE,
            (self._clock.now(), time.time(), sku_id, kind, units, left, order_id, once or None),
        )

    # -- selling ----------------------------------------------------------------------------

    def ordered(self, order_id: str, lines: Iterable[tuple[int, int]], paid: bool) -> None:
        """An order came; ``lines`` are (sku_id, units).

        :raises SoldOutError: when less is left and no oversell fault is armed
        """
        wanted = Counter[int]()
        for sku_id, units in lines:
            if paid or self.reduce_types.get(sku_id) == ON_ORDER:
                wanted[sku_id] += units
        self._take(order_id, wanted, "sold" if paid else "held")

    def paid(self, order_id: str, lines: Iterable[tuple[int, int]]) -> None:
        """An unpaid order was paid: what was held is sold, the rest is taken now."""
        wanted = Counter[int]()
        for sku_id, units in lines:
            if self.reduce_types.get(sku_id) == ON_ORDER:
                self._unhold(sku_id, units)
            else:
                wanted[sku_id] += units
        self._take(order_id, wanted, "sold")

    def gave_up(self, order_id: str, lines: Iterable[tuple[int, int]]) -> None:
        """An unpaid order was cancelled: what it held comes back."""
        for sku_id, units in lines:
            if self.reduce_types.get(sku_id) == ON_ORDER:
                self._unhold(sku_id, units)
                self.returned(order_id, sku_id, units, "released")

    def returned(self, order_id: str, sku_id: int, units: int, kind: str = "refunded") -> None:
        """Units of a line come back: refunded before shipping, or never paid."""
        left = self._stock_num(sku_id)
        if left is not None:
            self._write(sku_id, left + units)
            self._note(kind, sku_id, units, left + units, order_id)

    def sell(self, orders: dict[str, Counter[int]], kind: str = "sold") -> set[str]:
        """Take {order_id: {sku_id: units}} in their order; return the orders refused whole."""
        rows = self._books.all("SELECT sku_id, stock_num FROM stocks WHERE stock_num IS NOT NULL")
        left = {row["sku_id"]: row["stock_num"] for row in rows}
        now, real = self._clock.now(), time.time()
        refused, changed, notes = set(), set(), []
        for order_id, wanted in orders.items():
            known = {sku_id: units for sku_id, units in wanted.items() if sku_id in left}
            short = {k: units - left[k] for k, units in known.items() if units > left[k]}
            if not self._faults.may_oversell(short):
                refused.add(order_id)
                continue
            for sku_id, units in known.items():
                left[sku_id] = max(0, left[sku_id] - units)
                word = "oversold" if sku_id in short else kind
                notes.append((now, real, sku_id, word, -units, left[sku_id], order_id, None))
            changed |= known.keys()
        self._books.executemany(
            "UPDATE stocks SET stock_num = ? WHERE sku_id = ?", [(left[x], x) for x in changed]
        )
        self._books.executemany(_NOTE, notes)
        return refused

    def _take(self, order_id: str, wanted: Counter[int], kind: str) -> None:
        if not wanted:
            return
        if self.sell({order_id: wanted}, kind):
            raise SoldOutError(f"order {order_id}: sold out")
        if kind == "held":
            self._books.executemany(
                "UPDATE stocks SET prehold = prehold + ? WHERE sku_id = ?",
                [(units, sku_id) for sku_id, units in wanted.items()],
            )

    def _unhold(self, sku_id: int, units: int) -> None:
        self._books.execute(
            "UPDATE stocks SET prehold = max(0, prehold - ?) WHERE sku_id = ?", (units, sku_id)
        )

    def _write(self, sku_id: int, left: int) -> None:
        self._books.execute("UPDATE stocks SET stock_num = ? WHERE sku_id = ?", (left, sku_id))

    def limits_anything(self) -> bool:
        """Some SKU has a stock, so that an order may be refused."""
        return bool(self._books.scalar("SELECT 1 FROM stocks WHERE stock_num IS NOT NULL"))

    # -- the platform's calls ---------------------------------------------------------------

    def sync(self, params: dict) -> dict:
        """Answer sku.syncStock."""
        with self._books.transaction():
            self._sync(self._find(params), params, params)
        return {}

    def sync_batch(self, params: dict) -> dict:
        """Answer sku.syncStockBatch: the SKUs of one product, all or none."""
        items = params.get("sku_sync_list")
        if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
            raise RefusalError("bad_parameter")
        with self._books.transaction():
            for item in items:
                if not isinstance(item, dict):
                    raise RefusalError("bad_parameter")
                given = {**item, "product_id": params.get("product_id")}
                self._sync(self._find(given), item, params)
        return {}

    def _sync(self, sku: sqlite3.Row, item: dict, params: dict) -> None:
        units = number(item.get("stock_num"))
        if item.get("out_warehouse_id") or item.get("stock_map"):
            raise RefusalError("stock_regional")
        if not params.get("incremental"):
            if not 0 <= units <= MAX_STOCK:
                raise RefusalError("stock_num")
            self.put(sku["sku_id"], units, "told")
            return
        once = params.get("idempotent_id")
        if not once or not isinstance(once, str):
            raise RefusalError("stock_no_idempotent_id")
        if self._books.one(
            "SELECT 1 FROM stock_changes WHERE sku_id = ? AND idempotent_id = ?",
            (sku["sku_id"], once),
        ):
            return
        left = (sku["stock_num"] or 0) + units
        if not 0 <= left <= MAX_STOCK:
            raise RefusalError("stock_num")
        self.put(sku["sku_id"], left, "told", once)

    def _find(self, params: dict) -> sqlite3.Row:
        """Return the SKU a call names by id or by the merchant's code."""
        if params.get("sku_id"):
            test, value = "s.sku_id = ?", number(params["sku_id"])
        elif params.get("code") or params.get("out_sku_id"):
            test, value = "s.code = ?", str(params.get("code") or params["out_sku_id"])
        else:
            raise RefusalError("stock_no_sku")
        row = self._books.one(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {test}", (value,))
        product_id = params.get("product_id")
        if row is None or (product_id and number(product_id) != row["product_id"]):
            raise RefusalError("stock_sku_unknown")
        return row

    def stock_num(self, params: dict) -> dict:
        """Answer sku.stockNum."""
        row = self._find(params)
        return {"sku_id": row["sku_id"], **_numbers(row)}

    def sku_list(self, params: dict) -> list[dict]:
        """Answer sku.list: every SKU of a product."""
        if not params.get("product_id"):
            raise RefusalError("stock_no_product")
        rows = self._books.all(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE s.product_id = ? ORDER BY s.sku_id",
            (number(params["product_id"]),),
        )
        if not rows:
            raise RefusalError("stock_product_unknown")
        return [
            {
                "id": row["sku_id"],
                "product_id": row["product_id"],
                "product_id_str": str(row["product_id"]),
                "price": row["price_fen"],
                "spec_detail_name1": row["spec"],
                **_numbers(row),
            }
            for row in rows
        ]

    # -- looking inside ---------------------------------------------------------------------

    def view(self, sku_id: int | None = None) -> list[dict]:
        """Return the stock of each SKU and when the merchant told it.

        ``stock_num`` None: never told. ``*_at`` are the platform's seconds, ``*_real`` real
        unix time with fractions, for measuring how fast a SKU was told.
        """
        where, values = ("1", ()) if sku_id is None else ("s.sku_id = ?", (int(sku_id),))
        rows = self._books.all(
            f"SELECT {_COLUMNS}, (SELECT coalesce(sum(-units), 0) FROM stock_changes c"
            " WHERE c.sku_id = s.sku_id AND kind IN ('sold', 'oversold', 'held', 'released',"
            f" 'refunded')) AS sold FROM {_FROM} WHERE {where} ORDER BY s.sku_id",
            values,
        )
        return [dict(row) for row in rows]

    def changes(self, sku_id: int, limit: int = 1000) -> list[dict]:
        """Return the last changes of a SKU's stock, oldest first."""
        rows = self._books.all(
            "SELECT * FROM stock_changes WHERE sku_id = ? ORDER BY entry DESC LIMIT ?",
            (int(sku_id), int(limit)),
        )
        return [dict(row) for row in reversed(rows)]


def _numbers(row: sqlite3.Row) -> dict:
    """Return the stock fields both reading calls share; only plain stock (type 0) is kept."""
    left = row["stock_num"] or 0
    return {
        "out_sku_id": row["code"],
        "code": row["code"],
        "sku_type": 0,
        "stock_num": left,
        "prehold_stock_num": row["prehold"],
        "prom_stock_num": 0,
        "step_stock_num": 0,
        "normal_stock_num": left,
        "channel_stock_num": 0,
    }
