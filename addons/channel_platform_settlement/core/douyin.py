"""Douyin's settlement as order.getSettleBillDetailV3 tells it; amounts are fen already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from odoo.addons.channel_intake.core.errors import BadAnswer, Refused
from odoo.addons.channel_intake.core.reading import CHINA, as_int, as_ref, clean, utc_seconds

from .settlement import Kind, RowProblem, Settlement, Told, settlement

SUCCESS = 100000
PAGE_SIZE = 100
MAX_PAGES = 20_000
KINDS = (Kind.SETTLED, Kind.REFUND, Kind.DEPOSIT, Kind.REFUND_OTHER)
_BUCKETS = {
    "paid": ("real_pay_amount",),
    "subsidy_platform": ("platform_coupon",),
    "subsidy_talent": ("author_coupon",),
    "subsidy_payment": ("zt_pay_promotion", "zr_pay_promotion"),
    "refunded": ("refund_before_settle",),
    "platform_fee": ("platform_service_fee",),
    "commission": ("commission",),
    "colonel_fee": ("colonel_service_fee",),
    "channel_share": ("good_learn_channel_fee",),
    "promotion": ("channel_promotion_fee",),
    "other_sharing": ("other_sharing_amount",),
}
# told for other purposes: what the order was, and amounts that others contain
_UNUSED = {
    "pay_type_desc", "is_contains_refund_before_settle", "order_time", "product_id", "goods_count",
    "flow_type_desc", "order_type", "total_amount", "total_goods_amount", "post_amount",
    "shop_coupon", "packing_amount", "free_commission_flag", "real_free_commission_amount",
}  # fmt: skip
_USED = {
    "settle_time", "request_no", "shop_order_id", "order_id", "settle_amount", "trade_type",
    "total_income", "total_outcome", "remark", *(key for keys in _BUCKETS.values() for key in keys),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins. Both belong together: an index without its time is not moved."""

    index: str = ""
    time: str = ""


def pages(
    ask: Callable[[Mapping[str, Any]], Any], start: int, end: int, size: int = PAGE_SIZE
) -> Iterator[tuple[Settlement, ...]]:
    """What was settled between two moments (unix seconds, at most 7 days apart), page by page.

    :param ask: makes the call: parameters → data
    :raises BadAnswer: an answer that is not what was agreed, or a cursor that does not move
    """
    cursor = Cursor()
    for _page in range(MAX_PAGES):
        params = {
            "size": size,
            "start_time": local(start),
            "end_time": local(end),
            "time_type": "0",
            "start_index": cursor.index,
        }
        if cursor.time:
            params["start_time"] = cursor.time
        data = ask(params)
        rows, following = _page_of(data)
        yield rows
        if following is None:
            return
        if following == cursor:
            raise BadAnswer("the settlement's cursor does not move")
        cursor = following
    raise BadAnswer(f"the settlement has more than {MAX_PAGES} pages")


def _page_of(data: Any) -> tuple[tuple[Settlement, ...], Cursor | None]:
    if not isinstance(data, Mapping):
        raise BadAnswer("the settlement has no data")
    code = as_int(data.get("code"))
    if code not in (None, SUCCESS):
        raise Refused(data.get("code_msg") or "refused", permanent=False, code=str(code))
    rows = data.get("data")
    ended = as_int(data.get("is_end"))
    if not isinstance(rows, list) and not (rows is None and ended == 1):
        raise BadAnswer("the settlement has no rows")
    following = None
    if ended != 1:
        following = Cursor(
            clean(data.get("next_start_index"), 100), clean(data.get("next_start_time"), 30)
        )
        if not following.index or utc_seconds(following.time) is None:
            raise BadAnswer("the settlement's cursor has no index or no time")
    return tuple(read_row(row) for row in rows or ()), following


def read_row(row: Any) -> Settlement:
    """A row of the call.

    :raises BadAnswer: when it cannot be used
    """
    if not isinstance(row, Mapping):
        raise BadAnswer("a row of the settlement is no object")
    number, order = as_ref(row.get("request_no")), as_ref(row.get("shop_order_id"))
    line = as_ref(row.get("order_id"))
    try:
        kind = as_int(row.get("trade_type"))
        settled_at = utc_seconds(clean(row.get("settle_time"), 30))
        named = order or line or number
        if kind is None or not named:
            raise RowProblem("missing", "trade_type" if kind is None else "shop_order_id")
        if settled_at is None:
            raise RowProblem("time", "settle_time", str(row.get("settle_time")))
        told = Told(
            _fen(row, "settle_amount", needed=True),
            {bucket: sum(_fen(row, key) for key in keys) for bucket, keys in _BUCKETS.items()},
            _fen(row, "total_income", needed=True),
            _fen(row, "total_outcome", needed=True),
        )
        return settlement(
            told,
            kind=KINDS[kind] if 0 <= kind < len(KINDS) else Kind.OTHER,
            scene=clean(row.get("flow_type_desc"), 100),
            remark=clean(row.get("remark"), 500),
            account=clean(row.get("pay_type_desc"), 100),
            number=number, order_ref=named, line_ref=line, settled_at=settled_at,
            extra={
                clean(key, 60): clean(value, 200)
                for key, value in row.items()
                if key not in _USED and key not in _UNUSED and clean(value, 200)
            },
        )  # fmt: skip
    except RowProblem as problem:
        raise BadAnswer(f"settlement {number or order}: {problem}") from None


def _fen(row: Mapping[str, Any], key: str, *, needed: bool = False) -> int:
    value = row.get(key)
    if value in (None, "") and not needed:
        return 0
    fen = as_int(value)
    if fen is None:
        raise RowProblem("amount", key, str(value))
    return fen


def local(seconds: int) -> str:
    """A moment as the platform writes it: China's time."""
    return datetime.fromtimestamp(seconds, CHINA).strftime("%Y-%m-%d %H:%M:%S")
