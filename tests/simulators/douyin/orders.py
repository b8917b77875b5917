"""Life of an order: bought, paid, released, moved, shipped, completed; and what is owed."""

import json
import sqlite3

from .books import Books
from .clock import Clock
from .documents import (
    CANCELLED,
    DONE,
    EXPIRE_SECONDS,
    PAID,
    SHIP_WITHIN_SECONDS,
    SHIPPED,
    STOCKING,
    UNPAID,
    Source,
    dump,
    line_document,
    order_document,
    set_everywhere,
    set_status,
)
from .errors import ControlError
from .money import LineInput, line_money, order_money, owed_fen
from .receivers import Receivers

SHELF = Source()  # bought from the shop itself, not in a live room


class Orders:
    """All orders of one shop. Every public method that changes is one transaction."""

    def __init__(
        self, books: Books, clock: Clock, receivers: Receivers, shop_id: int, shop_name: str
    ):
        self.books = books
        self.clock = clock
        self.receivers = receivers
        self.shop_id = shop_id
        self.shop_name = shop_name
        self._next_seq = books.scalar("SELECT max(seq) FROM orders") + 1

    # -- catalogue --------------------------------------------------------------------------

    def add_sku(
        self,
        sku_id: int,
        product_id: int,
        code: str,
        title: str,
        price_fen: int,
        spec: str = "默认",
    ) -> None:
        """Put a SKU on sale, or change it; ``price_fen`` a unit."""
        with self.books.transaction():
            self.books.execute(
                "INSERT OR REPLACE INTO skus VALUES (?,?,?,?,?,?)",
                (int(sku_id), int(product_id), code, title, spec, int(price_fen)),
            )

    def sku(self, sku_id: int) -> dict:
        """Return a SKU on sale."""
        row = self.books.one("SELECT * FROM skus WHERE sku_id = ?", (int(sku_id),))
        if row is None:
            raise ControlError(f"no SKU {sku_id} on sale")
        return dict(row)

    # -- reading ----------------------------------------------------------------------------

    def row(self, order_id: str) -> sqlite3.Row:
        """Return the stored row of an order."""
        row = self.books.one("SELECT * FROM orders WHERE order_id = ?", (str(order_id),))
        if row is None:
            raise ControlError(f"no order {order_id}")
        return row

    def lines(self, order_id: str) -> list[sqlite3.Row]:
        """Return the stored lines of an order in their order."""
        return self.books.all(
            "SELECT * FROM lines WHERE order_id = ? ORDER BY position", (order_id,)
        )

    # -- buying and paying ------------------------------------------------------------------

    def buy(
        self,
        lines: list[LineInput],
        receiver_id: int,
        *,
        freight_fen: int = 0,
        freight_promotion_fen: int = 0,
        source: Source = SHELF,
        risk: bool = False,
        paid: bool = True,
        buyer_words: str = "",
        bad: str = "",
        at: int | None = None,
    ) -> str:
        """Create an order at ``at`` (unix seconds, default now) and return its id."""
        if not lines or freight_fen < 0 or freight_promotion_fen < 0:
            raise ControlError("an order needs a line and no negative freight")
        now = self.clock.now() if at is None else int(at)
        status = (PAID if risk else STOCKING) if paid else UNPAID
        with self.books.transaction():
            seq, order_id = self._new_id()
            skus = [self.sku(line.sku_id) for line in lines]
            monies = [
                line_money(line, sku["price_fen"]) for line, sku in zip(lines, skus, strict=True)
            ]
            line_ids = _line_ids(order_id, len(lines))
            document = order_document(
                order_id,
                self.shop_id,
                self.shop_name,
                status,
                now,
                order_money(monies, freight_fen, freight_promotion_fen),
                buyer_words,
            )
            receiver = self.receivers.get(receiver_id)
            document["doudian_open_id"] = f"1@{self.receivers.index(3, receiver.phone)}"
            document.update(self.receivers.fields(receiver))
            document["sku_order_list"] = [
                line_document(order_id, line_id, sku, money, source, status, now)
                for line_id, sku, money in zip(line_ids, skus, monies, strict=True)
            ]
            self.books.insert(
                "orders",
                {
                    "seq": seq,
                    "order_id": order_id,
                    "status": status,
                    "main_status": status,
                    "risk": int(risk and paid),
                    "create_time": now,
                    "update_time": now,
                    "receiver_id": receiver_id,
                    "freight_fen": freight_fen,
                    "bad": bad,
                    "json": dump(document),
                },
            )
            self.books.executemany(
                "INSERT INTO lines (line_id, order_id, position, sku_id, item_num, pay_fen,"
                " owed_fen) VALUES (?,?,?,?,?,?,?)",
                [
                    (ids, order_id, i, sku["sku_id"], m["item_num"], m["pay_amount"], owed_fen(m))
                    for i, (ids, sku, m) in enumerate(zip(line_ids, skus, monies, strict=True))
                ],
            )
            if paid:
                self._owe(order_id, now)
        return order_id

    def _new_id(self) -> tuple[int, str]:
        seq = self._next_seq
        self._next_seq += 1
        return seq, f"69{self.shop_id % 1000:03d}{seq:010d}{(seq * 7919) % 9000:04d}"

    def _owe(self, order_id: str, now: int) -> None:
        """Write what payment makes the platform owe: a row a line, one for the freight."""
        row = self.row(order_id)
        entries = [
            (now, "pay", order_id, line["line_id"], line["owed_fen"], "")
            for line in self.lines(order_id)
        ]
        if row["freight_fen"]:
            entries.append((now, "pay", order_id, "", row["freight_fen"], "freight"))
        self.books.executemany(
            "INSERT INTO owed (at, event, order_id, line_id, amount_fen, note)"
            " VALUES (?,?,?,?,?,?)",
            entries,
        )

    def note(self, event: str, order_id: str, line_id: str, amount_fen: int, note: str) -> None:
        """Write one row of the ledger of what is owed."""
        self.books.insert(
            "owed",
            {
                "at": self.clock.now(),
                "event": event,
                "order_id": order_id,
                "line_id": line_id,
                "amount_fen": amount_fen,
                "note": note,
            },
        )

    def pay(self, order_id: str, risk: bool = False) -> None:
        """The buyer pays; a risky order waits in 105 until it is released."""
        with self.books.transaction():
            row = self._expect(order_id, UNPAID)
            document = json.loads(row["json"])
            now = max(self.clock.now(), row["update_time"])
            set_everywhere(
                document, pay_type=2, pay_time=now, exp_ship_time=now + SHIP_WITHIN_SECONDS
            )
            set_status(document, PAID if risk else STOCKING)
            self.save(row, document, risk=int(risk))
            self._owe(order_id, now)

    def release_risk(self, order_id: str) -> None:
        """The risk review ends well: 105 becomes 2."""
        with self.books.transaction():
            row = self._expect(order_id, PAID)
            document = json.loads(row["json"])
            set_status(document, STOCKING)
            self.save(row, document, risk=0)

    def cancel(self, order_id: str, reason: str = "买家取消") -> None:
        """The buyer gives up an unpaid order."""
        with self.books.transaction():
            row = self._expect(order_id, UNPAID)
            document = json.loads(row["json"])
            set_everywhere(document, cancel_reason=reason)
            set_status(document, CANCELLED)
            self.save(row, document)

    def expire_unpaid(self) -> int:
        """Cancel what was not paid within half an hour; return how many."""
        limit = self.clock.now() - EXPIRE_SECONDS
        with self.books.transaction():
            late = self.books.all(
                "SELECT order_id FROM orders WHERE status = ? AND create_time <= ?",
                (UNPAID, limit),
            )
            for row in late:
                self.cancel(row["order_id"], "超时未支付")
        return len(late)

    # -- after payment ----------------------------------------------------------------------

    def change_address(self, order_id: str, receiver_id: int) -> None:
        """The buyer moves the order to another receiver before it is shipped."""
        with self.books.transaction():
            row = self._expect(order_id, UNPAID, PAID, STOCKING)
            document = json.loads(row["json"])
            document.update(self.receivers.fields(self.receivers.get(receiver_id)))
            self.save(row, document, receiver_id=receiver_id)

    def touch(self, order_id: str, later: bool = False) -> None:
        """Change the seller's memo only; ``later`` makes the new second surely greater."""
        with self.books.transaction():
            row = self.row(order_id)
            document = json.loads(row["json"])
            document["seller_words"] += "催"
            self.save(row, document, at=row["update_time"] + 1 if later else 0)

    def mark_bad(self, order_id: str, kind: str) -> None:
        """Answer this order spoilt from now on (see faults.py), or clean with an empty kind."""
        with self.books.transaction():
            row = self.row(order_id)
            self.save(row, json.loads(row["json"]), bad=kind)

    def ship(self, order_id: str, company: str, company_name: str, waybill: str) -> None:
        """Hand over every line that is still owed; the platform's own checks come before."""
        with self.books.transaction():
            row = self._expect(order_id, STOCKING)
            document = json.loads(row["json"])
            now = max(self.clock.now(), row["update_time"])
            kept = [x for x in document["sku_order_list"] if x["order_status"] != CANCELLED]
            document["logistics_info"] = [_parcel(order_id, company, company_name, waybill, now)]
            document["logistics_info"][0]["product_info"] = [
                {
                    "sku_order_id": line["order_id"],
                    "product_id": line["product_id"],
                    "sku_id": line["sku_id"],
                    "product_name": line["product_name"],
                    "product_count": line["item_num"],
                    "price": line["origin_amount"],
                    "outer_sku_id": line["code"],
                }
                for line in kept
            ]
            document["ship_time"] = now
            for line in kept:
                line["ship_time"] = now
            set_status(document, SHIPPED)
            self.save(row, document, company_code=company, waybill=waybill)
            self.note("ship", order_id, "", 0, f"{company} {waybill}")

    def complete(self, order_id: str) -> None:
        """The buyer confirms receipt."""
        with self.books.transaction():
            row = self._expect(order_id, SHIPPED)
            document = json.loads(row["json"])
            document["finish_time"] = max(self.clock.now(), row["update_time"])
            set_status(document, DONE)
            self.save(row, document)
            self.note("complete", order_id, "", 0, "")

    # -- storing ----------------------------------------------------------------------------

    def _expect(self, order_id: str, *statuses: int) -> sqlite3.Row:
        row = self.row(order_id)
        if row["status"] not in statuses:
            raise ControlError(f"order {order_id} is in status {row['status']}, not {statuses}")
        return row

    def save(self, row: sqlite3.Row, document: dict, at: int = 0, **columns: object) -> None:
        """Store a changed document; the last one is kept for stale answers.

        ``update_time`` is the current second, never less than before: two changes within one
        second carry the same time, as on the platform.
        """
        now = max(self.clock.now(), row["update_time"], at)
        set_everywhere(document, update_time=now)
        values = {
            "status": document["order_status"],
            "main_status": document["main_status"],
            "update_time": now,
            "old_json": row["json"],
            "json": dump(document),
            **columns,
        }
        names = ", ".join(f"{name} = ?" for name in values)
        self.books.execute(
            f"UPDATE orders SET {names} WHERE seq = ?", (*values.values(), row["seq"])
        )


def _line_ids(order_id: str, count: int) -> list[str]:
    """A single line bears the id of its order, as on the platform; several get their own."""
    if count == 1:
        return [order_id]
    return [str(int(order_id) + i + 1) for i in range(count)]


def _parcel(order_id: str, company: str, company_name: str, waybill: str, now: int) -> dict:
    return {
        "tracking_no": waybill,
        "company": company,
        "company_name": company_name,
        "ship_time": now,
        "delivery_id": f"74{order_id[2:]}",
    }
