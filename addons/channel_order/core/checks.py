"""What stops an order before it is allocated. Each check tells what it saw, in numbers.

Details are written with signs and names only, so that they read the same in every language; the
type of the problem says the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .explode import Part, line_amounts
from .snapshot import OrderSnapshot, Problem

QUANTITY_MAX = 9999
# Only a new snapshot, or a person, can clear these: what we store cannot prove them wrong.
FROM_SNAPSHOT = frozenset({"amounts", "quantity", "malformed", "duplicate", "stale", "other"})
# Found by looking at our own data again.
FROM_DATA = frozenset({"sku_unknown", "price_band", "blocklist", "shipped_elsewhere"})
# Found by allocation; the order waits in the queue.
FROM_ALLOCATION = frozenset({"short", "unfillable", "no_offer"})
# Told about an order in a wave, or later; they stop nothing by themselves.
NOTICES = frozenset({"address", "lines_changed", "platform_hold"})
# A person may accept these with a reason, and the order goes on as it is.
ACCEPTABLE = (
    frozenset({"price_band", "amounts", "blocklist", "shipped_elsewhere", "stale", "other"})
    | NOTICES
)


@dataclass(frozen=True, slots=True)
class Pool:
    """An open offer; ``floor`` and ``ceiling`` are fen a unit of the link, 0 for none."""

    id: int
    link_id: int
    room_ref: str
    floor: int = 0
    ceiling: int = 0


Bands = Mapping[tuple[int, int], tuple[int | None, int | None]]


def yuan(fen: int) -> str:
    """Fen as yuan, exactly: 1990 is 19.90."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def name(part: Part) -> str:
    """How a line is called in a detail."""
    line = part.line
    return f"{line.title or line.sku_code} [{line.sku_ref or line.sku_code or line.line_id}]"


def check_quantity(snapshot: OrderSnapshot) -> list[Problem]:
    """A line sells between 1 and 9,999 units."""
    bad = [line for line in snapshot.lines if not 1 <= line.quantity <= QUANTITY_MAX]
    return _problem("quantity", (f"{x.title or x.sku_ref}: {x.quantity}" for x in bad))


def check_amounts(snapshot: OrderSnapshot) -> list[Problem]:
    """No amount is negative; lines add up; the order is its lines and the freight."""
    seen = []
    for line in snapshot.lines:
        amounts = line_amounts(line)
        if not amounts.adds_up or min(amounts) < 0:
            rest = " + ".join(yuan(value) for value in amounts[1:] if value)
            seen.append(f"{line.title or line.sku_ref}: {yuan(amounts.list)} ≠ {rest or '0.00'}")
    paid = sum(line.paid for line in snapshot.lines)
    if paid + snapshot.freight != snapshot.paid or snapshot.freight < 0:
        seen.append(f"{yuan(snapshot.paid)} ≠ {yuan(paid)} + {yuan(snapshot.freight)}")
    return _problem("amounts", seen)


def check_sku(parts: Iterable[Part]) -> list[Problem]:
    """Every line has a link that held on the day."""
    return _problem("sku_unknown", (name(part) for part in parts if part.link_id is None))


def check_price(
    parts: Sequence[Part], pools: Mapping[str, Pool | None], bands: Bands, day: int
) -> list[Problem]:
    """The list price of a unit against its offer, else against the product's price band.

    :param pools: the pool of each platform line
    :param bands: (day, product) -> lowest and highest fen a unit of the product, None for open
    """
    seen: list[str] = []
    for part in parts:
        if part.gift or part.product_id is None:
            continue
        pool = pools.get(part.line.line_id)
        if pool is not None and (pool.floor or pool.ceiling):
            if not part.part:
                amount, units = part.line.list_amount, part.item_quantity
                seen += _outside(part, amount, units, pool.floor or None, pool.ceiling or None)
        else:
            floor, ceiling = bands.get((day, part.product_id), (None, None))
            seen += _outside(part, part.amounts.list, part.quantity, floor, ceiling)
    return _problem("price_band", seen)


def check_blocklist(
    keys: Mapping[str, str | None], blocked: frozenset[tuple[str, str]], shown: Mapping[str, str]
) -> list[Problem]:
    """The receiver's phone, name or address is blocked. ``shown``: masked text for people."""
    hits = [kind for kind, key in keys.items() if key and (kind, key) in blocked]
    return _problem("blocklist", (shown.get(kind) or kind for kind in hits))


def _outside(part: Part, amount: int, units: int, floor: int | None, ceiling: int | None):
    """What to tell when ``amount`` for ``units`` is below floor or above ceiling a unit."""
    if floor is not None and amount < floor * units:
        return [f"{name(part)}: {yuan(amount)} / {units} < {yuan(floor)}"]
    if ceiling is not None and amount > ceiling * units:
        return [f"{name(part)}: {yuan(amount)} / {units} > {yuan(ceiling)}"]
    return []


def _problem(kind: str, seen: Iterable[str]) -> list[Problem]:
    detail = "\n".join(seen)
    return [Problem(kind, detail)] if detail else []
