"""Faults on demand: of calls (limits, breaks, delays), of pushes, of single orders (bad data)."""

import json
import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import ControlError

CALL_FAULTS = ("server_error", "slow", "drop_after", "drop_before", "truncate", "shift_page")
PUSH_FAULTS = (
    "lost",
    "repeated",
    "out_of_order",
    "delayed",
    "ack_lost",
    "cut",
    "bad_signature",
)
HUGE_QUANTITY = 10**9
_NASTY = "小\u0000明\u0007\u001f\u200b🎁\U0001f468\u200d\U0001f469\u200d\U0001f467\ufeff"


@dataclass
class CallFault:
    """A fault of calls: fires at every ``every``-th call of ``method``, ``times`` times.

    ``method`` empty means any; ``times`` None means for ever; ``seconds`` delays (slow).
    """

    kind: str
    method: str = ""
    every: int = 1
    times: int | None = 1
    seconds: float = 0.0
    calls: int = field(default=0, init=False)

    def fires(self, method: str) -> bool:
        """Count a call and tell whether the fault hits it."""
        if self.times == 0 or self.method not in ("", method):
            return False
        self.calls += 1
        if self.calls % self.every:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class PushFault:
    """A fault of pushes: hits ``share`` (0 to 1) of the messages of ``tag``, ``times`` times.

    ``tag`` empty means any; ``times`` None means for ever; ``seconds`` (platform's clock) is how
    long a delayed message waits, a repeated one until it comes again, and one out of order for
    a later one to overtake it. The draw depends on seed and message only, not on timing.
    """

    kind: str
    tag: str = ""
    share: float = 1.0
    times: int | None = 1
    seconds: int = 0
    seed: int = 1

    def hits(self, tag: str, key: str) -> bool:
        """Tell whether the fault hits this message, and count it."""
        if self.times == 0 or self.tag not in ("", tag):
            return False
        if random.Random(f"{self.seed}/{self.kind}/{key}").random() >= self.share:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults in force. They live in memory: a restart clears all but bad orders.

    :param seed: seed of the shares of push faults
    """

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._pushes: list[PushFault] = []
        self._oversell: dict[int | None, float] = {}
        self._lock = threading.Lock()
        self._calls: list[CallFault] = []
        self._rates: dict[str, float] = {}
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self._stale: set[str] = set()

    def add(
        self,
        kind: str,
        method: str = "",
        every: int = 1,
        times: int | None = 1,
        seconds: float = 0.0,
    ) -> None:
        """Arm a fault of calls."""
        if kind not in CALL_FAULTS or every < 1:
            raise ControlError(f"no such fault {kind!r}; one of {', '.join(CALL_FAULTS)}")
        with self._lock:
            self._calls.append(CallFault(kind, method, every, times, seconds))

    def rate_limit(self, per_second: int | None, method: str = "") -> None:
        """Allow ``per_second`` calls in any second to each method, or to one; None lifts it."""
        with self._lock:
            if per_second is None:
                self._rates.pop(method, None)
            else:
                self._rates[method] = per_second
            self._recent.clear()

    def stale(self, order_id: str) -> None:
        """Answer the snapshot before the last change once, at the next read of the order."""
        with self._lock:
            self._stale.add(str(order_id))

    def push(
        self,
        kind: str,
        tag: str = "",
        share: float = 1.0,
        times: int | None = 1,
        seconds: int | None = None,
        seed: int | None = None,
    ) -> None:
        """Arm a fault of pushes, one of :data:`PUSH_FAULTS`; see :class:`PushFault`.

        :param seconds: None for 60, and for 0 when repeated
        """
        if kind not in PUSH_FAULTS or not 0 <= share <= 1:
            raise ControlError(f"no such fault {kind!r}; one of {', '.join(PUSH_FAULTS)}")
        if seconds is None:
            seconds = 0 if kind == "repeated" else 60
        seed = self._seed if seed is None else seed
        fault = PushFault(kind, str(tag), share, times, seconds, seed)
        with self._lock:
            self._pushes.append(fault)

    @property
    def push_armed(self) -> bool:
        """Some fault of pushes is armed."""
        return bool(self._pushes)

    def push_hit(self, kind: str, tag: str, key: str) -> PushFault | None:
        """Return the armed fault of this kind that hits a message, or None."""
        if not self._pushes:
            return None
        with self._lock:
            for fault in self._pushes:
                if fault.kind == kind and fault.hits(tag, key):
                    return fault
        return None

    def oversell(self, sku_id: int | None = None, units: int | None = None) -> None:
        """Let orders take ``units`` (None: any number) more of a SKU (None: of any) than is left."""
        with self._lock:
            self._oversell[sku_id] = float("inf") if units is None else int(units)

    def may_oversell(self, short: dict[int, int]) -> bool:
        """Tell whether an order may take what is short ({sku_id: units}), and count it."""
        if not short:
            return True
        with self._lock:
            allowed = dict(self._oversell)
            for sku_id, units in short.items():
                own = min(units, allowed.get(sku_id, 0))
                allowed[sku_id] = allowed.get(sku_id, 0) - own
                allowed[None] = allowed.get(None, 0) - (units - own)
            if allowed.get(None, 0) < 0:
                return False
            self._oversell = allowed
        return True

    def clear(self) -> None:
        """Lift every fault of calls and pushes, overselling, the limits and the stale reads."""
        with self._lock:
            self._pushes.clear()
            self._oversell.clear()
            self._calls.clear()
            self._rates.clear()
            self._recent.clear()
            self._stale.clear()

    def take(self, method: str) -> dict[str, CallFault]:
        """Return the faults that hit this call, by kind."""
        with self._lock:
            return {fault.kind: fault for fault in self._calls if fault.fires(method)}

    def take_stale(self, order_id: str) -> bool:
        """Tell once that this read must be stale."""
        if not self._stale:
            return False
        with self._lock:
            hit = order_id in self._stale
            self._stale.discard(order_id)
            return hit

    def limited(self, method: str) -> bool:
        """Count a call against the limit of its method; a refused call does not count."""
        with self._lock:
            rate = self._rates.get(method, self._rates.get(""))
            if rate is None:
                return False
            now, recent = time.monotonic(), self._recent[method]
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= rate:
                return True
            recent.append(now)
            return False


# -- bad data ---------------------------------------------------------------------------------


def _unknown_sku(order: dict) -> None:
    for line in order["sku_order_list"]:
        number = 3_999_000_000_000_000 + line["sku_id"] % 1000
        line.update(sku_id=number, code=f"UNKNOWN-{number}", out_sku_id=f"UNKNOWN-{number}")
        line.update(product_id=3_699_999_999_999_999_999, product_id_str="3699999999999999999")


def _quantity(number: int) -> Callable[[dict], None]:
    def change(order: dict) -> None:
        for line in order["sku_order_list"]:
            line["item_num"] = number

    return change


def _amounts(order: dict) -> None:
    order["pay_amount"] += 7
    order["sku_order_list"][0]["sum_amount"] += 1


def _negative(order: dict) -> None:
    order["sku_order_list"][0]["pay_amount"] = -1


def _decimal_amounts(order: dict) -> None:
    for part in (order, *order["sku_order_list"]):
        part["pay_amount"] = part["pay_amount"] / 100


def _ids_as_numbers(order: dict) -> None:
    for line in order["sku_order_list"]:
        line["order_id"] = int(line["order_id"])
        line["parent_order_id"] = int(line["parent_order_id"])
    order["order_id"] = int(order["order_id"])


def _control_characters(order: dict) -> None:
    order["mask_post_receiver"] = _NASTY
    order["buyer_words"] = _NASTY
    for line in order["sku_order_list"]:
        line["product_name"] = f"{line['product_name']}{_NASTY}"
        line["author_name"] = _NASTY


def _lone_surrogate(order: dict) -> None:
    order["buyer_words"] = "断\ud83d"


def _missing_fields(order: dict) -> None:
    for name in ("pay_amount", "post_addr", "create_time"):
        order.pop(name)
    for line in order["sku_order_list"]:
        line.pop("item_num")
        line.pop("pay_amount")


def _null_fields(order: dict) -> None:
    for name in ("post_addr", "logistics_info", "buyer_words", "pay_amount"):
        order[name] = None


def _no_lines(order: dict) -> None:
    order["sku_order_list"] = []


BAD_ORDERS: dict[str, Callable[[dict], None]] = {
    "unknown_sku": _unknown_sku,
    "quantity_zero": _quantity(0),
    "quantity_huge": _quantity(HUGE_QUANTITY),
    "amounts": _amounts,
    "negative_amount": _negative,
    "decimal_amounts": _decimal_amounts,
    "ids_as_numbers": _ids_as_numbers,
    "control_characters": _control_characters,
    "lone_surrogate": _lone_surrogate,
    "missing_fields": _missing_fields,
    "null_fields": _null_fields,
    "no_lines": _no_lines,
}


def check_bad(kind: str) -> str:
    """Return ``kind`` when it is one of the bad orders (or empty)."""
    if kind and kind not in BAD_ORDERS:
        raise ControlError(f"no such bad order {kind!r}; one of {', '.join(BAD_ORDERS)}")
    return kind


def spoil(text: str, kind: str) -> str:
    """Return an order's JSON spoilt; the books themselves stay right."""
    order = json.loads(text)
    BAD_ORDERS[kind](order)
    # ASCII only: control characters and lone surrogates must travel escaped.
    return json.dumps(order, separators=(",", ":"))


def cut(body: bytes) -> bytes:
    """Return a body broken off at a random place after its first byte."""
    return body[: random.randrange(1, max(2, len(body) - 1))]
