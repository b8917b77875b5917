"""Small builders of snapshots and contexts for the pure tests."""

from channel_order.core.checks import Pool
from channel_order.core.explode import Component, Link
from channel_order.core.facts import Context
from channel_order.core.snapshot import (
    LineSnapshot,
    OrderSnapshot,
    PlatformStatus,
    ReceiverSnapshot,
)

PAID_AT = 1_780_000_000
LINK = Link(1, "sku-1", (Component(11, 1, 100),))
BUNDLE = Link(2, "sku-2", (Component(11, 2, 30), Component(12, 1, 70), Component(13, 1, 0)))
POOL = Pool(5, 1, "")
CONTEXT = Context(
    links={"sku-1": (LINK,), "sku-2": (BUNDLE,)},
    links_by_id={1: LINK, 2: BUNDLE},
    pools={(1, ""): POOL, (2, ""): Pool(6, 2, "")},
)
RECEIVER = ReceiverSnapshot(
    name_masked="张*", phone_masked="138****8000", address_masked="深南大道****",
    province="广东省", city="深圳市", phone_token="plain:13800138000", secret="{}",
)  # fmt: skip


def line(line_id="L1", sku="sku-1", quantity=1, paid=1990, **values):
    """A line that adds up: its list amount is what was paid and all discounts."""
    names = ("discount_shop", "discount_platform", "discount_talent", "discount_payment")
    listed = paid + sum(values.get(name, 0) for name in names)
    return LineSnapshot(
        **{
            "line_id": line_id, "product_ref": "p", "sku_ref": sku, "quantity": quantity,
            "paid": paid, "list_amount": listed, "title": "Lipstick",
        } | values
    )  # fmt: skip


def order(ref="A1", *lines, status=PlatformStatus.READY, at=PAID_AT, freight=0, **values):
    """An order that adds up."""
    lines = lines or (line(),)
    return OrderSnapshot(
        **{
            "platform": "douyin", "order_ref": ref, "status": status, "created_at": PAID_AT,
            "paid_at": PAID_AT, "updated_at": at, "freight": freight,
            "paid": sum(x.paid for x in lines) + freight, "receiver": RECEIVER, "lines": lines,
        } | values
    )  # fmt: skip
