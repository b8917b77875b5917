"""What a dealer may order instead of a product that is short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 3
SPREAD = 20  # percent by which the price may differ, up or down


@dataclass(frozen=True, slots=True)
class Offer:
    """A product: ``price`` of one unit in fen, ``free`` thousandths that nobody has reserved."""

    product: int
    category: int
    price: int
    free: int


def substitutes(short: Offer, quantity: int, offers: Iterable[Offer]) -> tuple[int, ...]:
    """Up to three products of the same category, near in price, of which there is enough.

    :param quantity: thousandths that are wanted
    :param offers: what the dealer may order at all
    :return: product ids, the nearest price first
    """
    fitting = [
        (abs(offer.price - short.price), offer.product)
        for offer in offers
        if offer.product != short.product
        and offer.category == short.category
        and offer.free >= quantity
        and abs(offer.price - short.price) * 100 <= short.price * SPREAD
    ]
    return tuple(product for _distance, product in sorted(fitting)[:MOST])
