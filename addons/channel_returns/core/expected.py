"""What is expected back, and where a counted unit stands: pure sums over order lines.

Units are units of our products. A bundle is asked for in units of its SKU: each component comes
with as many as one SKU holds. Gifts go with their order: when no paid unit stays with the buyer,
they are expected too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

# Kinds that bring goods back, and those that do when the parcel itself comes back.
GOODS_BACK = frozenset({"return", "exchange", "repair"})
WHOLE = frozenset({"refund_only", "refund_before_ship"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order: ``units`` of a product left with it, ``items`` units of the platform's
    SKU (of the first component). ``back``: units that are counted in other parcels."""

    line_id: int
    order_id: int
    line_ref: str
    product_id: int
    units: int
    items: int
    gift: bool = False
    back: int = 0

    @property
    def room(self) -> int:
        return max(self.units - self.back, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """An after-sale that brings goods. Empty ``line_ref``: the whole order; ``items`` 0: all of the
    line. ``here``: its units by line that are counted in other parcels. ``of_parcel``: it is one of
    those that the parcel on the desk belongs to."""

    aftersale_id: int
    order_id: int
    line_ref: str = ""
    items: int = 0
    here: Mapping[int, int] = field(default_factory=dict)
    of_parcel: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """Units of an order line that an after-sale (or None: the parcel) is still to bring."""

    aftersale_id: int | None
    line_id: int
    product_id: int
    units: int


def wanted(asked: Asked, lines: Sequence[Line]) -> dict[int, int]:
    """Units by line that an after-sale brings back in all, without its gifts."""
    own = [line for line in lines if line.order_id == asked.order_id]
    if asked.line_ref:
        own = [line for line in own if line.line_ref == asked.line_ref]
    items = {line.line_ref: line.items for line in own if line.items}
    found = {}
    for line in own:
        whole = items.get(line.line_ref, 0)
        part = asked.items if asked.line_ref and 0 < asked.items < whole else 0
        found[line.line_id] = line.units * part // whole if part else line.units
    return found


def all_wanted(asked: Sequence[Asked], lines: Sequence[Line]) -> dict[int, dict[int, int]]:
    """Units by line for each after-sale, by its id, gifts with their order.

    The gifts of an order come with the last after-sale that takes its paid units away.
    """
    found = {one.aftersale_id: wanted(one, lines) for one in asked}
    for order_id in {one.order_id for one in asked}:
        own = [one for one in asked if one.order_id == order_id]
        gone: dict[int, int] = {}
        for one in own:
            for line_id, units in found[one.aftersale_id].items():
                gone[line_id] = gone.get(line_id, 0) + units
        of_order = [line for line in lines if line.order_id == order_id]
        paid = [line for line in of_order if not line.gift]
        stays = any(gone.get(line.line_id, 0) < line.units for line in paid)
        if stays or not paid:
            continue
        last = found[max(one.aftersale_id for one in own)]
        for line in of_order:
            if line.gift and not gone.get(line.line_id):
                last[line.line_id] = line.units
    return found


def due(
    asked: Sequence[Asked],
    lines: Sequence[Line],
    order_ids: Iterable[int],
    *,
    unopened: bool = False,
) -> list[Due]:
    """What a parcel may hold: what its after-sales still wait for, line by line.

    An order of the parcel without an after-sale brings all of its lines. A parcel that the buyer
    never opened brings all of its orders, whatever they are asked for. Never more of a line than
    has left and is not back, whatever was asked.

    :param asked: all after-sales of the orders that bring goods, also those of other parcels
    :param order_ids: the orders that the parcel belongs to
    :param unopened: it was stopped on its way, or refused
    """
    order_ids = set(order_ids)
    room = {line.line_id: line.room for line in lines}
    product = {line.line_id: line.product_id for line in lines}
    result = []
    units_of = all_wanted(asked, lines)
    for one in sorted(asked, key=lambda one: one.aftersale_id):
        for line_id, units in sorted(units_of[one.aftersale_id].items()):
            count = min(max(units - one.here.get(line_id, 0), 0), room[line_id])
            room[line_id] -= count
            if count and one.of_parcel:
                result.append(Due(one.aftersale_id, line_id, product[line_id], count))
    owned = set() if unopened else {one.order_id for one in asked}
    for line in lines:
        if line.order_id in order_ids and line.order_id not in owned and room[line.line_id]:
            result.append(Due(None, line.line_id, line.product_id, room[line.line_id]))
    return result


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a parcel's count. ``line_id`` None: a product that nothing is expected of, or units
    of a parcel without an owner."""

    product_id: int | None
    aftersale_id: int | None = None
    line_id: int | None = None
    expected: int = 0
    good: int = 0
    defect: int = 0
    wrong: int = 0
    missing: int = 0

    @property
    def arrived(self) -> int:
        return self.good + self.defect

    @property
    def left(self) -> int:
        """Units that are expected and neither counted nor called missing."""
        return max(self.expected - self.arrived - self.missing, 0)


def place(rows: Sequence[Row], product_id: int | None) -> int | None:
    """The index of the row that takes one more unit of a product; None: no row waits for one."""
    return next(
        (n for n, row in enumerate(rows) if row.product_id == product_id and row.left), None
    )


def match(counted: Iterable[Row], dues: Iterable[Due]) -> list[Row]:
    """The count of a parcel whose owner was found, as rows of its order.

    Good units stand for what is expected before spoilt ones; what nothing is expected of is wrong.
    Not one unit comes or goes.
    """
    rows = [Row(one.product_id, one.aftersale_id, one.line_id, one.units) for one in dues]
    over: dict[int | None, int] = {}
    for count in counted:
        for condition in ("good", "defect"):
            for _unit in range(getattr(count, condition)):
                at = place(rows, count.product_id)
                if at is None:
                    over[count.product_id] = over.get(count.product_id, 0) + 1
                else:
                    rows[at] = replace(rows[at], **{condition: getattr(rows[at], condition) + 1})
        if count.wrong:
            over[count.product_id] = over.get(count.product_id, 0) + count.wrong
    return rows + [Row(product, wrong=units) for product, units in over.items()]
