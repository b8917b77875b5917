"""Control API under /_sim/: the story's hands, never used by the product."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from .errors import ControlError

if TYPE_CHECKING:
    from .simulator import DouyinSimulator

# POST /_sim/<name> calls the method with the JSON body as keyword arguments.
ACTIONS = (
    "add_sku",
    "set_stock",
    "buy",
    "burst",
    "pay",
    "cancel",
    "change_freight",
    "expire_unpaid",
    "release_risk",
    "change_address",
    "ask_address",
    "address_asks",
    "remark",
    "set_ship_by",
    "ship_lines",
    "complete",
    "touch",
    "apply_refund",
    "refund_order",
    "modify_refund",
    "extend_refund",
    "agree_refund",
    "close_refund",
    "refuse_refund",
    "orphan_refund",
    "bad_order",
    "books",
)


def _actions(sim: "DouyinSimulator") -> dict[str, Callable]:
    return {
        **{name: getattr(sim, name) for name in ACTIONS},
        "aftersale/apply": sim.after_shipping.apply,
        "aftersale/send_back": sim.after_shipping.send_back,
        "aftersale/ask_again": sim.after_shipping.ask_again,
        "aftersale/pay_at_once": sim.after_shipping.pay_at_once,
        "aftersale/got_replacement": sim.after_shipping.got_replacement,
        "aftersale/parcel": sim.after_shipping.parcel,
        "settlements/configure": sim.settlements.configure,
        "settlements/run": sim.settlements.run,
        "settlements/wrong_fee": sim.settlements.wrong_fee,
        "settlements/take": sim.settlements.take,
        "settlements/repeat_pages": sim.settlements.repeat_pages,
        "settlements/export": sim.settlements.export,
        "clock/set": sim.clock.set,
        "clock/advance": sim.clock.advance,
        "clock/real": sim.clock.real,
        "faults/add": sim.faults.add,
        "faults/rate_limit": sim.faults.rate_limit,
        "faults/stale": sim.faults.stale,
        "faults/push": sim.faults.push,
        "faults/oversell": sim.faults.oversell,
        "faults/clear": sim.faults.clear,
        "pushes/subscribe": sim.pushes.subscribe,
        "pushes/unsubscribe": sim.pushes.unsubscribe,
        "pushes/configure": sim.pushes.configure,
        "pushes/settle": sim.pushes.settle,
        "pushes/send": sim.pushes.send,
        "rush/prepare": sim.rush.prepare,
        "rush/start": sim.rush.start,
        "rush/stop": sim.rush.stop,
        "rush/wait": sim.rush.wait,
        "tokens/expire": sim.tokens.expire_all,
    }


def _views(sim: "DouyinSimulator", query: dict[str, str]) -> dict[str, Callable]:
    status = query.get("status")
    limit = int(query.get("limit", 1000))
    sku_id = int(query["sku_id"]) if query.get("sku_id") else None
    return {
        "books": sim.books,
        "requests": lambda: sim.requests(limit),
        "pushes": sim.pushes.report,
        "pushes/events": lambda: sim.pushes.events(limit),
        "pushes/log": lambda: sim.pushes.log(limit),
        "rush": sim.rush.report,
        "stock": lambda: sim.stock.view(sku_id),
        "settlements": sim.settlements.rows,
        "stock/changes": lambda: sim.stock.changes(sku_id or 0, limit),
        "clock": sim.clock.now,
        "order": lambda: sim.order(query.get("order_id", "")),
        "order_ids": lambda: sim.order_ids(int(status) if status else None),
        "ready": lambda: True,
    }


def handle(
    sim: "DouyinSimulator", verb: str, path: str, query_text: str, body: bytes
) -> tuple[int, bytes]:
    """Run one control call and return HTTP status and JSON body."""
    name = path.removeprefix("/_sim/").strip("/")
    query = {key: values[0] for key, values in parse_qs(query_text).items()}
    try:
        table = _views(sim, query) if verb == "GET" else _actions(sim)
        if name not in table:
            return _answer(404, error=f"no {verb} /_sim/{name}")
        arguments = json.loads(body or b"{}") if verb == "POST" else {}
        return _answer(200, result=table[name](**arguments))
    except ControlError as error:
        return _answer(409, error=str(error))
    except (TypeError, ValueError) as error:
        return _answer(400, error=f"{type(error).__name__}: {error}")


def _answer(status: int, **fields: object) -> tuple[int, bytes]:
    return status, json.dumps({"ok": status == 200, **fields}, ensure_ascii=False).encode()
