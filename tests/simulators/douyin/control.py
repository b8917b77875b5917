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
    "buy",
    "burst",
    "pay",
    "cancel",
    "expire_unpaid",
    "release_risk",
    "change_address",
    "complete",
    "touch",
    "apply_refund",
    "refund_order",
    "modify_refund",
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
        "clock/set": sim.clock.set,
        "clock/advance": sim.clock.advance,
        "clock/real": sim.clock.real,
        "faults/add": sim.faults.add,
        "faults/rate_limit": sim.faults.rate_limit,
        "faults/stale": sim.faults.stale,
        "faults/clear": sim.faults.clear,
        "tokens/expire": sim.tokens.expire_all,
    }


def _views(sim: "DouyinSimulator", query: dict[str, str]) -> dict[str, Callable]:
    status = query.get("status")
    return {
        "books": sim.books,
        "requests": lambda: sim.requests(int(query.get("limit", 1000))),
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
    table = _views(sim, query) if verb == "GET" else _actions(sim)
    if name not in table:
        return _answer(404, error=f"no {verb} /_sim/{name}")
    try:
        arguments = json.loads(body or b"{}") if verb == "POST" else {}
        return _answer(200, result=table[name](**arguments))
    except ControlError as error:
        return _answer(409, error=str(error))
    except (TypeError, ValueError) as error:
        return _answer(400, error=f"{type(error).__name__}: {error}")


def _answer(status: int, **fields: object) -> tuple[int, bytes]:
    return status, json.dumps({"ok": status == 200, **fields}, ensure_ascii=False).encode()
