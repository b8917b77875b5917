from builders import BUNDLE, LINK, line
from channel_order.core.explode import (
    INT_MAX,
    Amounts,
    Component,
    Link,
    explode,
    line_amounts,
    share,
)
from hypothesis import given
from hypothesis import strategies as st

FEN = st.integers(0, 10**8)
LINKS = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 10**6)), min_size=1, max_size=6).map(
    lambda rows: Link(1, "s", tuple(Component(i, q, w) for i, (q, w) in enumerate(rows)))
)


@given(FEN, FEN, FEN, FEN, FEN, st.integers(1, 9999), LINKS)
def test_every_amount_is_shared_exactly(paid, shop, platform, talent, payment, quantity, link):
    told = line(
        paid=paid, quantity=quantity, discount_shop=shop, discount_platform=platform,
        discount_talent=talent, discount_payment=payment,
    )  # fmt: skip
    parts = explode(told, link)
    assert Amounts(*map(sum, zip(*(part.amounts for part in parts), strict=True))) == line_amounts(
        told
    )
    assert sum(part.amounts.owed for part in parts) == told.owed
    assert all(part.amounts.adds_up for part in parts)
    assert [part.item_quantity for part in parts] == [quantity] + [0] * (len(parts) - 1)
    for part, component in zip(parts, link.components, strict=True):
        assert part.quantity == component.quantity * quantity
        if not component.share and any(other.share for other in link.components):
            assert part.gift and part.amounts == Amounts()


@given(FEN, st.integers(-500, 500))
def test_a_line_that_does_not_add_up_is_kept_as_told(paid, off):
    told = line(paid=paid, list_amount=paid + off)
    parts = explode(told, BUNDLE)
    assert sum(part.amounts.list for part in parts) == paid + off
    assert sum(part.amounts.paid for part in parts) == paid


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_share_is_exact_and_fair(total, weights):
    parts = share(total, weights)
    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if sum(weights) else [1] * len(weights), strict=True):
        assert abs(part * whole - total * weight) < whole


def test_largest_remainder_goes_to_the_earlier_of_equals():
    assert share(100, [1, 1, 1]) == [34, 33, 33]
    assert share(-100, [1, 1, 1]) == [-34, -33, -33]


def test_unknown_link_keeps_the_line_as_one_part():
    (part,) = explode(line(quantity=3), None)
    assert (part.product_id, part.link_id, part.quantity, part.item_quantity) == (None, None, 3, 3)


def test_absurd_quantities_fit_the_column():
    for quantity, stored in ((10**9, 10**9), (10**12, INT_MAX), (0, 0), (-5, 0)):
        parts = explode(line(quantity=quantity), BUNDLE)
        assert parts[0].item_quantity == stored
        assert all(0 <= part.quantity <= INT_MAX for part in parts)


def test_versions_hold_on_their_days():
    link = Link(1, "s", LINK.components, 10, 20)
    assert [link.valid_on(day) for day in (9, 10, 20, 21)] == [False, True, True, False]
