"""The platform is told its stock: within a second, and once, whenever the worker is killed."""

from __future__ import annotations

import time

from .stage import kill_everywhere

SIMULATOR = True
DEADLINE = 30.0
QUOTA = 5


class Counter:
    """A SKU that is on sale on the simulated platform."""

    def __init__(self, stage):
        self.stage = stage
        self.sim = stage.simulator
        stage.do("tell_stock")
        self.name = str(880_000 + int(stage.name("0")))
        self.sku = self.sim.add_sku(int(self.name), self.name, "Tea", price_fen=1990)
        self.pool = stage.do("plan_scarce", name=self.name, quota=QUOTA)

    @property
    def view(self):
        [found] = self.sim.stock.view(self.sku)
        return found

    def told(self):
        return [x["units"] for x in self.sim.stock.changes(self.sku) if x["kind"] == "told"]

    def until(self, number):
        """Until the platform shows a number, or the deadline."""
        end = time.monotonic() + DEADLINE
        while self.view["stock_num"] != number:
            assert time.monotonic() < end, f"it shows {self.view}"
            time.sleep(0.01)


def test_sold_out_is_told_within_a_second(stage):
    worker = stage.start("tell_for_good")
    try:
        counter = Counter(stage)
        counter.until(0)
        stage.do("all_is_read")
        counter.until(QUOTA)
        before = counter.view["zero_told_real"]
        stage.do("store", refs=stage.refs(QUOTA), sku=counter.name)
        sold_at = stage.do("sell_out")
        end = time.monotonic() + DEADLINE
        while counter.view["zero_told_real"] == before:
            assert time.monotonic() < end, "it is never told"
            time.sleep(0.01)
        late = counter.view["zero_told_real"] - sold_at
        print(f"told {late * 1000:.0f} ms after the commit")
        assert late < 1.0
        assert stage.world.sql("SELECT count(*) FROM channel_platform_stock_todo") == [(0,)]
    finally:
        worker.kill()
        worker.wait()
        stage.world.wait_for_backends()
    stage.check("sold out")


def test_a_change_is_told_once_whenever_it_is_killed(stage):
    counter = Counter(stage)
    stage.do("tell")
    stage.do("all_is_read")
    stage.do("tell")
    assert counter.view["stock_num"] == QUOTA
    expected = [QUOTA]

    def prepare():
        stage.do("raise_quota", pool=counter.pool, units=3)
        expected.append(3)
        return {}

    def verify(_scene, _answer, kill):
        assert [units for units in counter.told() if units] == expected, kill
        assert counter.view["stock_num"] == sum(expected), kill

    assert kill_everywhere(stage, prepare, "tell", verify, at_most=30) >= 20
    assert stage.world.sql(
        "SELECT count(*) FROM channel_platform_stock_call WHERE outcome = 'sent'"
    ) == [(0,)]
