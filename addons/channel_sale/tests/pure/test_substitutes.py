"""What is offered instead of a product that is short."""

from channel_sale.core.substitutes import Offer, substitutes
from hypothesis import given
from hypothesis import strategies as st

SHORT = Offer(1, category=5, price=1000, free=0)


def test_same_category_price_near_and_enough_of_it():
    offers = [
        SHORT,
        Offer(2, 5, 1200, 6000),
        Offer(3, 5, 1201, 6000),  # too dear
        Offer(4, 5, 799, 6000),  # too cheap
        Offer(5, 5, 990, 6000),
        Offer(6, 5, 1000, 5999),  # too few
        Offer(7, 6, 1000, 6000),  # another category
        Offer(8, 5, 800, 6000),
    ]
    assert substitutes(SHORT, 6000, offers) == (5, 2, 8)


def test_three_at_most():
    offers = [Offer(n, 5, 1000, 6000) for n in range(9, 1, -1)]
    assert substitutes(SHORT, 6000, offers) == (2, 3, 4)


offers_ = st.lists(
    st.builds(Offer, *(st.integers(1, 9), st.integers(4, 6)), st.integers(0, 3000),
              st.integers(0, 9000)),
    unique_by=lambda offer: offer.product,
)  # fmt: skip


@given(offers_, st.integers(1, 9000))
def test_only_what_there_is_and_never_itself(offers, quantity):
    known = {offer.product: offer for offer in offers}
    found = substitutes(SHORT, quantity, offers)
    assert len(found) <= 3 and SHORT.product not in found
    assert all(known[product].free >= quantity for product in found)
    assert found == substitutes(SHORT, quantity, reversed(offers))
