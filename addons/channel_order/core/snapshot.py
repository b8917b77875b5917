"""What a platform says about an order, in one shape for every platform.

An adapter (file, manual entry, Douyin, ...) turns its own message into these values and
nothing else; everything after it works on them. Amounts are integer fen, times are unix
seconds (UTC), ids are text: a 19-digit id does not survive as a number.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class PlatformStatus(StrEnum):
    """What the platform allows us to do with the order."""

    UNPAID = "unpaid"
    HELD = "held"  # paid, not releasable: risk review, group buy running, ...
    READY = "ready"
    SHIPPED = "shipped"
    DONE = "done"
    CANCELLED = "cancelled"


class AfterSaleKind(StrEnum):
    """What the buyer asks for."""

    REFUND_BEFORE_SHIP = "refund_before_ship"
    REFUND_ONLY = "refund_only"
    RETURN = "return"
    EXCHANGE = "exchange"
    RESEND = "resend"
    REPAIR = "repair"
    PRICE = "price"


class AfterSaleStatus(StrEnum):
    """How far the after-sale is. SUCCEEDED, REFUSED and CLOSED are ends.

    RETURNED: the buyer has sent the goods, REPLACED: we have sent the new ones.
    """

    APPLIED = "applied"
    AGREED = "agreed"
    RETURNED = "returned"
    REPLACED = "replaced"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a check saw, as values that can be told in any language.

    ``kind`` names the sentence (``channel.exception._sentence``), the rest fills it: ``amount`` and
    ``limit`` are fen, ``item`` is how the platform calls the line, ``product_id`` our product,
    ``text`` a value as it stood there.
    """

    kind: str
    item: str = ""
    product_id: int | None = None
    units: int = 0
    amount: int = 0
    limit: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an order cannot go on: a type of ``channel.exception`` and what was seen.

    ``detail`` reads the same in every language: with the type it says which problem it is, so that
    what a person accepted is known again. ``facts`` tell the same to people.
    """

    type: str
    detail: str = ""
    facts: tuple[Fact, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LineSnapshot:
    """One line as the platform knows it. ``list_amount`` is of the whole line, before discounts.

    ``paid`` is what the buyer pays for the line without freight.
    """

    line_id: str
    product_ref: str
    sku_ref: str
    quantity: int
    list_amount: int
    paid: int
    sku_code: str = ""
    title: str = ""
    discount_shop: int = 0
    discount_platform: int = 0
    discount_talent: int = 0
    discount_payment: int = 0
    room_ref: str = ""
    author_ref: str = ""
    author_name: str = ""
    gift: bool = False
    master_line_ids: tuple[str, ...] = ()
    refund_open: bool = False
    refunded: bool = False

    @property
    def owed(self) -> int:
        """Fen the platform owes for the line: all discounts but the shop's own are paid to us."""
        return self.paid + self.discount_platform + self.discount_talent + self.discount_payment


@dataclass(frozen=True, slots=True)
class ReceiverSnapshot:
    """Who receives. Plain text only in ``secret``, which is encrypted before it is stored.

    ``*_token`` say what is hashed for search and merging: ``plain:13800138000``, or the
    platform's own search index as ``douyin:<index>``.
    """

    name_masked: str = ""
    phone_masked: str = ""
    address_masked: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    secret: str = ""
    phone_token: str = ""
    name_token: str = ""
    address_token: str = ""
    merge_token: str = ""


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """An order as the platform showed it at ``updated_at``. ``paid`` includes freight."""

    platform: str
    order_ref: str
    status: PlatformStatus
    created_at: int
    paid_at: int | None
    updated_at: int
    freight: int
    paid: int
    receiver: ReceiverSnapshot
    lines: tuple[LineSnapshot, ...]
    buyer_note: str = ""
    seller_note: str = ""
    seller_flag: int = 0
    ship_by: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class AfterSaleSnapshot:
    """An after-sale as the platform showed it at ``updated_at``. Empty ``line_ref``: all lines.

    ``freight``: the part of ``amount`` that is freight. ``items``: units of the SKU, 0 for all of
    the line. ``deadline``: until when we may answer. ``parcel_fate``: what the platform says of the
    order's own parcel (a value of ``aftersales.Fate``).
    """

    platform: str
    aftersale_ref: str
    order_ref: str
    line_ref: str
    kind: AfterSaleKind
    status: AfterSaleStatus
    amount: int
    applied_at: int
    updated_at: int
    reason: str = ""
    items: int = 0
    freight: int = 0
    deadline: int | None = None
    return_company: str = ""
    return_waybill: str = ""
    parcel_fate: str = ""
