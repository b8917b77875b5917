"""What stops an order before it is allocated. Each check tells what it saw, in numbers.

Details are written with signs and names only, so that they read the same in every language and are
known again; the facts beside them become sentences where people read them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .explode import Part, line_amounts
from .snapshot import Fact, LineSnapshot, OrderSnapshot, Problem

QUANTITY_MAX = 9999
# Only a new snapshot, or a person, can clear these: what we store cannot prove them wrong.
FROM_SNAPSHOT = frozenset({"amounts", "quantity", "malformed", "duplicate", "stale", "other"})
# Found by looking at our own data again.
FROM_DATA = frozenset({"sku_unknown", "price_band", "blocklist", "risk", "shipped_elsewhere"})
# Found by allocation; the order waits in the queue.
FROM_ALLOCATION = frozenset({"short", "unfillable", "no_offer", "on_hold"})
# Told about an order in a wave, or later; they stop nothing by themselves.
NOTICES = frozenset({"address", "lines_changed", "platform_hold"})
# A person may accept these with a reason, and the order goes on as it is.
ACCEPTABLE = (
    frozenset({"price_band", "amounts", "blocklist", "risk", "shipped_elsewhere", "stale", "other"})
    | NOTICES
)


@dataclass(frozen=True, slots=True)
class Pool:
    """An open offer; ``floor`` and ``ceiling`` are fen a unit of the link, 0 for none.

    ``held``: a person, or an alarm, put it on hold: it gives nothing out until it is released.
    """

    id: int
    link_id: int
    room_ref: str
    floor: int = 0
    ceiling: int = 0
    held: bool = False


Bands = Mapping[tuple[int, int], tuple[int | None, int | None]]


def yuan(fen: int) -> str:
    """Fen as yuan, exactly: 1990 is 19.90."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


Seen = tuple[str, Fact]  # a line of the detail and what it says


def name(part: Part) -> str:
    """How a line is called in a detail."""
    return line_name(part.line)


def line_name(line: LineSnapshot) -> str:
    """How a platform line is called in a detail: its title and the platform's SKU."""
    return f"{line.title or line.sku_code} [{line.sku_ref or line.sku_code or line.line_id}]"


def check_quantity(snapshot: OrderSnapshot) -> list[Problem]:
    """A line sells between 1 and 9,999 units."""
    return problem(
        "quantity",
        (
            (
                f"{line.title or line.sku_ref}: {line.quantity}",
                Fact("quantity", line_name(line), units=line.quantity, limit=QUANTITY_MAX),
            )
            for line in snapshot.lines
            if not 1 <= line.quantity <= QUANTITY_MAX
        ),
    )


def check_amounts(snapshot: OrderSnapshot) -> list[Problem]:
    """No amount is negative; lines add up; the order is its lines and the freight."""
    seen: list[Seen] = []
    for line in snapshot.lines:
        amounts = line_amounts(line)
        if not amounts.adds_up or min(amounts) < 0:
            rest = " + ".join(yuan(value) for value in amounts[1:] if value) or "0.00"
            kind = "line_negative" if amounts.adds_up else "line_sum"
            fact = Fact(kind, line_name(line), amount=amounts.list, text=rest)
            seen.append((f"{line.title or line.sku_ref}: {yuan(amounts.list)} ≠ {rest}", fact))
    paid = sum(line.paid for line in snapshot.lines)
    if paid + snapshot.freight != snapshot.paid or snapshot.freight < 0:
        rest = f"{yuan(paid)} + {yuan(snapshot.freight)}"
        kind = "freight_negative" if snapshot.freight < 0 else "order_sum"
        seen.append(
            (f"{yuan(snapshot.paid)} ≠ {rest}", Fact(kind, amount=snapshot.paid, text=rest))
        )
    return problem("amounts", seen)


def check_sku(parts: Iterable[Part]) -> list[Problem]:
    """Every line has a link that held on the day."""
    return problem(
        "sku_unknown",
        ((name(part), Fact("sku_unknown", name(part))) for part in parts if part.link_id is None),
    )


def check_price(
    parts: Sequence[Part], pools: Mapping[str, Pool | None], bands: Bands, day: int
) -> list[Problem]:
    """The list price of a unit against its offer, else against the product's price band.

    :param pools: the pool of each platform line
    :param bands: (day, product) -> lowest and highest fen a unit of the product, None for open
    """
    seen: list[Seen] = []
    for part in parts:
        if part.gift or part.product_id is None:
            continue
        pool = pools.get(part.line.line_id)
        if pool is not None and (pool.floor or pool.ceiling):
            if not part.part:
                amount, units = part.line.list_amount, part.item_quantity
                limits = (pool.floor or None, pool.ceiling or None)
                seen += _outside(part, amount, units, limits, None)
        else:
            limits = bands.get((day, part.product_id), (None, None))
            seen += _outside(part, part.amounts.list, part.quantity, limits, part.product_id)
    return problem("price_band", seen)


def check_blocklist(
    keys: Mapping[str, str | None], blocked: frozenset[tuple[str, str]], shown: Mapping[str, str]
) -> list[Problem]:
    """The receiver's phone, name or address is blocked. ``shown``: masked text for people."""
    hits = [kind for kind, key in keys.items() if key and (kind, key) in blocked]
    return problem(
        "blocklist",
        (
            (shown.get(kind) or kind, Fact(f"blocked_{kind}", text=shown.get(kind) or ""))
            for kind in hits
        ),
    )


def check_risk(
    keys: Mapping[str, str | None], at_risk: frozenset[str], shown: Mapping[str, str]
) -> list[Problem]:
    """The receiver's phone is held by an alarm. ``shown``: masked text for people."""
    if not at_risk or keys.get("phone") not in at_risk:
        return []
    masked = shown.get("phone") or "phone"
    return problem("risk", [(masked, Fact("risk", text=masked))])


def _outside(
    part: Part,
    amount: int,
    units: int,
    limits: tuple[int | None, int | None],
    product_id: int | None,
) -> list[Seen]:
    """What to tell when ``amount`` for ``units`` is below or above the limits of a unit.

    :param product_id: whose price band it is; None: the offer's own limits
    """
    floor, ceiling = limits
    source = "band" if product_id else "offer"
    if floor is not None and amount < floor * units:
        sign, kind, limit = "<", f"below_{source}", floor
    elif ceiling is not None and amount > ceiling * units:
        sign, kind, limit = ">", f"above_{source}", ceiling
    else:
        return []
    fact = Fact(kind, name(part), product_id, units, amount, limit)
    return [(f"{name(part)}: {yuan(amount)} / {units} {sign} {yuan(limit)}", fact)]


def problem(kind: str, seen: Iterable[Seen]) -> list[Problem]:
    """One problem of everything that a check saw; none when it saw nothing."""
    seen = list(seen)
    if not seen:
        return []
    return [
        Problem(kind, "\n".join(text for text, _fact in seen), tuple(fact for _text, fact in seen))
    ]
