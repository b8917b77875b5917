"""How much rebate an order may use, and how it is divided. Amounts are whole fen with tax.

A rebate is no money: it lowers what goods cost (票折), or gives goods for which nothing is to be
paid (货补). Either way the order names it and the invoice repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from odoo.addons.channel_network.core.money import allocate

WHOLE = 100_00  # 100 %

Mark = tuple[str, int]  # ("category", 12): something that a line belongs to
Tax = tuple[int, ...]  # ids of the taxes that a line's discount bears


@dataclass(frozen=True, slots=True)
class Line:
    """A line of goods to be paid.

    :ivar amount: what it comes to before the rebate
    :ivar marks: whatever a policy may exclude it by
    """

    id: int
    amount: int
    tax: Tax = ()
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """What a company allows.

    :ivar percent: of an order's amount, in hundredths of a percent
    :ivar excluded: lines with one of these marks neither count nor get anything
    :ivar discount: the price may be lowered; ``goods``: goods may be given
    """

    percent: int
    excluded: frozenset[Mark] = field(default_factory=frozenset)
    discount: bool = True
    goods: bool = True

    def allows(self, line: Line) -> bool:
        """Whether a rebate may be used on the line."""
        return line.amount > 0 and not self.excluded & line.marks


@dataclass(frozen=True, slots=True)
class Offer:
    """What an order may use, and uses.

    :ivar available: on the rebate account, with what is set aside for this order
    :ivar base: what the lines come to on which a rebate may be used
    :ivar cap: the most that the policy allows on them
    :ivar discount: used as a discount now; ``goods``: used as goods now
    """

    available: int
    base: int
    cap: int
    discount: int = 0
    goods: int = 0
    discount_allowed: bool = True
    goods_allowed: bool = True

    @property
    def most(self) -> int:
        """The most that may be used in all."""
        return max(0, min(self.available, self.cap))

    @property
    def discount_most(self) -> int:
        """The most that the discount may be, beside the goods."""
        return max(0, self.most - self.goods) if self.discount_allowed else 0

    @property
    def goods_left(self) -> int:
        """What further goods may be worth."""
        return max(0, self.most - self.goods - self.discount) if self.goods_allowed else 0


def offer(
    lines: Iterable[Line], policy: Policy, available: int, discount: int = 0, goods: int = 0
) -> Offer:
    """What an order of these lines may use."""
    base = sum(line.amount for line in lines if policy.allows(line))
    return Offer(
        available=max(0, available),
        base=base,
        cap=base * policy.percent // WHOLE,
        discount=discount,
        goods=goods,
        discount_allowed=policy.discount,
        goods_allowed=policy.goods,
    )


def divide(
    amount: int, lines: Sequence[Line], policy: Policy, least: Mapping[Tax, int] | None = None
) -> dict[int, int]:
    """A discount divided over the lines by what they come to.

    :param least: what lines of these taxes get in any case, because it is invoiced already
    :return: {line: fen above 0}; the sum is the amount, or more where ``least`` asks for it
    """
    lines = [line for line in lines if policy.allows(line)]
    fixed: dict[Tax, int] = {}
    while True:
        free = [line for line in lines if line.tax not in fixed]
        left = max(0, amount - sum(fixed.values()))
        parts = _shares(left if free else 0, free)
        sums: dict[Tax, int] = {}
        for line in free:
            sums[line.tax] = sums.get(line.tax, 0) + parts[line.id]
        short = {tax: low for tax, low in (least or {}).items() if tax in sums and sums[tax] < low}
        if not short:
            break
        fixed |= short
    for tax, low in fixed.items():
        parts |= _shares(low, [line for line in lines if line.tax == tax])
    return {line: part for line, part in parts.items() if part}


def _shares(amount: int, lines: Sequence[Line]) -> dict[int, int]:
    shares = allocate(amount, [line.amount for line in lines])
    return {line.id: share for line, share in zip(lines, shares, strict=True)}


def claimed(parts: Iterable[tuple[int, int, int]]) -> int:
    """What of a discount belongs to what is to be invoiced up to now.

    All of it once everything is; before that rounded down, so that the last invoice ends it.

    :param parts: of each line: its part of the discount, quantity to be invoiced in all, ordered
        quantity; quantities in whole thousandths
    """
    return int(
        sum(
            (
                Fraction(part * min(max(done, 0), ordered), ordered)
                for part, done, ordered in parts
                if ordered > 0
            ),
            Fraction(0),
        )
    )
