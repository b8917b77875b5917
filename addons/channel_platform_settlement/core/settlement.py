"""One row of a platform's own settlement, whatever file or call told it.

All amounts are fen. A row's ``income`` is what the platform owed for goods and freight, after what
buyers got back; a fee is above 0 when it was taken from us and below 0 when it was given back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from odoo.addons.channel_network.core.money import from_fen

INCOME = (
    "paid", "subsidy_platform", "subsidy_talent", "subsidy_payment", "refunded", "other_income",
)  # fmt: skip
FEES = (
    "platform_fee", "commission", "colonel_fee", "channel_share", "promotion", "other_sharing",
    "freight_insurance", "small_payment", "fine",
)  # fmt: skip
# Money that has no column of its own is named by a word in the row's scene or remark.
_NAMED = (
    ("freight_insurance", ("运费险",)),
    ("small_payment", ("小额打款",)),
    ("fine", ("罚", "违约", "违规", "赔付")),
)


class Kind(StrEnum):
    """What a row is about: the platform's trade types 0 to 3, and everything else."""

    SETTLED = "settled"
    REFUND = "refund"
    DEPOSIT = "deposit"
    REFUND_OTHER = "refund_other"
    OTHER = "other"


REFUNDS = (Kind.REFUND, Kind.DEPOSIT, Kind.REFUND_OTHER)


class RowProblem(ValueError):
    """A row that cannot be used; ``code`` is put into words where people read it."""

    def __init__(self, code: str, column: str = "", value: str = "") -> None:
        super().__init__(f"{code} {column} {value}".strip())
        self.code, self.column, self.value = code, column, value[:60]


@dataclass(frozen=True, slots=True)
class Settlement:
    """A row; ``amount`` = sum of the income buckets − sum of the fees, always.

    ``settled_at`` is unix seconds. ``order_ref`` names the row where it is about no order.
    """

    number: str
    order_ref: str
    line_ref: str
    kind: Kind
    settled_at: int
    amount: int
    account: str = ""
    scene: str = ""
    remark: str = ""
    paid: int = 0
    subsidy_platform: int = 0
    subsidy_talent: int = 0
    subsidy_payment: int = 0
    refunded: int = 0
    other_income: int = 0
    platform_fee: int = 0
    commission: int = 0
    colonel_fee: int = 0
    channel_share: int = 0
    promotion: int = 0
    other_sharing: int = 0
    freight_insurance: int = 0
    small_payment: int = 0
    fine: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def income(self) -> int:
        """What the platform owed, after what buyers got back."""
        return sum(getattr(self, name) for name in INCOME)

    @property
    def fees(self) -> int:
        """What the platform took off it."""
        return sum(getattr(self, name) for name in FEES)


@dataclass(frozen=True, slots=True)
class Told:
    """A row as told, before its signs are known.

    ``income`` and ``outcome`` are its totals, None where it tells none; ``buckets`` its amounts by
    names of ``INCOME`` and ``FEES``.
    """

    amount: int
    buckets: Mapping[str, int]
    income: int | None = None
    outcome: int | None = None


def settlement(told: Told, *, kind: Kind, scene: str, remark: str, **identity) -> Settlement:
    """The row with one sign for everything, and no fen of it without a bucket.

    Platforms tell what they take off with either sign: the one is right with which
    ``amount = income − outcome``.

    :raises RowProblem: ``sums`` when it is right with neither
    """
    buckets = dict.fromkeys((*INCOME, *FEES), 0) | dict(told.buckets)
    buckets["refunded"] = -abs(buckets["refunded"])
    income_named = sum(buckets[name] for name in INCOME)
    fees_named = sum(buckets[name] for name in FEES)
    income = income_named if told.income is None else told.income
    outcome = fees_named if told.outcome is None else told.outcome
    if told.amount == income - outcome:
        sign = 1
    elif told.amount == income + outcome:
        sign = -1
    elif not any((income, outcome, *buckets.values())):
        sign, outcome = 1, -told.amount  # a movement that nothing explains but its words
    else:
        yuan = tuple(map(from_fen, (told.amount, income, outcome)))
        raise RowProblem("sums", value="{} ≠ {} − {}".format(*yuan))
    for name in FEES:
        buckets[name] *= sign
    income_rest, outcome_rest = income - income_named, sign * (outcome - fees_named)
    if kind in REFUNDS:
        buckets["refunded"] += income_rest - outcome_rest
    else:
        buckets["other_income"] += income_rest
        named = _named(scene + remark)
        buckets[named] += outcome_rest
        if named != "other_sharing":
            buckets[named] += buckets["other_sharing"]
            buckets["other_sharing"] = 0
    return Settlement(
        kind=kind, scene=scene, remark=remark, amount=told.amount, **identity, **buckets
    )


def _named(words: str) -> str:
    """The fee that a row's words name."""
    for name, marks in _NAMED:
        if any(mark in words for mark in marks):
            return name
    return "other_sharing"


def kind_of(words: str) -> Kind:
    """What a row is about, by a file's words for it."""
    if "非原路" in words:
        return Kind.REFUND_OTHER
    if "保证金" in words:
        return Kind.DEPOSIT
    if "退款" in words and "佣金退款" not in words and "退款失败" not in words:
        return Kind.REFUND
    if "结算" in words and "调账" not in words:
        return Kind.SETTLED
    return Kind.OTHER


class Identities:
    """What the rows of one source (a file, a call with all its pages) are known by.

    The same movement has other numbers in the call than in the exports, and none in the older one.
    So it is known by order, line, second and amount; of movements that have all these in common
    the first, the second, … A numbered row may stand in its source as often as it likes.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple, dict[str, int]] = {}

    def of(self, row: Settlement) -> str:
        """The row's identity: the same for the same movement, whichever source told it."""
        same = row.order_ref, row.line_ref, row.settled_at, row.amount
        numbers = self._numbers.setdefault(same, {})
        nth = numbers.setdefault(row.number or f"#{len(numbers)}", len(numbers))
        text = "\x1f".join(map(str, (*same, nth)))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
