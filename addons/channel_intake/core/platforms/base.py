"""What an adapter is: the one place where a platform's own words are understood."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..reading import as_int, as_ref, dumps
from ..snapshots import AfterSaleSnapshot, OrderSnapshot

ORDER = "order"
AFTERSALE = "aftersale"
MAX_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A snapshot to store. ``secret`` is plain receiver data (JSON) that must be encrypted."""

    kind: str
    ref: str
    updated_at: int
    body: str
    digest: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a list call. ``total``: rows of the whole window, where it is told."""

    rows: tuple[RawMessage, ...]
    total: int | None
    more: bool


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver in plain text, for printing only."""

    name: str
    phone: str
    address: str


class Adapter(Protocol):
    """Reads stored messages of one platform; pure."""

    platform: str

    def parse_order(self, body: str, secret: str, platform: str) -> OrderSnapshot:
        """:raises Malformed: when the message cannot become an order at all."""
        ...

    def parse_aftersale(self, body: str, platform: str) -> AfterSaleSnapshot:
        """:raises Malformed: when the message cannot become an after-sale at all."""
        ...


@dataclass(frozen=True, slots=True)
class Sku:
    """A SKU by the platform's numbers; the product's may be unknown (empty)."""

    product_ref: str
    sku_ref: str


@dataclass(frozen=True, slots=True)
class SkuStock:
    """Units a platform still sells, and those it holds for unpaid orders besides."""

    number: int
    held: int


class StockConnection(Protocol):
    """A platform that can be told how many units of its SKUs it may sell.

    No call is repeated here: whoever calls knows what may be told again.
    """

    def tell_zero(self, skus: Sequence[Sku]) -> None:
        """Nothing is left of these SKUs of one product: all or none."""
        ...

    def add(self, sku: Sku, units: int, key: str) -> None:
        """Add units, or take them away (< 0); counted once for each key."""
        ...

    def numbers(self, skus: Sequence[Sku]) -> dict[str, SkuStock]:
        """{SKU number: stock} of these SKUs of one product, without those it does not know."""
        ...


class Connection(Protocol):
    """A platform that can be called. ``stock``: None where it cannot be told its stock."""

    stock: StockConnection | None

    def orders(self, start: int, end: int, page: int, size: int) -> Page: ...

    def aftersales(self, start: int, end: int, page: int, size: int) -> Page: ...

    def order(self, order_ref: str) -> RawMessage: ...

    def ship(self, order_ref: str, company_code: str, waybill: str) -> str:
        """:return: ``done``, or ``already`` when this waybill was reported before."""
        ...

    def answer_aftersale(
        self, ref: str, kind: str, gate: str, accept: bool, version: int, reason: str,
        company_code: str = "", waybill: str = "", *, address_ref: str = "",
    ) -> str:  # fmt: skip
        """Grant or refuse an after-sale, as its ``version`` stood.

        :param gate: ``request``, or ``goods`` when the buyer's goods, or our new ones, are meant
        :param company_code: carrier and ``waybill`` of the new goods
        :param address_ref: where the buyer is to send the goods
        :return: ``done``, or ``already`` when the platform had it so before
        :raises Overtaken: it is another version now, or was decided otherwise
        """
        ...

    def intercept(self, ref: str, company_code: str, waybill: str) -> str:
        """Ask the carrier to stop the parcel of the after-sale's order."""
        ...

    def remark(self, order_ref: str, note: str, flag: int) -> None:
        """Replace the seller's note; ``flag`` 1 to 5, 0: none."""
        ...

    def confirm_address(self, order_ref: str, answer: str) -> None:
        """Answer a buyer who asks for another receiver.

        :param answer: a value of ``channel_order.core.address.AddressAnswer``
        """
        ...

    def decrypt(self, secrets: Mapping[str, Mapping[str, str]]) -> dict[str, Receiver]: ...

    def phone_tokens(self, phones: list[str]) -> dict[str, str]: ...

    def check(self) -> str:
        """Try the credentials. :return: the shop's name on the platform."""
        ...


def storable(text: str) -> str:
    """``text`` as the database can hold it: no NUL, no half of a surrogate pair."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def seal(
    kind: str,
    public: Any,
    ref: object,
    updated_at: object,
    at: int,
    secret: Any = None,
    same: Callable[[str], str] | None = None,
) -> RawMessage:
    """A message ready to store. What has no usable number or time is kept too: the digest names
    it and ``at`` dates it, and reading it later stops it with a reason.

    :param same: makes of a body what two of the same news have in common, where not all of it is
    """
    body = storable(dumps(public))
    hidden = storable(dumps(secret)) if secret else ""
    words = same(body) if same else body
    digest = hashlib.sha256(f"{words}\n{hidden}".encode()).hexdigest()
    time = as_int(updated_at)
    if time is None or not 0 < time < 4102444800:
        time = at
    if len(body) > MAX_BODY:
        body = dumps({"too_large": len(body)})
    return RawMessage(kind, as_ref(ref) or f"?{digest[:20]}", time, body, digest, hidden)
