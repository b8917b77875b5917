"""What the plan of a batch is made from and made of. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .checks import Pool
from .explode import Amounts, Link, Part
from .snapshot import OrderSnapshot, PlatformStatus, Problem

NO_UPDATE = -1  # updated_at of a line without after-sales


@dataclass(frozen=True, slots=True)
class ReceiverKeys:
    """Keyed hashes of a receiver; None where the platform gave nothing."""

    phone: str | None = None
    name: str | None = None
    address: str | None = None
    merge: str | None = None


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as it is in the database."""

    id: int
    line_ref: str
    part: int
    sku_ref: str
    link_id: int | None
    pool_id: int | None
    quantity: int
    item_quantity: int
    amounts: Amounts
    state: str
    refund_flag: bool
    gift: bool = False
    product_id: int | None = None
    sku_code: str = ""
    title: str = ""
    room_ref: str = ""
    author_ref: str = ""
    author_name: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """An order as it is in the database; ``receiver`` are the masked texts and region names."""

    id: int
    ref: str
    stage: str
    status: PlatformStatus
    updated_at: int
    digest: str | None = None
    paid_at: int | None = None
    created_at: int = 0
    freight: int = 0
    refund_open: bool = False
    fulfiller_id: int | None = None
    territory_id: int | None = None
    keys: ReceiverKeys = ReceiverKeys()
    receiver: tuple[str, ...] = ()
    lines: tuple[StoredLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """An after-sale that asks the money back before shipment; empty ``line_ref``: all lines."""

    line_ref: str
    open: bool
    succeeded: bool
    updated_at: int


@dataclass(frozen=True, slots=True)
class Context:
    """Our own data that a batch is judged by; ``links`` by platform SKU."""

    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    links_by_id: Mapping[int, Link] = field(default_factory=dict)
    pools: Mapping[tuple[int, str], Pool] = field(default_factory=dict)
    bands: Mapping[tuple[int, int], tuple[int | None, int | None]] = field(default_factory=dict)
    blocked: frozenset[tuple[str, str]] = frozenset()
    at_risk: frozenset[str] = frozenset()  # keyed hashes of phones
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    accepted: Mapping[int, frozenset[tuple[str, str]]] = field(default_factory=dict)
    open_problems: Mapping[int, tuple[Problem, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line to be written; ``stored_id`` when it exists and is only changed.

    ``held``: its offer is on hold.
    """

    part: Part
    pool_id: int | None
    state: str
    refund_flag: bool
    stored_id: int | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """Amounts of an order: its lines that are not refunded, and the freight."""

    paid: int
    owed: int
    freight: int
    shop: int
    platform: int
    talent: int
    payment: int


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What becomes of one order of a batch, before units are given out.

    ``rebuild``: the lines are written anew; else ``lines`` are changes of stored ones.
    ``release``: ids of stored lines whose units go back before anything is written.
    """

    snapshot: OrderSnapshot
    stored: Stored | None
    keys: ReceiverKeys
    stage: str
    lines: tuple[PlannedLine, ...]
    rebuild: bool
    refund_open: bool
    problems: tuple[Problem, ...]
    totals: Totals | None
    wants_units: bool = False
    address_changed: bool = False
    write_receiver: bool = True
    release: tuple[int, ...] = ()

    @property
    def ref(self) -> str:
        """The platform's number of the order."""
        return self.snapshot.order_ref
