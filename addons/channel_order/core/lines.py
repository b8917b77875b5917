"""The lines of an order from a snapshot: new ones, or changes of those that have units."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from .checks import Pool
from .explode import Amounts, Link, Part, explode, line_amounts, share_amounts
from .facts import Context, PlannedLine, Stored, StoredLine, Totals
from .refunds import line_state
from .snapshot import LineSnapshot, OrderSnapshot

EPOCH = date(1970, 1, 1).toordinal()
CHINA = 8 * 3600


def china_day(unix: int) -> int:
    """The calendar day in China of a moment, as an ordinal."""
    return EPOCH + (unix + CHINA) // 86400


def find_link(links: Mapping[str, tuple[Link, ...]], sku_ref: str, day: int) -> Link | None:
    """The version of a SKU that held on a day."""
    return next((link for link in links.get(sku_ref, ()) if link.valid_on(day)), None)


def find_pool(pools: Mapping[tuple[int, str], Pool], link_id: int | None, room: str) -> Pool | None:
    """The offer of a link in a room, else the standing one."""
    if link_id is None:
        return None
    return pools.get((link_id, room)) or pools.get((link_id, ""))


def new_lines(
    snapshot: OrderSnapshot, stored: Stored | None, context: Context
) -> tuple[PlannedLine, ...]:
    day = china_day(snapshot.paid_at or snapshot.created_at)
    claims = context.claims.get(snapshot.order_ref, ())
    before = {line.line_ref: line.state for line in stored.lines} if stored else {}
    result = []
    for line in snapshot.lines:
        link = find_link(context.links, line.sku_ref or line.sku_code, day)
        pool = find_pool(context.pools, link and link.id, line.room_ref)
        held = pool is not None and pool.held
        state = line_state(line, snapshot.updated_at, claims, before.get(line.line_id))
        result += [
            PlannedLine(part, pool and pool.id, state, line.refund_open, held=held)
            for part in explode(line, link)
        ]
    return tuple(result)


def goods_differ(snapshot: OrderSnapshot, stored: Stored | None) -> list[str]:
    """Line ids whose goods are other than stored: SKU or quantity, come or gone."""
    if stored is None:
        return []
    told = {line.line_id: (line.sku_ref, line.quantity) for line in snapshot.lines}
    held = {
        line.line_ref: (line.sku_ref, line.item_quantity) for line in stored.lines if not line.part
    }
    return sorted(ref for ref in told.keys() | held.keys() if told.get(ref) != held.get(ref))


def changed_lines(
    snapshot: OrderSnapshot, stored: Stored, context: Context
) -> tuple[PlannedLine, ...]:
    """Lines of an order that has units: amounts and refunds may change, goods may not."""
    told = {line.line_id: line for line in snapshot.lines}
    claims = context.claims.get(snapshot.order_ref, ())
    by_ref: dict[str, list[StoredLine]] = {}
    for line in stored.lines:
        by_ref.setdefault(line.line_ref, []).append(line)
    result = []
    for ref, parts in by_ref.items():
        line = told.get(ref) or as_snapshot(parts)
        state = line_state(line, snapshot.updated_at, claims, parts[0].state)
        split = _fresh_amounts(line, parts, context.links_by_id.get(parts[0].link_id or 0))
        for part, amounts in zip(parts, split, strict=True):
            planned = Part(
                line, part.part, part.link_id, part.product_id, part.quantity,
                part.item_quantity, amounts, part.gift,
            )  # fmt: skip
            result.append(PlannedLine(planned, part.pool_id, state, line.refund_open, part.id))
    return tuple(result)


def _fresh_amounts(
    line: LineSnapshot, parts: Sequence[StoredLine], link: Link | None
) -> list[Amounts]:
    """The amounts the platform tells now, over the stored parts; shared as they were at first."""
    told = line_amounts(line)
    if len(parts) == 1:
        return [told]
    if line.quantity != parts[0].item_quantity or told == total_of(parts):
        return [part.amounts for part in parts]
    if link and len(link.components) == len(parts):
        weights = [component.share for component in link.components]
    else:
        weights = [max(part.amounts.list, 0) for part in parts]
    return share_amounts(told, weights)


def total_of(parts: Sequence[StoredLine]) -> Amounts:
    """The amounts of a platform line from its stored parts."""
    return Amounts(*map(sum, zip(*(part.amounts for part in parts), strict=True)))


def as_snapshot(parts: Sequence[StoredLine]) -> LineSnapshot:
    """A platform line rebuilt from the stored lines of its components."""
    first, amounts = parts[0], total_of(parts)
    return LineSnapshot(
        line_id=first.line_ref,
        product_ref="",
        sku_ref=first.sku_ref,
        quantity=first.item_quantity,
        list_amount=amounts.list,
        paid=amounts.paid,
        sku_code=first.sku_code,
        title=first.title,
        discount_shop=amounts.shop,
        discount_platform=amounts.platform,
        discount_talent=amounts.talent,
        discount_payment=amounts.payment,
        room_ref=first.room_ref,
        author_ref=first.author_ref,
        author_name=first.author_name,
        gift=all(part.gift for part in parts),
        refund_open=first.refund_flag,
        refunded=first.state == "refunded",
    )


def totals(lines: Iterable[PlannedLine], freight: int) -> Totals:
    """Amounts of an order: all lines but the refunded ones. Freight goes with the last line."""
    return _totals([line.part.amounts for line in lines if line.state != "refunded"], freight)


def totals_of_stored(stored: Stored, states: Mapping[int, str]) -> Totals:
    """Amounts of a stored order when some lines get another state: {line id: state}."""
    return _totals(
        [line.amounts for line in stored.lines if states.get(line.id, line.state) != "refunded"],
        stored.freight,
    )


def _totals(live: Sequence[Amounts], freight: int) -> Totals:
    freight = freight if live else 0
    whole = live[0] if len(live) == 1 else Amounts(*map(sum, zip(*live, strict=True)))
    return Totals(
        paid=whole.paid + freight,
        owed=whole.owed + freight,
        freight=freight,
        shop=whole.shop,
        platform=whole.platform,
        talent=whole.talent,
        payment=whole.payment,
    )
