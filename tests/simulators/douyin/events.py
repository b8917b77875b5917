"""What happens to orders and after-sales, as the messages of the platform's push service."""

import itertools
import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from .books import Books
from .clock import Clock

PING = "0"
CREATED, PAID, PENDING, SHIPPED, PART_SHIPPED, DONE = "100", "101", "110", "102", "108", "103"
ADDRESS_CHANGED, ADDRESS_ASKED, CANCELLED, AMOUNT, MEMO, SHIP_BY = (
    "105",
    "111",
    "106",
    "109",
    "113",
    "126",
)
RETURN_AGREED, RETURN_SHIPPED, RETURN_REFUSED = "202", "203", "205"
REFUND_CREATED, REFUND_AGREED, REFUND_REFUSED, REFUND_SUCCESS, REFUND_CLOSED = (
    "200",
    "201",
    "204",
    "206",
    "207",
)
REFUND_MODIFIED, REFUND_DEADLINE = "208", "209"
# Field of an after-sale message that says when it happened.
_MOMENT = {
    REFUND_AGREED: "agree_time",
    RETURN_AGREED: "agree_time",
    RETURN_SHIPPED: "ship_time",
    RETURN_REFUSED: "refuse_time",
    REFUND_REFUSED: "refuse_time",
    REFUND_SUCCESS: "success_time",
    REFUND_CLOSED: "close_time",
    REFUND_MODIFIED: "modify_time",
}
_SHANGHAI = timezone(timedelta(hours=8))
_IDS = ("p_id", "s_id", "s_ids", "aftersale_id")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Event:
    """One message on its way; a row of ``events``.

    ``next_at``: platform's second at which it is due; ``fault``: faults it met, with commas.
    """

    seq: int
    at: int
    tag: str
    msg_id: str
    data: str
    attempts: int
    next_at: int
    fault: str

    def add_fault(self, kind: str) -> None:
        """Note a fault that hit the message."""
        self.fault = f"{self.fault},{kind}" if self.fault else kind


class Events:
    """Writes messages into the books, in the transaction of what they tell.

    Nothing is written while nobody has subscribed, as on the platform.
    """

    def __init__(self, books: Books, clock: Clock, shop_id: int, seed: int):
        self._books = books
        self._clock = clock
        self._shop_id = shop_id
        self._seed = seed
        self._seqs = itertools.count(books.scalar("SELECT max(seq) FROM events") + 1)
        self.wanted = False
        self.text_ids = 0.0  # share of messages whose ids are text
        self.deliver: Callable[[list[Event]], None] = lambda _events: None

    def order(
        self,
        tag: str,
        document: dict,
        fill: Callable[[str], str] = str,
        **fields: object,
    ) -> None:
        """Tell of an order, given as its stored JSON; ``fill`` puts cipher texts in."""
        if self.wanted:
            self.write([(tag, fill(self.order_data(tag, document, **fields)))])

    def order_data(self, tag: str, document: dict, **fields: object) -> str:
        """Return ``data`` of a message about an order."""
        data = {
            "p_id": int(document["order_id"]),
            "s_ids": [int(line["order_id"]) for line in document["sku_order_list"]],
            "shop_id": self._shop_id,
            "order_status": document["order_status"],
            "order_type": document["order_type"],
            "biz": document["biz"],
            **fields,
        }
        if tag == CREATED:
            data["create_time"] = document["create_time"]
        elif tag in (PAID, PENDING):
            data |= {key: document[key] for key in ("pay_amount", "pay_time", "pay_type")}
        elif tag == SHIP_BY:
            data |= {"p_id": document["order_id"], "exp_delivery_time": document["exp_ship_time"]}
        return _encode(data)

    def aftersale(self, tag: str, row: dict) -> None:
        """Tell of an after-sale, given as its stored row."""
        if not self.wanted:
            return
        data = {
            "aftersale_id": int(row["aftersale_id"]),
            "aftersale_status": row["status"],
            "aftersale_type": row["type"],
            "p_id": int(row["order_id"]),
            "s_id": int(row["line_id"]),
            "shop_id": self._shop_id,
        }
        if tag == REFUND_DEADLINE:
            data["status_deadline"] = row["status_deadline"]
        else:
            data |= {
                "refund_amount": row["refund_fen"],
                "refund_post_amount": row["refund_post_fen"],
                "refund_voucher_num": 0,
                "reason_code": row["reason_code"],
                "update_time": datetime.fromtimestamp(row["update_time"], _SHANGHAI).isoformat(),
            }
            data[_MOMENT.get(tag, "apply_time")] = (
                row["update_time"] if tag in _MOMENT else row["apply_time"]
            )
        self.write([(tag, _encode(data))])

    def write(self, messages: Iterable[tuple[str, str]]) -> list[str]:
        """Write (tag, data) as messages due now and return their ids."""
        now = self._clock.now()
        events = []
        for tag, data in messages:
            seq = next(self._seqs)
            msg_id = f"7{self._shop_id % 1000:03d}{seq:015d}"
            if self.text_ids and random.Random(f"{self._seed}/{msg_id}").random() < self.text_ids:
                data = _with_text_ids(data)
            events.append(Event(seq, now, tag, msg_id, data, 0, now, ""))
        with self._books.transaction():
            self._books.executemany(
                "INSERT INTO events (seq, at, tag, msg_id, data, next_at) VALUES (?,?,?,?,?,?)",
                [(e.seq, e.at, e.tag, e.msg_id, e.data, e.next_at) for e in events],
            )
            self._books.after_commit(self.deliver, events)
        return [event.msg_id for event in events]

    def unfinished(self) -> list[Event]:
        """Return the messages neither acknowledged nor given up, oldest first."""
        rows = self._books.all(
            "SELECT seq, at, tag, msg_id, data, attempts, next_at, fault FROM events"
            " WHERE state = 'due' ORDER BY seq"
        )
        return [Event(*row) for row in rows]


def _with_text_ids(data: str) -> str:
    """Return the same data with its ids as text."""
    fields = json.loads(data)
    for name in _IDS:
        if isinstance(fields.get(name), int):
            fields[name] = str(fields[name])
        elif isinstance(fields.get(name), list):
            fields[name] = [str(value) for value in fields[name]]
    return _encode(fields)


def receiver_message(document: dict) -> dict:
    """Return ``receiver_msg``: masks and cipher texts, the address as JSON text."""
    address = {**document["post_addr"], "detail": document["mask_post_addr"]["detail"]}
    return {
        "addr": _encode(address),
        "name": document["mask_post_receiver"],
        "encrypt_name": document["encrypt_post_receiver"],
        "tel": document["mask_post_tel"],
        "encrypt_tel": document["encrypt_post_tel"],
    }
