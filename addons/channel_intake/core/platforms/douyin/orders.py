"""A Doudian shop order as an OrderSnapshot (platforms.md §3.4; money: decision 0003)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import Malformed
from ...reading import Reader, as_int, as_ref, clean, loads
from ...snapshots import LineSnapshot, OrderSnapshot, PlatformStatus
from ..base import ORDER, RawMessage, seal
from .receiver import read_receiver, split_plain, without_ciphers

STATUS = {
    1: PlatformStatus.UNPAID,
    105: PlatformStatus.HELD,
    2: PlatformStatus.READY,
    101: PlatformStatus.SHIPPED,
    3: PlatformStatus.SHIPPED,
    4: PlatformStatus.CANCELLED,
    21: PlatformStatus.CANCELLED,  # main_status: refunded before it was shipped
    5: PlatformStatus.DONE,
}
# after_sale_status of a line: 12 and the order's own cancellation (51, 53) give money back.
LINE_REFUND_OPEN = frozenset({6, 7, 8, 11})
LINE_REFUNDED = frozenset({12, 51, 53})
REFUND_TYPES = frozenset({0, 1, 2})
RISK_WORDS = ("risk", "风控", "风险")
MAX_LINES = 500


MAX_FLAG = 5


@dataclass(frozen=True, slots=True)
class Discounts:
    """Who bears what of a line, fen."""

    shop: int
    platform: int
    talent: int
    payment: int
    platform_total: int


def raw_order(order: object, at: int) -> RawMessage:
    """A shop order as a message to store; ``at`` dates one without a usable update_time."""
    if not isinstance(order, Mapping):
        return seal(ORDER, {"unreadable": order}, "", None, at)
    public, secret = split_plain(order)
    return seal(
        ORDER,
        public,
        order.get("order_id"),
        order.get("update_time"),
        at,
        secret,
        same=without_ciphers,
    )


def parse_order(body: str, secret: str = "", platform: str = "douyin") -> OrderSnapshot:
    """Read a stored shop order.

    :raises Malformed: when it has no number, no update time or no lines.
    """
    order = _object(body)
    reader = Reader()
    order_ref = as_ref(order.get("order_id"))
    if not order_ref:
        raise Malformed(f"order_id = {order.get('order_id')!r:.40}")
    updated_at = reader.time(order, "update_time")
    if updated_at is None:
        raise Malformed(f"update_time = {order.get('update_time')!r:.40}")
    lines = _lines(order, reader)
    status = _status(order, reader)
    freight = reader.fen(order, "post_amount")
    paid = reader.fen(order, "pay_amount", required=True)
    total = sum(line.paid for line in lines) + freight
    if paid != total:
        reader.problem("amounts", f"pay_amount {paid} ≠ {total}")
    created_at = reader.time(order, "create_time") or updated_at
    return OrderSnapshot(
        platform=platform,
        order_ref=order_ref,
        status=status,
        created_at=created_at,
        paid_at=_paid_at(order, status, created_at, reader),
        updated_at=updated_at,
        freight=freight,
        paid=paid,
        receiver=_receiver(order, secret, reader),
        lines=lines,
        buyer_note=reader.text(order, "buyer_words", 500),
        seller_note=reader.text(order, "seller_words", 500),
        seller_flag=_flag(order.get("seller_remark_stars")),
        ship_by=reader.time(order, "exp_ship_time"),
        problems=tuple(reader.problems),
    )


def _flag(value: Any) -> int:
    """The colour of the seller's flag, 1 to 5; 0: none, or one that nobody knows."""
    flag = as_int(value) or 0
    return flag if 0 < flag <= MAX_FLAG else 0


def _object(body: str) -> Mapping[str, Any]:
    try:
        order = loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(order, Mapping):
        raise Malformed(f"{order!r:.40}")
    if "too_large" in order:
        raise Malformed(f"too large: {order['too_large']!r:.20}")
    return order


def _status(order: Mapping[str, Any], reader: Reader) -> PlatformStatus:
    """The release gate: READY only for status 2 without a hold; what is unknown is HELD."""
    if as_int(order.get("main_status")) == 21:
        return PlatformStatus.CANCELLED
    code = as_int(order.get("order_status"))
    status = STATUS.get(code)
    if status is None:
        reader.problem("malformed", f"order_status = {order.get('order_status')!r:.40}")
        return PlatformStatus.HELD
    if status is PlatformStatus.READY and _under_review(order):
        return PlatformStatus.HELD
    return status


def _under_review(order: Mapping[str, Any]) -> bool:
    """Whether the platform's risk review holds the order."""
    if as_int(order.get("abnormal_order")) == 2:
        return True
    tags = order.get("shop_order_tag_ui")
    if not isinstance(tags, list):
        return False
    return any(
        word in str(tag.get(part, "")).lower()
        for tag in tags
        if isinstance(tag, Mapping)
        for part in ("key", "text")
        for word in RISK_WORDS
    )


def _paid_at(order, status: PlatformStatus, created_at: int, reader: Reader) -> int | None:
    """Time of payment; cash on delivery has none and counts from its creation."""
    paid_at = reader.time(order, "pay_time")
    if paid_at is None and status not in (PlatformStatus.UNPAID, PlatformStatus.CANCELLED):
        return created_at
    return paid_at


def _receiver(order, secret: str, reader: Reader):
    try:
        plain = loads(secret) if secret else {}
    except ValueError:
        plain = {}
        reader.problem("malformed", "receiver = ?")
    return read_receiver(order, plain if isinstance(plain, Mapping) else {})


def _lines(order: Mapping[str, Any], reader: Reader) -> tuple[LineSnapshot, ...]:
    rows = order.get("sku_order_list")
    if not isinstance(rows, list) or not rows:
        raise Malformed(f"sku_order_list = {rows!r:.40}")
    if len(rows) > MAX_LINES:
        raise Malformed(f"sku_order_list: {len(rows)} > {MAX_LINES}")
    lines: dict[str, LineSnapshot] = {}
    for row in rows:
        if not isinstance(row, Mapping):
            raise Malformed(f"sku_order_list: {row!r:.40}")
        line = _line(row, reader)
        if line.line_id in lines:
            raise Malformed(f"sku_order_list: {line.line_id} × 2")
        lines[line.line_id] = line
    return tuple(lines.values())


def _line(row: Mapping[str, Any], reader: Reader) -> LineSnapshot:
    line_id = as_ref(row.get("order_id"))
    if not line_id:
        raise Malformed(f"sku_order_list.order_id = {row.get('order_id')!r:.40}")
    quantity = reader.quantity(row, "item_num")
    unit = reader.fen(row, "origin_amount")
    listed = reader.fen(row, "sum_amount") if "sum_amount" in row else unit * quantity
    paid = reader.fen(row, "pay_amount", required=True)
    discounts = _discounts(row, reader)
    _check_line(reader, line_id, unit, quantity, listed, paid, discounts)
    after_sale = row.get("after_sale_info")
    state = _after_sale_state(after_sale if isinstance(after_sale, Mapping) else {})
    return LineSnapshot(
        line_id=line_id,
        product_ref=as_ref(row.get("product_id_str")) or as_ref(row.get("product_id")),
        sku_ref=as_ref(row.get("sku_id")),
        sku_code=clean(row.get("code"), 64) or clean(row.get("out_sku_id"), 64),
        title=reader.text(row, "product_name", 200),
        quantity=quantity,
        list_amount=listed,
        paid=paid,
        discount_shop=discounts.shop,
        discount_platform=discounts.platform,
        discount_talent=discounts.talent,
        discount_payment=discounts.payment,
        room_ref=as_ref(row.get("room_id_str")) or as_ref(row.get("room_id")),
        author_ref=as_ref(row.get("author_id")),
        author_name=reader.text(row, "author_name", 100),
        gift=row.get("given_product_type") == "FREE",
        master_line_ids=_masters(row),
        refund_open=state == "open",
        refunded=state == "refunded",
    )


def _discounts(row: Mapping[str, Any], reader: Reader) -> Discounts:
    """Bearers of a line's discounts; without the two parts, all of the platform's is its own."""
    total = reader.fen(row, "platform_cost_amount")
    split = row.get("only_platform_cost_amount") is not None or (
        row.get("author_cost_amount") is not None
    )
    platform = reader.fen(row, "only_platform_cost_amount") if split else total
    talent = reader.fen(row, "author_cost_amount") if split else 0
    return Discounts(
        shop=reader.fen(row, "shop_cost_amount"),
        platform=platform,
        talent=talent,
        payment=reader.fen(row, "promotion_pay_amount"),
        platform_total=total if row.get("platform_cost_amount") is not None else platform + talent,
    )


def _check_line(reader, line_id, unit, quantity, listed, paid, discounts: Discounts) -> None:
    if listed != unit * quantity:
        reader.problem("amounts", f"{line_id}: sum_amount {listed} ≠ {unit} × {quantity}")
    if discounts.platform_total != discounts.platform + discounts.talent:
        reader.problem(
            "amounts",
            f"{line_id}: platform_cost_amount {discounts.platform_total} ≠ "
            f"{discounts.platform} + {discounts.talent}",
        )
    due = listed - discounts.shop - discounts.platform_total - discounts.payment
    if paid != due:
        reader.problem("amounts", f"{line_id}: pay_amount {paid} ≠ {due}")


def _masters(row: Mapping[str, Any]) -> tuple[str, ...]:
    masters = row.get("master_sku_order_id_list")
    refs = (as_ref(master) for master in masters) if isinstance(masters, list) else ()
    return tuple(ref for ref in refs if ref)


def _after_sale_state(info: Mapping[str, Any]) -> str:
    """``open``, ``refunded`` or nothing. Judged by after_sale_status: refund_status stays 1
    when the buyer withdraws.
    """
    status = as_int(info.get("after_sale_status"))
    kind = as_int(info.get("after_sale_type"))
    if status in LINE_REFUND_OPEN:
        return "open"
    if status in LINE_REFUNDED and (kind is None or kind in REFUND_TYPES):
        return "refunded"
    return ""
