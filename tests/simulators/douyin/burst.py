"""A rush of orders as a live room brings them: a seeded mix."""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from .documents import Source
from .errors import ControlError, SoldOutError
from .money import LineInput
from .orders import Draft, Orders
from .receivers import random_receiver

_WORDS = ("", "", "", "", "请尽快发货🙏", "送人的，不要放小票🎁", "放丰巢柜", "谢谢老板❤️‍🔥")


@dataclass(frozen=True)
class Mix:
    """Shares (0 to 1) of what a burst contains; ``over_seconds`` spreads creation back in time."""

    same_receiver: float = 0.10
    two_lines: float = 0.15
    many_items: float = 0.20
    discount: float = 0.50
    freight: float = 0.25
    risk: float = 0.02
    unpaid: float = 0.03
    over_seconds: int = 0


class Burst:
    """Buys ``n`` orders in one transaction."""

    def __init__(self, orders: Orders, seed: int):
        self._orders = orders
        self._seed = seed

    def run(
        self,
        n: int,
        sku_ids: list[int] | None,
        receivers: list[dict] | None,
        source: Source,
        mix: Mix,
        seed: int | None,
    ) -> list[str]:
        """Return the ids of the new orders, oldest first."""
        books = self._orders.books
        skus = sku_ids or [row[0] for row in books.all("SELECT sku_id FROM skus ORDER BY sku_id")]
        if not skus:
            raise ControlError("no SKU on sale")
        count = books.scalar("SELECT count(*) FROM orders")
        rng = random.Random(f"{self._seed if seed is None else seed}/{count}")
        prices = {sku_id: self._orders.sku(sku_id)["price_fen"] for sku_id in skus}
        pool = list(receivers or [])
        now = self._orders.clock.now()
        ids = []
        with books.transaction():
            for at in _times(now, n, mix.over_seconds):
                wanted = self._one(rng, skus, prices, pool, bool(receivers), source, mix, at)
                with suppress(SoldOutError):  # a buyer too late
                    ids.append(self._orders.buy(**wanted))
        return ids

    def prepare(
        self,
        n: int,
        sku_ids: list[int],
        receivers: list[dict],
        source: Source,
        mix: Mix,
        seed: int,
        at: int,
    ) -> Iterator[Draft]:
        """Yield ``n`` paid orders of the mix that are not yet in the books."""
        books = self._orders.books
        skus = sku_ids or [row[0] for row in books.all("SELECT sku_id FROM skus ORDER BY sku_id")]
        if not skus:
            raise ControlError("no SKU on sale")
        rng = random.Random(f"{seed}/rush")
        prices = {sku_id: self._orders.sku(sku_id)["price_fen"] for sku_id in skus}
        pool = list(receivers)
        for _number in range(n):
            wanted = self._one(rng, skus, prices, pool, bool(receivers), source, mix, at)
            yield self._orders.draft(**{**wanted, "risk": False, "paid": True})

    def _one(
        self,
        rng: random.Random,
        skus: list[int],
        prices: dict[int, int],
        pool: list[dict],
        fixed: bool,
        source: Source,
        mix: Mix,
        at: int,
    ) -> dict:
        """Return the arguments of a purchase."""
        if not pool or not (fixed or rng.random() < mix.same_receiver):
            pool.append(random_receiver(rng))
            receiver = pool[-1]
        else:
            receiver = rng.choice(pool)
        chosen = rng.sample(skus, 2 if len(skus) > 1 and rng.random() < mix.two_lines else 1)
        freight = rng.choice((500, 600, 800, 1000, 1201)) if rng.random() < mix.freight else 0
        return {
            "lines": [_line(rng, sku_id, prices[sku_id], mix) for sku_id in chosen],
            "receiver_id": self._orders.receivers.keep(**receiver),
            "freight_fen": freight,
            "freight_promotion_fen": 300 if freight and rng.random() < 0.2 else 0,
            "source": source,
            "risk": rng.random() < mix.risk,
            "paid": rng.random() >= mix.unpaid,
            "buyer_words": rng.choice(_WORDS),
            "at": at,
        }


def _times(now: int, n: int, over_seconds: int) -> list[int]:
    """Return ``n`` seconds up to now, evenly spread; many orders share one."""
    return [now - over_seconds + over_seconds * (i + 1) // n for i in range(n)]


def _line(rng: random.Random, sku_id: int, price_fen: int, mix: Mix) -> LineInput:
    num = rng.randint(2, 5) if rng.random() < mix.many_items else 1
    if rng.random() >= mix.discount:
        return LineInput(sku_id, num)
    budget = price_fen * num // 2  # all discounts together stay below half the price
    amounts = []
    for share in (0.45, 0.5, 0.3, 0.25):  # shop, platform, talent, payment
        fen = rng.randint(1, max(1, budget // 4)) if budget >= 4 and rng.random() < share else 0
        amounts.append(fen)
    platform = amounts[1]
    borne = rng.randint(1, platform) if platform and rng.random() < 0.2 else 0
    redpack = rng.randint(1, platform) if platform and rng.random() < 0.3 else 0
    return LineInput(sku_id, num, None, *amounts, borne, redpack)
