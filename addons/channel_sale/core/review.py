"""Which dealer orders pass their review, and what the others lack.

Orders and rules in, verdicts out; no clock, no database. Money is whole fen, tax included;
quantities are whole thousandths of the product's own unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import Enum

MILLI = 1000


class Kind(Enum):
    """What a rule looks at."""

    MEMBER = "member"  # the member is active
    CONTRACT = "contract"  # a contract is in force
    ASSORTMENT = "assortment"  # on the member's shelf
    OVERDUE = "overdue"  # nothing is overdue
    DEPOSIT = "deposit"  # the available deposit covers the order
    AMOUNT = "amount"  # between a least and a greatest amount
    QUANTITY = "quantity"  # at least so many
    PACK = "pack"  # whole packs
    PRICE = "price"  # within the price band
    STOCK = "stock"  # in stock
    FREQUENCY = "frequency"  # no more than so many orders in so many days


class Outcome(Enum):
    """What becomes of an order, the worst last."""

    PASS = "pass"
    HOLD = "hold"
    REFUSE = "refuse"


class Together(Enum):
    """Which lines of an order pass or fail together."""

    LINE = "line"
    CATEGORY = "category"
    BRAND = "brand"
    WAREHOUSE = "warehouse"
    ORDER = "order"


# A person may not decide against these: without the money the ledger sets nothing aside.
MONEY = frozenset({Kind.OVERDUE, Kind.DEPOSIT})


@dataclass(frozen=True, slots=True)
class Line:
    """A product of an order.

    :ivar categories: the product's category and all above it
    :ivar brand: 0 for a product without one: such lines share their fate too
    :ivar offered: the member's assortment of the day holds it
    :ivar stocked: there is a stock of it to look at (a service has none)
    :ivar floor: lowest price of one unit, as ``ceiling`` the highest; None: no band
    """

    id: int
    product: int
    quantity: int
    amount: int
    category: int = 0
    categories: frozenset[int] = frozenset()
    brand: int = 0
    offered: bool = True
    warehouse: int = 0
    stocked: bool = False
    floor: int | None = None
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order and what is known of its member.

    :ivar ages: for each order of the member that was confirmed before, days since then
    """

    id: int
    member: int
    amount: int
    lines: tuple[Line, ...] = ()
    grade: int = 0
    active: bool = True
    contract: bool = True
    overdue: int = 0
    ages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. An empty scope fits every order; amounts from and to count both ends.

    :ivar least: fen (amount), thousandths (quantity; pack: the size of one)
    :ivar most: fen, 0 for no limit (amount); orders (frequency)
    :ivar percent: a dealer's price is at least so much of the band's floor
    :ivar days: how far back orders count (frequency)
    """

    id: int
    kind: Kind
    outcome: Outcome = Outcome.HOLD
    members: frozenset[int] = frozenset()
    grades: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()
    brands: frozenset[int] = frozenset()
    amount_from: int = 0
    amount_to: int = 0
    together: Together = Together.LINE
    least: int = 0
    most: int = 0
    percent: int = 100
    days: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was wanted and what is allowed; ``line`` 0: of the whole order.

    ``allowed`` None: there is nothing to measure it by, such as no open account.
    """

    wanted: int
    allowed: int | None
    line: int = 0

    @property
    def missing(self) -> int:
        """By how much too little, or too much."""
        return abs(self.wanted - (self.allowed or 0))


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that an order does not meet.

    :ivar lines: that fail with it; empty: the order as a whole
    """

    rule: int
    kind: Kind
    outcome: Outcome
    findings: tuple[Finding, ...]
    lines: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an order.

    :ivar failures: in the order of the rules; those whose outcome is to pass are remarks
    """

    order: int
    failures: tuple[Failure, ...] = ()
    line_ids: frozenset[int] = frozenset()

    @property
    def outcome(self) -> Outcome:
        """The worst of all failures."""
        ranks = list(Outcome)
        return max((f.outcome for f in self.failures), key=ranks.index, default=Outcome.PASS)

    @property
    def stops(self) -> tuple[Failure, ...]:
        """The failures that keep the order from being confirmed."""
        return tuple(f for f in self.failures if f.outcome is not Outcome.PASS)

    @property
    def lines(self) -> frozenset[int]:
        """Lines to split off so that the others may go; empty when that would not help."""
        failing = frozenset().union(*(failure.lines for failure in self.stops))
        return failing if failing < self.line_ids else frozenset()


Funds = MutableMapping[int, int]
Stock = MutableMapping[tuple[int, int], int]


def review(
    orders: Iterable[Order],
    rules: Sequence[Rule],
    funds: Mapping[int, int],
    stock: Mapping[tuple[int, int], int],
) -> tuple[Verdict, ...]:
    """Judge orders one after the other; what one that passes takes is gone for those after it.

    :param rules: in their sequence
    :param funds: member -> fen available; a member without an open account is missing
    :param stock: (warehouse, product) -> thousandths that nobody has reserved
    """
    funds, stock = dict(funds), dict(stock)
    return tuple(_judge(order, rules, funds, stock) for order in orders)


def _judge(order: Order, rules: Sequence[Rule], funds: Funds, stock: Stock) -> Verdict:
    failures = []
    for rule in rules:
        lines = _in_scope(rule, order)
        if lines is None:
            continue
        findings = tuple(_CHECKS[rule.kind](rule, order, lines, funds, stock))
        if findings:
            failing = _failing_lines(rule, order, lines, findings)
            failures.append(Failure(rule.id, rule.kind, rule.outcome, findings, failing))
    verdict = Verdict(order.id, tuple(failures), frozenset(line.id for line in order.lines))
    if verdict.outcome is Outcome.PASS:
        _take(order, funds, stock)
    return verdict


def _take(order: Order, funds: Funds, stock: Stock) -> None:
    if order.member in funds:
        funds[order.member] -= order.amount
    for line in order.lines:
        key = (line.warehouse, line.product)
        if key in stock:
            stock[key] -= line.quantity


def _in_scope(rule: Rule, order: Order) -> tuple[Line, ...] | None:
    """The lines that the rule is about; None when the order is none of its business."""
    fits = (
        (not rule.members or order.member in rule.members)
        and (not rule.grades or order.grade in rule.grades)
        and order.amount >= rule.amount_from
        and (not rule.amount_to or order.amount <= rule.amount_to)
    )
    if not fits:
        return None
    if not rule.categories and not rule.brands:
        return order.lines
    return tuple(line for line in order.lines if _is_about(rule, line)) or None


def _is_about(rule: Rule, line: Line) -> bool:
    in_category = not rule.categories or line.categories & rule.categories
    return bool(in_category and (not rule.brands or line.brand in rule.brands))


def _group(rule: Rule, line: Line) -> int:
    """What a line has in common with those that share its fate."""
    return {
        Together.LINE: line.id,
        Together.CATEGORY: line.category,
        Together.BRAND: line.brand,
        Together.WAREHOUSE: line.warehouse,
        Together.ORDER: 0,
    }[rule.together]


def _failing_lines(
    rule: Rule, order: Order, lines: tuple[Line, ...], findings: tuple[Finding, ...]
) -> frozenset[int]:
    found = {finding.line for finding in findings}
    groups = {_group(rule, line) for line in lines if line.id in found}
    return frozenset(line.id for line in order.lines if _group(rule, line) in groups)


# -- the checks ------------------------------------------------------------------------------

Findings = Iterable[Finding]
Lines = tuple[Line, ...]


def _member(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    return () if order.active else (Finding(0, None),)


def _contract(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    return () if order.contract else (Finding(0, None),)


def _assortment(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    return tuple(Finding(0, None, line.id) for line in lines if not line.offered)


def _overdue(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    return (Finding(order.overdue, 0),) if order.overdue > 0 else ()


def _deposit(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    available = funds.get(order.member)
    if order.amount > (available or 0):
        yield Finding(order.amount, available)


def _frequency(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    recent = sum(age < rule.days for age in order.ages)
    if recent >= rule.most:
        yield Finding(recent + 1, rule.most)


def _amount(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    if rule.together is Together.ORDER and not rule.categories and not rule.brands:
        totals = {0: order.amount}
    else:
        totals = _totals(rule, lines, lambda line: line.amount)
    for line, total in totals.items():
        if total < rule.least:
            yield Finding(total, rule.least, line)
        elif rule.most and total > rule.most:
            yield Finding(total, rule.most, line)


def _quantity(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    for line, total in _totals(rule, lines, lambda line: line.quantity).items():
        if total < rule.least:
            yield Finding(total, rule.least, line)


def _totals(rule: Rule, lines: Lines, value: Callable[[Line], int]) -> dict[int, int]:
    """The sum of each group, named by the first line of it."""
    first: dict[int, int] = {}
    totals: dict[int, int] = {}
    for line in lines:
        name = first.setdefault(_group(rule, line), line.id)
        totals[name] = totals.get(name, 0) + value(line)
    return totals


def _pack(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    """Allowed is the next whole pack."""
    for line in lines:
        over = line.quantity % rule.least
        if over:
            yield Finding(line.quantity, line.quantity + rule.least - over, line.id)


def _price(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    """Compared as whole numbers: the amount of the line with that at the band's price.

    Wanted and allowed are fen of one unit, rounded for people.
    """
    for line in lines:
        if line.floor is None or line.ceiling is None or line.quantity <= 0:
            continue
        price = round(line.amount * MILLI / line.quantity)
        if line.amount * MILLI * 100 < line.floor * rule.percent * line.quantity:
            yield Finding(price, -(-line.floor * rule.percent // 100), line.id)
        elif line.amount * MILLI > line.ceiling * line.quantity:
            yield Finding(price, line.ceiling, line.id)


def _stock(rule: Rule, order: Order, lines: Lines, funds: Funds, stock: Stock) -> Findings:
    """A line that is short takes nothing, so that a smaller one after it may pass."""
    left: dict[tuple[int, int], int] = {}
    for line in lines:
        if not line.stocked or line.quantity <= 0:
            continue
        key = (line.warehouse, line.product)
        free = left.setdefault(key, max(0, stock.get(key, 0)))
        if line.quantity > free:
            yield Finding(line.quantity, free, line.id)
        else:
            left[key] = free - line.quantity


_CHECKS: dict[Kind, Callable[[Rule, Order, Lines, Funds, Stock], Findings]] = {
    Kind.MEMBER: _member,
    Kind.CONTRACT: _contract,
    Kind.ASSORTMENT: _assortment,
    Kind.OVERDUE: _overdue,
    Kind.DEPOSIT: _deposit,
    Kind.AMOUNT: _amount,
    Kind.QUANTITY: _quantity,
    Kind.PACK: _pack,
    Kind.PRICE: _price,
    Kind.STOCK: _stock,
    Kind.FREQUENCY: _frequency,
}
