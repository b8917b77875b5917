"""A Doudian after-sale (afterSale.List) as an AfterSaleSnapshot (platforms.md §3.4, §3.5)."""

import json
from collections.abc import Mapping
from typing import Any

from ...errors import Malformed
from ...reading import MAX_INT, Reader, as_int, as_ref, clean
from ...snapshots import AfterSaleKind, AfterSaleSnapshot, AfterSaleStatus
from ..base import AFTERSALE, RawMessage, seal

KIND = {
    0: AfterSaleKind.RETURN,
    1: AfterSaleKind.REFUND_ONLY,
    2: AfterSaleKind.REFUND_BEFORE_SHIP,
    3: AfterSaleKind.EXCHANGE,
    6: AfterSaleKind.PRICE,
    7: AfterSaleKind.RESEND,
    8: AfterSaleKind.REPAIR,
}
STATUS = {
    0: AfterSaleStatus.APPLIED,
    6: AfterSaleStatus.APPLIED,
    7: AfterSaleStatus.AGREED,
    8: AfterSaleStatus.AGREED,
    11: AfterSaleStatus.RETURNED,
    13: AfterSaleStatus.REPLACED,
    12: AfterSaleStatus.SUCCEEDED,
    14: AfterSaleStatus.SUCCEEDED,
    51: AfterSaleStatus.SUCCEEDED,
    53: AfterSaleStatus.SUCCEEDED,
    27: AfterSaleStatus.REFUSED,
    29: AfterSaleStatus.REFUSED,
    28: AfterSaleStatus.CLOSED,
}
# order_logistics_state: what became of the parcel that had left (channel_order core Fate)
FATE = {1: "refused", 2: "delivered", 3: "stopped", 4: "back"}
_SHOP_ORDER = 2  # aftersale_order_type: the whole order, not one line


def raw_aftersale(item: object, at: int) -> RawMessage:
    """An item of afterSale.List as a message to store."""
    info = item.get("aftersale_info") if isinstance(item, Mapping) else None
    if not isinstance(info, Mapping):
        return seal(AFTERSALE, {"unreadable": item}, "", None, at)
    return seal(AFTERSALE, item, info.get("aftersale_id"), info.get("update_time"), at)


def parse_aftersale(body: str, platform: str = "douyin") -> AfterSaleSnapshot:
    """Read a stored after-sale.

    :raises Malformed: when number, order, type, state, amount or time cannot be read.
    """
    try:
        item = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    info = item.get("aftersale_info") if isinstance(item, Mapping) else None
    if not isinstance(info, Mapping):
        raise Malformed("aftersale_info = ?")
    order_info = item.get("order_info")
    order_info = order_info if isinstance(order_info, Mapping) else {}
    reader = Reader()
    freight = reader.fen(info, "refund_post_amount")
    amount = reader.fen(info, "refund_amount") + freight
    updated_at = reader.time(info, "update_time")
    if reader.problems:
        raise Malformed(reader.problems[0].detail)
    if updated_at is None:
        raise Malformed(f"update_time = {info.get('update_time')!r:.40}")
    order_ref, line_ref = _refs(info, order_info)
    return AfterSaleSnapshot(
        platform=platform,
        aftersale_ref=_required(as_ref(info.get("aftersale_id")), "aftersale_id"),
        order_ref=order_ref,
        line_ref=line_ref,
        kind=_known(KIND, info, "aftersale_type"),
        status=_known(STATUS, info, "aftersale_status"),
        amount=amount,
        applied_at=reader.time(info, "apply_time") or updated_at,
        updated_at=updated_at,
        reason=_reason(item),
        freight=freight,
        **_goods(info),
    )


def _goods(info: Mapping) -> dict[str, Any]:
    """Units, deadline and parcels. What is odd there reads as not told: it stops no refund."""
    items = as_int(info.get("aftersale_num")) or 0
    return {
        "items": items if 0 <= items <= MAX_INT else 0,
        "deadline": Reader().time(info, "status_deadline"),
        "return_company": clean(info.get("return_logistics_company_code"), 64),
        "return_waybill": clean(info.get("return_logistics_code"), 64),
        "parcel_fate": FATE.get(as_int(info.get("order_logistics_state")) or 0, ""),
    }


def _refs(info: Mapping, order_info: Mapping) -> tuple[str, str]:
    """The shop order and the line; an empty line means the whole order."""
    related = as_ref(info.get("related_id"))
    order_ref = as_ref(order_info.get("shop_order_id"))
    if as_int(info.get("aftersale_order_type")) == _SHOP_ORDER:
        return _required(order_ref or related, "shop_order_id"), ""
    lines = order_info.get("related_order_info")
    ids = [
        as_ref(line.get("sku_order_id"))
        for line in (lines if isinstance(lines, list) else ())
        if isinstance(line, Mapping)
    ]
    line_ref = related or (ids[0] if ids else "")
    if not line_ref:
        raise Malformed("related_id = ?")
    return _required(order_ref, "shop_order_id"), line_ref


def _known(table: Mapping, info: Mapping, key: str):
    value = as_int(info.get(key))
    if value not in table:
        raise Malformed(f"{key} = {info.get(key)!r:.40}")
    return table[value]


def _required(ref: str, key: str) -> str:
    if not ref:
        raise Malformed(f"{key} = ?")
    return ref


def _reason(item: Mapping) -> str:
    texts = item.get("text_part")
    return clean(texts.get("reason_text"), 200) if isinstance(texts, Mapping) else ""
