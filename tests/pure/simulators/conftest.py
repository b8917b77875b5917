"""A running simulator and a client per test."""

import pytest
from push_receiver import Receiver
from simulators.douyin import DouyinSimulator
from simulators.douyin.client import Client

SKUS = {3410716076201730 + i: 1990 + 1001 * i for i in range(6)}


@pytest.fixture
def sim(tmp_path):
    """A running simulator with six SKUs on sale."""
    with DouyinSimulator(db=tmp_path / "douyin.db", seed=7) as running:
        for number, (sku_id, price) in enumerate(SKUS.items()):
            running.add_sku(sku_id, f"SKU-{number}", f"商品{number}", price)
        yield running


@pytest.fixture
def client(sim):
    """A client with a valid access token."""
    with Client(sim.url, *sim.app) as made:
        made.log_in(sim.shop_id)
        yield made


@pytest.fixture
def skus():
    """Every SKU on sale with its price in fen."""
    return SKUS


@pytest.fixture
def sku(skus):
    """The first SKU on sale; it costs 1990 fen."""
    return next(iter(skus))


@pytest.fixture
def two_lines(skus):
    """Lines of an order of two SKUs: 1990 and twice 2991 fen."""
    first, second, *_rest = skus
    return [{"sku_id": first}, {"sku_id": second, "num": 2}]


@pytest.fixture
def receiver():
    """A receiver of pushes that acknowledges everything."""
    with Receiver() as running:
        yield running


@pytest.fixture
def pushed(sim, receiver):
    """The receiver after the simulator subscribed it and the clock stands still."""
    sim.clock.set(sim.clock.now())
    sim.pushes.subscribe(receiver.url, max_events=1)
    receiver.posts.clear()
    return receiver
