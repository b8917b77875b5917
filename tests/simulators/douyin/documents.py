"""The JSON of an order as the platform answers it, built once and stored."""

import json
from typing import NamedTuple

UNPAID, PAID, STOCKING, PART_SHIPPED, SHIPPED, CANCELLED, DONE = 1, 105, 2, 101, 3, 4, 5
REFUNDED_BEFORE_SHIP = 21  # main_status of an order whose lines were all refunded unshipped
STATUS_TEXT = {
    UNPAID: "待支付",
    PAID: "已支付",
    STOCKING: "备货中",
    PART_SHIPPED: "部分发货",
    SHIPPED: "已发货",
    CANCELLED: "已关闭",
    DONE: "已完成",
    REFUNDED_BEFORE_SHIP: "发货前退款完结",
}
EXPIRE_SECONDS = 1800
SHIP_WITHIN_SECONDS = 48 * 3600
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Source(NamedTuple):
    """Where the buyer came from; ids 0 when not from a live room."""

    room_id: int = 0
    author_id: int = 0
    author_name: str = ""

    @property
    def in_alliance(self) -> bool:
        """A talent sold it, not the shop itself."""
        return bool(self.author_id)


def dump(document: dict) -> str:
    """Return compact JSON with literal UTF-8, as the platform sends it."""
    return _ENCODER.encode(document)


def _common(status: int, now: int, paid: bool) -> dict:
    return {
        "biz": 2,
        "biz_desc": "小店",
        "order_type": 0,
        "order_type_desc": "普通订单",
        "trade_type": 0,
        "trade_type_desc": "普通",
        "order_status": status,
        "order_status_desc": STATUS_TEXT[status],
        "main_status": status,
        "main_status_desc": STATUS_TEXT[status],
        "b_type": 2,
        "b_type_desc": "抖音",
        "sub_b_type": 1,
        "pay_type": 2 if paid else 0,
        "channel_payment_no": "",
        "create_time": now,
        "update_time": now,
        "pay_time": now if paid else 0,
        "finish_time": 0,
        "ship_time": 0,
        "order_expire_time": EXPIRE_SECONDS,
        "exp_ship_time": now + SHIP_WITHIN_SECONDS if paid else 0,
        "cancel_reason": "",
    }


def line_document(
    order_id: str, line_id: str, sku: dict, money: dict, source: Source, status: int, now: int
) -> dict:
    """Return one element of ``sku_order_list``."""
    return {
        "order_id": line_id,
        "parent_order_id": order_id,
        "order_level": 3,
        **_common(status, now, paid=status != UNPAID),
        "author_id": source.author_id,
        "author_name": source.author_name,
        "room_id": source.room_id,
        "room_id_str": str(source.room_id) if source.room_id else "",
        "video_id": "",
        "theme_type": "1" if source.room_id else "0",
        "c_biz": 2 if source.in_alliance else 8,
        "c_biz_desc": "精选联盟" if source.in_alliance else "小店自卖",
        "ad_env_type": "live" if source.room_id else "",
        "product_id": sku["product_id"],
        "product_id_str": str(sku["product_id"]),
        "sku_id": sku["sku_id"],
        "out_sku_id": sku["code"],
        "out_product_id": "0",
        "code": sku["code"],
        "supplier_id": "",
        "product_name": sku["title"],
        "product_pic": "",
        "goods_type": 0,
        "spec": [{"name": "规格", "value": sku["spec"]}],
        **money,
        "reduce_stock_type": 2,
        "pre_sale_type": 0,
        "receive_type": 1,
        "given_product_type": "",
        "master_sku_order_id_list": [],
        "bundle_sku_info": [],
        "inventory_list": [],
        "need_serial_number": False,
        "tax_amount": 0,
        "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
    }


def order_document(
    order_id: str, shop_id: int, shop_name: str, status: int, now: int, money: dict, words: str
) -> dict:
    """Return the shop order without its lines and its receiver."""
    return {
        "order_id": order_id,
        "order_level": 2,
        "shop_id": shop_id,
        "shop_name": shop_name,
        "open_id": "",
        **_common(status, now, paid=status != UNPAID),
        **money,
        "buyer_words": words,
        "seller_words": "",
        "seller_remark_stars": 0,
        "appointment_ship_time": 0,
        "order_phase_list": [],
        "logistics_info": [],
        "promise_info": "",
        "serial_number_list": [],
        "shop_order_tag_ui": [],
        "user_tag_ui": [],
        "address_tag_ui": [],
    }


def set_status(document: dict, status: int, main_status: int | None = None) -> None:
    """Set a status on the order and its lines (a line refunded earlier keeps its own)."""
    main = status if main_status is None else main_status
    own = [line for line in document["sku_order_list"] if line["order_status"] != CANCELLED]
    for part in (document, *own):
        part["order_status"] = status
        part["order_status_desc"] = STATUS_TEXT[status]
        part["main_status"] = main
        part["main_status_desc"] = STATUS_TEXT[main]


def set_part_shipped(document: dict, lines: list[dict]) -> None:
    """Set ``lines`` shipped and the order partly shipped."""
    for part, status in [(document, PART_SHIPPED), *((line, SHIPPED) for line in lines)]:
        part["order_status"] = part["main_status"] = status
        part["order_status_desc"] = part["main_status_desc"] = STATUS_TEXT[status]


def set_everywhere(document: dict, **fields: object) -> None:
    """Set fields on the order and each of its lines."""
    document.update(fields)
    for line in document["sku_order_list"]:
        line.update(fields)
