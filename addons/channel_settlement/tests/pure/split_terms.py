"""Random valid schemes, orders and refunds, and ten fixed schemes."""

from fractions import Fraction

from channel_settlement.core.clawback import Refund
from channel_settlement.core.scheme import (
    EVERYONE,
    OUTSIDE,
    Basis,
    Bucket,
    Rule,
    Scheme,
    Tier,
    per_unit,
    percent,
    remainder,
)
from channel_settlement.core.split import FREIGHT, Line, Order
from channel_settlement.core.validate import AFTER_FEES
from hypothesis import strategies as st

FEN = st.integers(0, 20_000)


def pc(value):
    """``value`` percent, a text for exactness."""
    return Fraction(value) / 100


PLAIN = Scheme((percent(1, pc(75)), percent(2, pc(25))))
FIVE = Scheme(tuple(percent(n, pc(v)) for n, v in enumerate(("20", "5", "2", "0.6", "72.4"), 1)))
TIERS = (Tier(0, pc(10)), Tier(1000, pc(15)), Tier(5000, pc(20)))
FIXED = [
    PLAIN,
    FIVE,
    Scheme((percent(1, pc("33.3333")), percent(2, pc("33.3333")), remainder(3))),
    Scheme((percent(1, pc(20), minimum=100, maximum=900), remainder(2))),
    Scheme((per_unit(1, 150, fee=True), percent(2, pc(10), Basis.NET), remainder(3))),
    Scheme((Rule(1, 1, Basis.PAID, TIERS), remainder(2))),
    Scheme((percent(1, pc(20)), percent(2, pc(30), Basis.REST), remainder(3))),
    Scheme((percent(1, pc(30)), remainder(2)), {Bucket.SHOP: 1, Bucket.TALENT: 1}, freight=2),
    Scheme(
        (percent(1, pc(15), Basis.LIST), percent(2, pc(80), minimum=77), remainder(3)),
        {Bucket.SHOP: 2},
    ),
    Scheme((percent(1, pc(40), Basis.REST), percent(2, pc(60), Basis.REST)), freight=1),
]


@st.composite
def lines(draw):
    count = draw(st.integers(1, 4))
    return tuple(
        Line(number, draw(st.integers(1, 5)), *(draw(FEN) for _each in range(6)))
        if draw(st.integers(0, 4))
        else Line(number, 1, list=draw(FEN))  # a gift
        for number in range(1, count + 1)
    )


orders = st.builds(Order, lines(), st.integers(0, 2000))


@st.composite
def schemes(draw):
    """Valid schemes: percents of money that together are at most all, caps, tiers, bearers."""
    bases = draw(st.lists(st.sampled_from(list(Basis)[:-1]), min_size=0, max_size=4))
    parts = {True: 10_000, False: 10_000}  # basis points left: of the order's money, of the rest
    rules = []
    for id, basis in enumerate(bases, 1):
        starts = [0, *sorted(draw(st.sets(st.integers(1, 15_000), max_size=2)))]
        if basis is Basis.QUANTITY:
            rates = [Fraction(draw(st.integers(0, 3000)), 7) for _start in starts]
        else:
            points = [draw(st.integers(0, parts[basis.is_money])) for _start in starts]
            parts[basis.is_money] -= max(points)
            rates = [Fraction(point, 10_000) for point in points]
        minimum = draw(st.sampled_from([0, 0, 1, 500]))
        maximum = draw(st.sampled_from([None, None, minimum, minimum + 700]))
        tiers = tuple(map(Tier, starts, rates))
        fee = basis not in AFTER_FEES and draw(st.booleans())
        rules.append(Rule(id, draw(st.integers(1, 3)), basis, tiers, minimum, maximum, fee))
    rules.append(Rule(9, draw(st.integers(1, 3)), Basis.REMAINDER))
    ids = [rule.id for rule in rules]
    who = st.sampled_from([EVERYONE, OUTSIDE, *ids])
    return Scheme(
        tuple(rules),
        {bucket: draw(who) for bucket in Bucket if draw(st.booleans())},
        draw(st.sampled_from([EVERYONE, *ids])),
    )


@st.composite
def refunds(draw, order):
    """Partial refunds in any order that together give all of the order back."""
    parts = []
    for line in order.lines:
        owed, units = line.paid + line.platform + line.talent + line.payment, line.quantity
        for _time in range(draw(st.integers(0, 2))):
            fen, count = draw(st.integers(0, owed)), draw(st.integers(0, units))
            parts.append(Refund(line.id, fen, count))
            owed, units = owed - fen, units - count
        parts.append(Refund(line.id, owed, units))
    part = draw(st.integers(0, order.freight))
    parts += [Refund(FREIGHT, part), Refund(FREIGHT, order.freight - part)]
    return draw(st.permutations(parts))
