"""Kills while orders come in from the platform, and while it is told what was shipped."""

from __future__ import annotations

import time

from .stage import kill_everywhere
from .work_names import SKUS

SIMULATOR = True
PAGE = 4  # rows in a page, see work_channel.pull
# The platform closes an order of which all is refunded: either message may come first.
ENDED = {"refunded", "cancelled"}


class Shopfloor:
    """Buyers of the simulated platform; each scene has an hour of its own in the past."""

    def __init__(self, stage):
        self.stage = stage
        self.sim = stage.simulator
        for code, sku in SKUS.items():
            self.sim.add_sku(int(sku), code, code.title(), price_fen=1990)
        last = getattr(stage, "hour", None)
        self.at = last or int(time.time()) - 22 * 3600

    def new_scene(self):
        """A later time on the platform; the next pull begins there."""
        self.at += 240
        self.stage.hour = self.at
        self.sim.clock.set(self.at)
        self.stage.do("rewind", to=self.at - 1)

    def pull(self):
        """Read all of this scene: a pull ends at real time, which the platform's is long before."""
        self.stage.do("rewind", to=self.at - 1)
        return self.stage.do("pull")

    def buy(self, count):
        """So many orders of one or two lines, a second apart."""
        orders = []
        for n in range(count):
            self.sim.clock.advance(1)
            lines = [{"sku_id": int(SKUS["TEA"]), "num": 1 + n % 2}]
            if n % 3 == 0:
                lines.append({"sku_id": int(SKUS["RICE"]), "num": 1})
            orders.append(self.sim.buy(lines, freight_fen=600 if n % 2 else 0))
        return orders

    def unknown(self):
        """An order of something that is no link of ours."""
        self.sim.clock.advance(1)
        self.sim.add_sku(999, "NEW", "New", price_fen=990)
        return self.sim.buy([{"sku_id": 999, "num": 1}])

    def refund(self, refs, fast=True):
        self.sim.clock.advance(1)
        for ref in refs:
            self.sim.refund_order(ref, fast=fast)

    def stored(self, refs):
        """Order numbers of these that have a message, and how many wait or are done."""
        rows = self.stage.world.sql(
            "SELECT ref, count(*) FROM channel_message WHERE kind = 'order' AND ref = ANY(%s)"
            " GROUP BY ref",
            refs,
        )
        return dict(rows)

    def cursor(self):
        """Up to where the shop has read, in unix seconds."""
        [(moment,)] = self.stage.world.sql(
            "SELECT extract(epoch FROM pull_orders_cursor)::bigint FROM channel_shop"
        )
        return moment


def test_pull(stage):
    """Pages are stored with their cursor: nothing before the cursor is ever missing."""
    floor = Shopfloor(stage)
    scenes = []

    def prepare():
        floor.new_scene()
        scenes.append((floor.at, floor.buy(3 * PAGE - 2)))
        return {"page_size": PAGE}

    def between(_scene, _kill):
        at, refs = scenes[-1]
        behind = {ref for n, ref in enumerate(refs) if at + 1 + n < floor.cursor()}
        assert behind <= floor.stored(refs).keys()

    def verify(_scene, answer, _kill):
        _at, refs = scenes[-1]
        assert answer["error"] == ""
        assert floor.stored(refs) == dict.fromkeys(refs, 1)  # once each, whatever was read twice
        waiting = stage.world.sql(
            "SELECT count(*) FROM channel_message_todo t JOIN channel_message m ON m.id = t.message_id"
            " WHERE m.ref = ANY(%s)",
            refs,
        )
        assert waiting == [(len(refs),)]

    kill_everywhere(stage, prepare, "pull", verify, between=between, at_most=12)
    stage.do("process", at_once=1000)
    stage.check("processed")


def test_process(stage):
    """Good orders, one of an unknown SKU, and refunds of earlier orders, in batches of four."""
    floor = Shopfloor(stage)
    scenes = []

    def prepare():
        floor.new_scene()
        early = floor.buy(2)
        floor.pull()
        stage.do("process")
        floor.refund(early)
        refs = floor.buy(5)
        unknown = floor.unknown()
        floor.pull()
        scenes.append((early, refs, unknown))
        return {"at_once": PAGE}

    def verify(_scene, _answer, kill):
        early, refs, unknown = scenes[-1]
        found = stage.do("stages", refs=[*early, *refs, unknown])
        assert {found.pop(ref) for ref in early} <= ENDED, kill
        assert found.pop(unknown) == "exception", kill
        assert set(found.values()) == {"allocated"}, kill
        assert stage.world.sql("SELECT count(*) FROM channel_message_todo") == [(0,)], kill

    kill_everywhere(stage, prepare, "process", verify, at_most=12)


def test_process_refunds_at_every_stage(stage):
    """After-sales reach orders that are allocated, waved, picked and packed."""
    floor = Shopfloor(stage)
    scenes = []

    def prepare():
        floor.new_scene()
        refs = floor.buy(8)
        floor.pull()
        stage.do("process", at_once=1000)
        stage.do("spread_over_stages", refs=refs)
        floor.refund(refs[::2])  # the money is back at once
        floor.refund(refs[1::2], fast=False)  # asked, not decided
        floor.pull()
        scenes.append(refs)
        return {"at_once": 1000}

    def verify(_scene, _answer, kill):
        refs = scenes[-1]
        found = stage.do("stages", refs=refs)
        assert {found[ref] for ref in refs[::2]} <= ENDED, kill
        assert "shipped" not in found.values(), kill
        [(stopped,)] = stage.world.sql(
            "SELECT count(*) FROM channel_order WHERE refund_open AND order_ref = ANY(%s)",
            refs[1::2],
        )
        assert stopped == 4, kill

    kill_everywhere(stage, prepare, "process", verify, at_most=10)


def _shipped(floor, count):
    """Orders that left the building and of which the platform does not know yet."""
    floor.new_scene()
    refs = floor.buy(count)
    floor.pull()
    floor.stage.do("process", at_once=1000)
    floor.stage.do("ship_all", refs=refs)
    return refs


def _told(floor, refs):
    """What the platform holds for these orders: waybill, and how often it was told."""
    shipments = floor.sim.store.all("SELECT order_id FROM owed WHERE event = 'ship'")
    times = [row["order_id"] for row in shipments]
    return {
        order["order_id"]: (order["shipped_waybill"], times.count(order["order_id"]))
        for order in floor.sim.books(refs)["orders"]
    }


def _waybills(floor, refs):
    rows = floor.stage.world.sql(
        "SELECT o.order_ref, p.waybill FROM channel_order o JOIN channel_parcel p"
        " ON p.id = o.parcel_id WHERE o.order_ref = ANY(%s)",
        refs,
    )
    return {ref: (waybill, 1) for ref, waybill in rows}


def _open_notices(stage):
    return stage.world.sql("SELECT count(*) FROM channel_outbox WHERE state <> 'done'")


def test_drain(stage):
    """Killed between the call and its commit: the call is made again and changes nothing."""
    floor = Shopfloor(stage)
    scenes = []

    def prepare():
        scenes.append(_shipped(floor, 3))
        return {}

    def verify(_scene, _answer, kill):
        refs = scenes[-1]
        assert _told(floor, refs) == _waybills(floor, refs), kill
        assert _open_notices(stage) == [(0,)], kill

    kill_everywhere(stage, prepare, "drain", verify, at_most=12)
    repeated = [call for call in floor.sim.requests() if call["method"] == "order.logisticsAdd"]
    [(notices,)] = stage.world.sql("SELECT count(*) FROM channel_outbox")
    assert len(repeated) > notices, "no kill came between a call and its commit"


def test_drain_when_the_answer_is_lost(stage):
    """The platform ships, the connection breaks before it says so; nothing is told twice."""
    floor = Shopfloor(stage)
    refs = _shipped(floor, 3)
    floor.sim.faults.add("drop_after", method="order.logisticsAdd", every=2, times=4)
    answer = stage.do("drain")
    for _again in range(8):
        if answer["done"] == 3 or _open_notices(stage) == [(0,)]:
            break
        stage.check("after a lost answer")
        stage.do("due_now")
        answer = stage.do("drain")
    floor.sim.faults.clear()
    stage.do("due_now")
    stage.do("drain")
    assert _told(floor, refs) == _waybills(floor, refs)
    assert _open_notices(stage) == [(0,)]
    stage.check("all told")
