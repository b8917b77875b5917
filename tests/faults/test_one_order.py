"""One order on a real database and the simulated platform, in any sequence of what can happen to it.

Buyer, platform, carrier, clerk, warehouse and finance act as Hypothesis chooses; the platform is
read late, twice, and with answers from before its last change. In the end everybody finishes his
work, and stock, invoices and credit notes agree with the platform's own books to the fen.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from simulators.douyin import DouyinSimulator
from simulators.douyin.errors import ControlError

from .work_names import SKUS

pytestmark = pytest.mark.timeout(900)

RUNS, STEPS = 50, 14
WAIT_GOODS, GOODS_SENT, REPLACED = 7, 11, 13
KINDS = ("return", "return", "refund_only", "exchange", "price", "resend")
OVER = {"done", "refused", "closed"}
LINE = st.fixed_dictionaries(
    {
        "sku_id": st.sampled_from([int(SKUS["TEA"]), int(SKUS["RICE"]), int(SKUS["BOX"])]),
        "num": st.integers(1, 3),
        "platform_fen": st.sampled_from([0, 0, 137]),
    }
)


class World:
    """The one database and platform that all runs share; every run has an order of its own."""

    def __init__(self, env, simulator, work, checks):
        self.env, self.sim, self.work, self.checks = env, simulator, work, checks
        self.story = simulator.after_shipping
        self.at = int(time.time()) - 20 * 3600
        self.numbers = 0
        for code, sku in SKUS.items():
            simulator.add_sku(int(sku), code, code.title(), price_fen=1990)
        self.before = checks.broken(env)

    def number(self):
        """Part of a waybill that nobody has used."""
        self.numbers += 1
        return f"{self.numbers:09d}"


class OneOrder(RuleBasedStateMachine):
    """What can happen to one order."""

    world: World

    @initialize(
        lines=st.lists(LINE, min_size=1, max_size=2, unique_by=lambda line: line["sku_id"]),
        freight=st.sampled_from([0, 600]),
        start=st.sampled_from(["paid", "packed", "shipped", "shipped", "done", "done"]),
    )
    def paid(self, lines, freight, start):
        """Where the story begins: most of what happens, happens after the parcel has left."""
        world = self.world
        self.env, self.sim, self.story, self.work = world.env, world.sim, world.story, world.work
        world.at += 300
        self.sim.clock.set(world.at)
        self.sim.faults.clear()
        self.ref = self.sim.buy(lines, freight_fen=freight)
        self.stages, self.versions, self.sent_back = [], {}, []
        self.reads()
        while start != "paid" and self.order.stage != "packed":
            self.goes_on()
        if start in ("shipped", "done"):
            self.goes_on()
            self.tells()
            self.reads()
        if start == "done":
            self.buyer_has_it()
            self.reads()

    # -- looking -----------------------------------------------------------------------------

    @property
    def order(self):
        return self.env["channel.order"].search([("order_ref", "=", self.ref)])

    def aftersales(self, *steps):
        rows = self.order.aftersale_ids.sorted("id")
        return [row for row in rows if not steps or row.step in steps]

    def asked(self, *statuses):
        """After-sales in the platform's books."""
        rows = self.sim.aftersales.books.all(
            "SELECT * FROM aftersales WHERE order_id = ? ORDER BY seq", (self.ref,)
        )
        return [row for row in rows if not statuses or row["status"] in statuses]

    def pick(self, data, rows):
        return rows[data.draw(st.integers(0, len(rows) - 1))]

    def done(self):
        """As at the end of a request."""
        self.env.flush_all()
        self.env.cr.commit()
        self.env.invalidate_all()

    # -- the wire ----------------------------------------------------------------------------

    @rule()
    def reads(self):
        """Everything of this order is read again, also what was read before."""
        answer = self._read()
        assert not answer["error"], answer

    def _read(self):
        self.sim.clock.advance(1)
        self.work.rewind(self.env, to=self.world.at - 1)
        answer = self.work.pull(self.env, page_size=50)
        self.done()
        self.work.process(self.env, at_once=100)
        self.done()
        return answer

    @rule()
    def an_old_answer_comes(self):
        """An answer about the order is from before its last change: taken for old, or refused."""
        self.sim.faults.stale(self.ref)
        assert self._read()["error"] in ("", "the platform's list is not sorted by update time")

    @rule()
    def tells(self):
        self.work.due_now(self.env)
        self.work.drain(self.env)
        self.done()

    # -- the warehouse -----------------------------------------------------------------------

    @precondition(lambda self: self.order.stage in ("allocated", "waved", "picked", "packed"))
    @rule()
    def goes_on(self):
        """The next thing that the warehouse does with the order, if nothing stops it."""
        stage = self.order.stage
        if stage == "allocated":
            self.work.build(self.env)
        elif stage == "waved":
            self.work.pick(self.env, [self.ref])
        elif stage == "picked":
            self.work.pack(self.env, [self.ref])
        elif stage == "packed" and not self.order.refund_open:
            manifest = self.work.plan_manifest(self.env, [self.ref])
            self.work.hand_over(self.env, manifest=manifest)
        self.done()

    # -- the buyer and the platform ----------------------------------------------------------

    @rule(data=st.data(), kind=st.sampled_from(KINDS), at_once=st.booleans())
    def asks(self, data, kind, at_once):
        lines = self.sim.order(self.ref)["sku_order_list"]
        line = lines[data.draw(st.integers(0, len(lines) - 1))]
        units = data.draw(st.integers(1, line["item_num"]))
        fen = data.draw(st.sampled_from([0, 0, 1, 333]))
        with suppress(ControlError):
            if self.order.stage in ("shipped", "done"):
                self.story.apply(line["order_id"], kind, num=units, fen=fen)
            else:
                self.sim.apply_refund(line["order_id"], fast=at_once)

    @precondition(lambda self: self.asked())
    @rule(data=st.data(), what=st.sampled_from(["change", "close", "pay", "agree", "got"]))
    def moves_by_itself(self, data, what):
        """The buyer thinks again, or the platform decides for him."""
        number = self.pick(data, self.asked())["aftersale_id"]
        with suppress(ControlError):
            match what:
                case "change":
                    self.sim.modify_refund(number, 3)
                case "close":
                    self.sim.close_refund(number)
                case "pay":
                    if self.sim.aftersales.row(number)["type"] in (0, 1, 6):
                        self.story.pay_at_once(number)
                case "agree":
                    self.sim.agree_refund(number)
                case "got":
                    self.story.got_replacement(number)

    @precondition(lambda self: self.asked(WAIT_GOODS))
    @rule(data=st.data())
    def sends_back(self, data):
        waybill = f"YT{self.world.number()}"
        row = self.pick(data, self.asked(WAIT_GOODS))
        self.story.send_back(row["aftersale_id"], "yuantong", waybill)
        self.sent_back.append(waybill)

    @precondition(lambda self: self.order.stage == "shipped")
    @rule()
    def buyer_has_it(self):
        with suppress(ControlError):
            self.sim.complete(self.ref)

    # -- the desk ----------------------------------------------------------------------------

    @precondition(lambda self: self.aftersales("request", "goods"))
    @rule(data=st.data(), accept=st.sampled_from([True, True, False]))
    def decides(self, data, accept):
        row = self.pick(data, self.aftersales("request", "goods"))
        self.work.decide(self.env, row.order_ref, row.step, accept, row=row)
        self.done()

    @precondition(lambda self: self.sent_back)
    @rule(
        data=st.data(),
        conditions=st.lists(
            st.sampled_from(["R-GOOD", "R-GOOD", "R-DEFECT", "R-WRONG"]), max_size=3
        ),
        rest=st.sampled_from(["R-MISSING", "", ""]),
    )
    def a_parcel_is_counted(self, data, conditions, rest):
        """Also before its after-sale is known here: then it has no owner."""
        waybill = self.sent_back.pop(data.draw(st.integers(0, len(self.sent_back) - 1)))
        codes = [waybill]
        for condition in conditions:
            codes += [data.draw(st.sampled_from(["TEA", "RICE"])), condition]
        self.work.desk(self.env, [*codes, *([rest] if rest else []), "R-CONFIRM"])
        self.done()

    @rule()
    def trolley_into_stock(self):
        self.work.into_stock(self.env)
        self.done()

    @precondition(lambda self: self.aftersales("ship"))
    @rule()
    def new_goods_leave(self):
        self.work.send_row(
            self.env, self.aftersales("ship")[0].replacement_ids, f"SF{self.world.number()}"
        )
        self.done()

    @rule()
    def finance_credits(self):
        self.work.credit(self.env, at_once=50)
        self.done()

    # -- what holds --------------------------------------------------------------------------

    @invariant()
    def nothing_goes_backwards(self):
        if not hasattr(self, "ref"):
            return
        stage = self.order.stage
        if self.stages and self.stages[-1] in ("shipped", "done"):
            assert stage in ("shipped", "done"), self.stages
        self.stages.append(stage)
        for row in self.aftersales():
            assert row.version >= self.versions.get(row.id, 0)
            self.versions[row.id] = row.version

    @invariant()
    def never_too_much(self):
        """Money back is at most what was owed, units back at most what left."""
        if not hasattr(self, "ref"):
            return
        credited, _posted = self.work.credited(self.env, [self.ref])
        assert credited <= round(self.order.amount_owed * 100)
        for line in self.order.line_ids:
            tally = self.env["channel.return.tally"].search([("order_line_id", "=", line.id)])
            assert tally.returned <= tally.shipped

    # -- the end -----------------------------------------------------------------------------

    def teardown(self):
        """Everybody does what his screen shows until nothing is left; then the books agree."""
        if not hasattr(self, "ref"):
            return
        for _round in range(14):
            self.tells()
            self.reads()
            for row in self.asked(REPLACED):
                self.story.got_replacement(row["aftersale_id"])
            open_ones = [row for row in self.aftersales() if row.step not in OVER]
            owing = self.env["channel.outbox"].search_count(
                [("order_id", "=", self.order.id), ("state", "in", ("todo", "failed"))]
            )
            if not (open_ones or owing or self.asked(6, WAIT_GOODS, 8, GOODS_SENT, REPLACED)):
                break
            for row in open_ones:
                self._work_off(row)
                self.done()
        else:
            left = [(row.kind, row.status, row.step, row.tell_error) for row in self.aftersales()]
            raise AssertionError(f"it does not end: {left}")
        self.trolley_into_stock()
        self.finance_credits()
        self._books_agree()

    def _work_off(self, row):
        """What a person does at this step."""
        match row.step:
            case "request" | "goods":
                answer = self.work.decide(self.env, row.order_ref, row.step, True, row=row)
                if "refused" in answer:
                    self.work.decide(self.env, row.order_ref, row.step, False, row=row)
            case "intercept":
                self.story.parcel(row.aftersale_ref, "delivered")
            case "wait_goods":
                self._bring_the_rest(row)
            case "inspect":
                here = self.env["channel.return"].search(
                    [("aftersale_ids", "=", row.id), ("state", "=", "received")], limit=1
                )
                self._open_an_empty_box(here.waybill)
            case "ship":
                self.work.send_row(self.env, row.replacement_ids, f"SF{self.world.number()}")

    def _open_an_empty_box(self, waybill):
        """All that was expected is missing; where nothing was, what is in it is wrong."""
        answer = self.work.desk(self.env, [waybill, "R-MISSING", "R-CONFIRM"])
        if answer["state"] != "ok":
            self.work.desk(self.env, [waybill, "R-WRONG", "R-CONFIRM"])

    def _bring_the_rest(self, row):
        """The buyer sends, or a parcel that was counted without its owner is found, or a box with
        our own label comes back empty; what then is still missing is waited for no more."""
        platform = self.sim.aftersales.row(row.aftersale_ref)
        if platform["status"] == WAIT_GOODS:
            waybill = f"YT{self.world.number()}"
            self.story.send_back(row.aftersale_ref, "yuantong", waybill)
            self.sent_back.append(waybill)
            return
        orphan = self.env["channel.return"].search(
            [("waybill", "=", row.return_waybill), ("source", "=", False)]
        )
        if orphan:
            orphan._match(self.order)
            return
        for waybill in (row.return_waybill, self.order.parcel_id.waybill):
            known = self.env["channel.return"].search([("waybill", "=", waybill)])
            if waybill and known.state not in ("inspected", "stocked"):
                self._open_an_empty_box(waybill)
                return
        row.action_nothing_more()

    def _books_agree(self):
        order = self.order
        [books] = self.sim.books([self.ref])["orders"]
        credited, posted = self.work.credited(self.env, [self.ref])
        assert credited == posted
        if order.stage in ("shipped", "done"):
            invoiced = round(order.amount_owed * 100)
            assert invoiced - credited == books["owed_fen"], (invoiced, credited, books)
        else:
            assert not credited
        broken = [text for text in self.world.checks.broken(self.env)
                  if text not in self.world.before]  # fmt: skip
        self.done()
        assert not broken, broken


@pytest.fixture
def world(odoo_env, tmp_path, monkeypatch):
    """The shop of the fault scenarios on a database of its own, in this process."""
    monkeypatch.setenv("QUDAO_DATA_KEY", os.environ.get("QUDAO_DATA_KEY") or "k" * 40)
    with DouyinSimulator(
        db=str(tmp_path / "douyin.sqlite"),
        app_key=os.environ["QUDAO_SHOP_DEMO_APP_KEY"],
        app_secret=os.environ["QUDAO_SHOP_DEMO_APP_SECRET"],
    ) as simulator:
        # they import Odoo, which the other scenarios only do in processes of their own
        from odoo.addons.channel_intake.core.platforms.douyin import client

        from . import work_channel, work_checks

        monkeypatch.setattr(client, "RATE", 1000)
        monkeypatch.setattr(client, "BURST", 1000)
        env = odoo_env(context={"channel_one_transaction": True, "tracking_disable": True})
        work_channel.set_up(env, base_url=simulator.url)
        env.cr.commit()
        yield World(env, simulator, work_channel, work_checks)


def test_one_order_in_any_sequence(world):
    OneOrder.world = world
    run_state_machine_as_test(
        OneOrder,
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, deadline=None, derandomize=True,
            report_multiple_bugs=False, database=None, suppress_health_check=list(HealthCheck),
            # a failure is told as it is: shrinking it would take longer than reading it
            phases=[Phase.generate],
        ),
    )  # fmt: skip
