"""Life of an order: bought, paid, released, moved, shipped, completed; and what is owed."""

import json
import sqlite3
from typing import NamedTuple

from . import events as tags
from .books import Books
from .clock import Clock
from .documents import (
    CANCELLED,
    DONE,
    EXPIRE_SECONDS,
    PAID,
    PART_SHIPPED,
    SHIP_WITHIN_SECONDS,
    SHIPPED,
    STOCKING,
    UNPAID,
    Source,
    dump,
    line_document,
    order_document,
    set_everywhere,
    set_part_shipped,
    set_status,
)
from .errors import ControlError
from .events import Events, receiver_message
from .money import LineInput, line_money, order_money, owed_fen
from .receivers import Receivers
from .stock import Stock

SHELF = Source()  # bought from the shop itself, not in a live room


class Draft(NamedTuple):
    """An order before it is stored; ``lines`` are rows of the table of that name."""

    order_id: str
    row: dict
    document: dict
    lines: list[tuple]

    @property
    def units(self) -> list[tuple[int, int]]:
        """SKU and quantity of each line."""
        return [(line[3], line[4]) for line in self.lines]


class Orders:
    """All orders of one shop. Every public method that changes is one transaction."""

    def __init__(
        self,
        books: Books,
        clock: Clock,
        receivers: Receivers,
        stock: Stock,
        events: Events,
        shop_id: int,
        shop_name: str,
    ):
        self.books = books
        self.clock = clock
        self.stock = stock
        self.events = events
        self.receivers = receivers
        self.shop_id = shop_id
        self.shop_name = shop_name
        self._skus: dict[int, dict] = {}
        self._next_seq = 1 + books.scalar(
            "SELECT max(seq) FROM (SELECT seq FROM orders UNION ALL SELECT seq FROM premade)"
        )

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
            self.books.after_commit(self._forget_skus, [int(sku_id)])

    def _forget_skus(self, sku_ids: list[int]) -> None:
        for sku_id in sku_ids:
            self._skus.pop(sku_id, None)

    def sku(self, sku_id: int) -> dict:
        """Return a SKU on sale."""
        known = self._skus.get(int(sku_id))
        if known is None:
            row = self.books.one("SELECT * FROM skus WHERE sku_id = ?", (int(sku_id),))
            if row is None:
                raise ControlError(f"no SKU {sku_id} on sale")
            known = self._skus[int(sku_id)] = dict(row)
        return known

    # -- reading ----------------------------------------------------------------------------

    def row(self, order_id: str) -> sqlite3.Row:
        """Return the stored row of an order."""
        row = self.books.one("SELECT * FROM order_texts WHERE order_id = ?", (str(order_id),))
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
        """Create an order at ``at`` (unix seconds, default now) and return its id.

        :raises SoldOutError: when a SKU that was told its stock has less left
        """
        now = self.clock.now() if at is None else int(at)
        with self.books.transaction():
            draft = self.draft(
                lines,
                receiver_id,
                freight_fen=freight_fen,
                freight_promotion_fen=freight_promotion_fen,
                source=source,
                risk=risk,
                paid=paid,
                buyer_words=buyer_words,
                at=now,
            )
            self.stock.ordered(draft.order_id, draft.units, paid)
            self.books.insert("orders", {**draft.row, "bad": bad, "json": dump(draft.document)})
            self.keep_lines(draft.lines)
            self.events.order(tags.CREATED, draft.document, order_status=UNPAID)
            if paid:
                self._owe(draft.order_id, now)
                self._tell_paid(draft.document)
        return draft.order_id

    def draft(
        self,
        lines: list[LineInput],
        receiver_id: int,
        *,
        freight_fen: int,
        freight_promotion_fen: int,
        source: Source,
        risk: bool,
        paid: bool,
        buyer_words: str,
        at: int,
    ) -> Draft:
        """Return an order with an id of its own that is not yet in the books."""
        if not lines or freight_fen < 0 or freight_promotion_fen < 0:
            raise ControlError("an order needs a line and no negative freight")
        status = (PAID if risk else STOCKING) if paid else UNPAID
        skus = [self.sku(line.sku_id) for line in lines]
        monies = [line_money(line, sku["price_fen"]) for line, sku in zip(lines, skus, strict=True)]
        seq, order_id = self._new_id()
        line_ids = _line_ids(order_id, len(lines))
        money = order_money(monies, freight_fen, freight_promotion_fen)
        document = order_document(
            order_id, self.shop_id, self.shop_name, status, at, money, buyer_words
        )
        receiver = self.receivers.get(receiver_id)
        document["doudian_open_id"] = f"1@{self.receivers.index(3, receiver.phone)}"
        document.update(self.receivers.fields(receiver))
        document["sku_order_list"] = [
            line_document(order_id, line_id, sku, money, source, status, at)
            for line_id, sku, money in zip(line_ids, skus, monies, strict=True)
        ]
        for line in document["sku_order_list"]:
            line["reduce_stock_type"] = self.stock.reduce_types.get(line["sku_id"], 2)
        row = {
            "seq": seq,
            "order_id": order_id,
            "status": status,
            "main_status": status,
            "risk": int(risk and paid),
            "create_time": at,
            "update_time": at,
            "receiver_id": receiver_id,
            "freight_fen": freight_fen,
        }
        rows = [
            (ids, order_id, i, sku["sku_id"], m["item_num"], m["pay_amount"], owed_fen(m))
            for i, (ids, sku, m) in enumerate(zip(line_ids, skus, monies, strict=True))
        ]
        return Draft(order_id, row, document, rows)

    def keep_lines(self, rows: list[tuple]) -> None:
        """Store the lines of one draft or of many."""
        self.books.executemany(
            "INSERT INTO lines (line_id, order_id, position, sku_id, item_num, pay_fen,"
            " owed_fen) VALUES (?,?,?,?,?,?,?)",
            rows,
        )

    def _tell_paid(self, document: dict) -> None:
        """Paid and free is 101; paid and waiting in 105 is 110, and 101 when it is released."""
        waits = document["order_status"] == PAID
        self.events.order(tags.PENDING if waits else tags.PAID, document)

    def _tell(self, tag: str, document: dict, receiver_id: int, **fields: object) -> None:
        """Tell of an order in a message that holds cipher texts."""
        receiver = self.receivers.get(receiver_id)
        order_id = document["order_id"]
        fill = self.receivers.fill
        self.events.order(tag, document, lambda text: fill(text, receiver, order_id), **fields)

    def _units(self, order_id: str) -> list[tuple[int, int]]:
        return [(line["sku_id"], line["item_num"]) for line in self.lines(order_id)]

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
            self.stock.paid(order_id, self._units(order_id))
            self.save(row, document, risk=int(risk))
            self._owe(order_id, now)
            self._tell_paid(document)

    def release_risk(self, order_id: str) -> None:
        """The risk review ends well: 105 becomes 2."""
        with self.books.transaction():
            row = self._expect(order_id, PAID)
            document = json.loads(row["json"])
            set_status(document, STOCKING)
            self.save(row, document, risk=0)
            self._tell_paid(document)

    def cancel(self, order_id: str, reason: str = "买家取消") -> None:
        """The buyer gives up an unpaid order."""
        with self.books.transaction():
            row = self._expect(order_id, UNPAID)
            document = json.loads(row["json"])
            set_everywhere(document, cancel_reason=reason)
            set_status(document, CANCELLED)
            self.stock.gave_up(order_id, self._units(order_id))
            self.save(row, document)
            self.events.order(
                tags.CANCELLED,
                document,
                cancel_time=document["update_time"],
                cancel_reason=reason,
            )

    def change_freight(self, order_id: str, freight_fen: int) -> None:
        """The seller changes the freight of an unpaid order (改价); goods keep their price."""
        if freight_fen < 0:
            raise ControlError("no negative freight")
        with self.books.transaction():
            row = self._expect(order_id, UNPAID)
            document = json.loads(row["json"])
            change = freight_fen - document["post_amount"]
            document["modify_post_amount"] += change
            document["post_amount"] += change
            document["pay_amount"] += change
            self.save(row, document, freight_fen=freight_fen)
            self.events.order(
                tags.AMOUNT,
                document,
                total_amount=document["pay_amount"],
                post_amount=freight_fen,
                modify_time=document["update_time"],
            )

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
            self._tell(
                tags.ADDRESS_CHANGED,
                document,
                receiver_id,
                receiver_msg=receiver_message(document),
                update_time=document["update_time"],
            )

    def ask_address(self, order_id: str, receiver_id: int) -> None:
        """The buyer applies for another receiver: a message only, the merchant decides."""
        with self.books.transaction():
            row = self._expect(order_id, PAID, STOCKING)
            self.books.execute(
                "INSERT INTO address_asks (order_id, receiver_id, at) VALUES (?, ?, ?)",
                (str(order_id), receiver_id, self.clock.now()),
            )
            document = json.loads(row["json"])
            wanted = {**document, **self.receivers.fields(self.receivers.get(receiver_id))}
            new = self.receivers.fill(
                dump(receiver_message(wanted)), self.receivers.get(receiver_id), str(order_id)
            )
            self._tell(
                tags.ADDRESS_ASKED,
                document,
                row["receiver_id"],
                apply_time=self.clock.now(),
                receiver_msg=receiver_message(document),
                post_receiver_msg=json.loads(new),
            )

    def set_ship_by(self, order_id: str, at: int) -> None:
        """The platform moves the time an order must be shipped by (unix seconds)."""
        with self.books.transaction():
            row = self._expect(order_id, PAID, STOCKING)
            document = json.loads(row["json"])
            set_everywhere(document, exp_ship_time=int(at))
            self.save(row, document)
            self.events.order(tags.SHIP_BY, document)

    def remark(self, order_id: str, text: str, star: int) -> None:
        """The seller's memo and flag, 0 to 5."""
        with self.books.transaction():
            row = self.row(order_id)
            document = json.loads(row["json"])
            document |= {"seller_words": text, "seller_remark_stars": star}
            self.save(row, document)
            self.events.order(
                tags.MEMO, document, remark=text, star=star, update_time=document["update_time"]
            )

    @staticmethod
    def star(row: sqlite3.Row) -> int:
        """The flag of an order."""
        return json.loads(row["json"])["seller_remark_stars"]

    def touch(self, order_id: str, later: bool = False) -> None:
        """Change the seller's memo only; ``later`` makes the new second surely greater."""
        with self.books.transaction():
            row = self.row(order_id)
            document = json.loads(row["json"])
            document["seller_words"] += "催"
            self.save(row, document, at=row["update_time"] + 1 if later else 0)
            self.events.order(
                tags.MEMO,
                document,
                remark=document["seller_words"],
                star=document["seller_remark_stars"],
                update_time=document["update_time"],
            )

    def mark_bad(self, order_id: str, kind: str) -> None:
        """Answer this order spoilt from now on (see faults.py), or clean with an empty kind."""
        with self.books.transaction():
            row = self.row(order_id)
            self.save(row, json.loads(row["json"]), bad=kind)

    def ship(
        self,
        order_id: str,
        company: str,
        company_name: str,
        waybill: str,
        line_ids: list[str] | None = None,
    ) -> None:
        """Hand over lines (None: each still owed); the platform's own checks come before."""
        with self.books.transaction():
            row = self._expect(order_id, STOCKING, PART_SHIPPED)
            document = json.loads(row["json"])
            now = max(self.clock.now(), row["update_time"])
            owed = [
                x
                for x in document["sku_order_list"]
                if x["order_status"] not in (CANCELLED, SHIPPED)
            ]
            kept = [x for x in owed if line_ids is None or x["order_id"] in line_ids]
            if not kept or (line_ids is not None and len(kept) != len(set(line_ids))):
                raise ControlError(f"order {order_id} does not owe these lines")
            parcel = _parcel(order_id, company, company_name, waybill, now)
            parcel["delivery_id"] += str(len(document["logistics_info"]) or "")
            document["logistics_info"].append(parcel)
            parcel["product_info"] = [
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
            whole = len(kept) == len(owed)
            if whole:
                set_status(document, SHIPPED)
            else:
                set_part_shipped(document, kept)
            self.save(row, document, company_code=company, waybill=waybill)
            self.note("ship", order_id, "", 0, f"{company} {waybill}")
            self._tell_shipped(document, row["receiver_id"], parcel, whole)

    def _tell_shipped(self, document: dict, receiver_id: int, parcel: dict, whole: bool) -> None:
        logistics = {
            "express_company_id": parcel["company"],
            "logistics_code": parcel["tracking_no"],
        }
        if not whole:
            logistics["pack_id"] = parcel["delivery_id"]
            logistics["shipped_order_info"] = [
                {
                    "shipped_order_id": int(line["sku_order_id"]),
                    "product_id": line["product_id"],
                    "sku_id": line["sku_id"],
                    "sku_num": line["product_count"],
                    "shipped_num": line["product_count"],
                }
                for line in parcel["product_info"]
            ]
        self._tell(
            tags.SHIPPED if whole else tags.PART_SHIPPED,
            document,
            receiver_id,
            logistics_msg=logistics,
            receiver_msg=receiver_message(document),
            update_time=document["update_time"],
        )

    def complete(self, order_id: str) -> None:
        """The buyer confirms receipt."""
        with self.books.transaction():
            row = self._expect(order_id, SHIPPED)
            document = json.loads(row["json"])
            document["finish_time"] = max(self.clock.now(), row["update_time"])
            set_status(document, DONE)
            self.save(row, document)
            self.note("complete", order_id, "", 0, "")
            self.events.order(tags.DONE, document, complete_time=document["finish_time"])

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
