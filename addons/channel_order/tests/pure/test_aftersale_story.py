"""One order from payment to the last refund, with a platform whose messages come as they like."""

from contextlib import suppress

import pytest
from aftersale_world import ENDED, No, Ours, Platform, stored
from channel_order.core import aftersales, stages
from channel_order.core.aftersales import Fate, Gate, Step, Why
from channel_order.core.credits import due
from channel_order.core.snapshot import AfterSaleKind as Kind
from channel_order.core.snapshot import AfterSaleStatus as Status
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

LINES = st.lists(
    st.tuples(
        st.integers(1, 3), st.integers(1, 4), st.integers(0, 9999), st.integers(0, 500)
    ),
    min_size=1, max_size=3,
)  # fmt: skip
FORWARD = {
    stages.QUEUED: stages.ALLOCATED, stages.ALLOCATED: stages.WAVED, stages.WAVED: stages.PICKED,
    stages.PICKED: stages.PACKED,
}  # fmt: skip
OVER = {Step.DONE, Step.REFUSED, Step.CLOSED}


class Story(RuleBasedStateMachine):
    """Buyer, platform, carrier, desk and warehouse act in any order."""

    @initialize(
        lines=LINES,
        start=st.sampled_from(["queued", "packed", "shipped", "shipped", "done", "done"]),
    )
    def paid(self, lines, start):
        """Where the story begins: most of what happens, happens after the parcel has left."""
        self.ours = Ours(stored(lines))
        self.platform = Platform(
            [(items, paid, paid + discount) for _parts, items, paid, discount in lines]
        )
        self.versions_seen = {}
        self.steps_of_stage = [self.ours.order.stage]
        while start != stages.QUEUED and self.ours.order.stage != stages.PACKED:
            self.goes_on()
        if start in stages.LEFT:
            self.handed_over()
            self.platform_learns_of_the_shipment()
        if start == stages.DONE:
            self.delivered()

    def _at(self, *steps):
        """Known after-sales at one of the steps."""
        return [n for n in self.ours.known if not steps or self.ours.step(n) in steps]

    def _open(self, *statuses):
        return [r for r in self.platform.requests if r.status in statuses]

    # -- the order ---------------------------------------------------------------------------

    @precondition(lambda self: self.ours.order.stage in FORWARD)
    @rule()
    def goes_on(self):
        stage = FORWARD.get(self.ours.order.stage)
        if stage and not self.ours.order.refund_open:
            self.ours.move(stage)

    @precondition(lambda self: self.ours.order.stage == stages.PACKED)
    @rule()
    def put_back(self):
        if self.ours.order.stage == stages.PACKED:
            self.ours.move(stages.WAVED, put_back=True)

    @precondition(lambda self: self.ours.order.stage == stages.PACKED)
    @rule()
    def handed_over(self):
        """A refund that is known stops the parcel; one that is still on the wire does not."""
        if self.ours.order.stage == stages.PACKED and not self.ours.order.refund_open:
            self.ours.move(stages.SHIPPED)

    @precondition(lambda self: self.ours.left and not self.platform.shipped)
    @rule()
    def platform_learns_of_the_shipment(self):
        if self.ours.left:
            self.platform.shipped = True

    @precondition(lambda self: self.platform.shipped and not self.platform.delivered)
    @rule()
    def delivered(self):
        if Fate.STOPPED not in self.ours.fates.values():
            self.platform.delivered = self.ours.delivered = True
            if self.ours.order.stage == stages.SHIPPED:
                self.ours.move(stages.DONE)

    # -- the buyer ---------------------------------------------------------------------------

    @rule(data=st.data(), kind=st.sampled_from([*Kind, Kind.RETURN, Kind.EXCHANGE]))
    def asks(self, data, kind):
        line = data.draw(st.integers(0, len(self.platform.lines) - 1))
        fen, items = self.platform.room(line)
        whole = kind is Kind.REFUND_BEFORE_SHIP
        some = data.draw(st.integers(0, max(items, 0)))
        amount = data.draw(st.integers(0, max(fen, 0))) if kind in aftersales.MONEY else 0
        with suppress(No):
            self.platform.ask(line, kind, items if whole else some, fen if whole else amount)

    @precondition(lambda self: self._open(Status.APPLIED, Status.AGREED))
    @rule(data=st.data(), withdraws=st.sampled_from([True, False, False, False]))
    def changes_the_request(self, data, withdraws):
        request = data.draw(st.sampled_from(self._open(Status.APPLIED, Status.AGREED)))
        self.platform.set(request, Status.CLOSED if withdraws else request.status)

    @precondition(lambda self: self._open(Status.APPLIED))
    @rule(data=st.data())
    def refunded_at_once(self, data):
        """极速退款: the platform pays without asking us, also when our parcel has just left."""
        request = data.draw(st.sampled_from(self._open(Status.APPLIED)))
        if request.kind in (Kind.REFUND_BEFORE_SHIP, Kind.REFUND_ONLY):
            self.platform.set(request, Status.SUCCEEDED)

    @precondition(lambda self: self._open(Status.AGREED, Status.RETURNED))
    @rule(data=st.data())
    def sends_goods(self, data):
        """A part of them or all, some spoilt, some of another product; also in a second parcel."""
        request = data.draw(st.sampled_from(self._open(Status.AGREED, Status.RETURNED)))
        if request.kind not in aftersales.GOODS_BACK:
            return
        if request.id not in self.ours.known or not self.ours.delivered:
            return
        goods = self.ours.case(request.id).goods
        waiting = sum(good + bad for good, bad, _wrong in self.ours.parcels.get(request.id, ()))
        units = data.draw(st.integers(0, max(goods.missing - waiting, 0)))
        spoilt = data.draw(st.integers(0, units))
        wrong = data.draw(st.integers(0, 1))
        if units + wrong:
            self.ours.parcels.setdefault(request.id, []).append((units - spoilt, spoilt, wrong))
            if request.status is Status.AGREED:
                self.platform.set(request, Status.RETURNED)

    # -- the wire ----------------------------------------------------------------------------

    @precondition(lambda self: self.platform.wire)
    @rule(data=st.data(), stays=st.booleans())
    def message(self, data, stays):
        place = data.draw(st.integers(0, len(self.platform.wire) - 1))
        told = self.platform.wire[place] if stays else self.platform.wire.pop(place)
        self.ours.take(told)

    # -- the desk and the warehouse ----------------------------------------------------------

    @precondition(lambda self: self.ours.known)
    @rule(data=st.data(), gate=st.sampled_from(list(Gate)), accept=st.booleans(),
          behind=st.integers(0, 1), reason=st.sampled_from(["", "seen"]))  # fmt: skip
    def answers(self, data, gate, accept, behind, reason):
        number = data.draw(st.sampled_from(self._at()))
        version = self.ours.known[number].version - behind
        before = self.ours.case(number)
        refusal = self.ours.answer(number, gate, accept, version, reason)
        if behind and before.status not in ENDED:
            assert refusal.why is Why.CHANGED
        if refusal is None:
            second = self.ours.answer(number, gate, not accept, version, "late")
            assert second.why is Why.ANSWERED

    @rule(part=st.integers(1, 4), over=st.booleans())
    def pays_in_small(self, part, over):
        """A clerk gives a part of what is still owed, or tries to give a fen more than all."""
        room = self.ours.room()
        before = self.ours.small
        self.ours.pay_small(room + 1 if over else room // part)
        assert self.ours.small <= before + room

    @precondition(lambda self: self._at(Step.TELL))
    @rule(data=st.data())
    def tells_the_platform(self, data):
        number = data.draw(st.sampled_from(self._at(Step.TELL)))
        self._tell(number)

    def _tell(self, number):
        """What the outbox does: with the version that was decided on."""
        case = self.ours.case(number)
        answer = case.answer(Gate.GOODS) or case.answer(Gate.REQUEST)
        version = answer.version if answer else case.version
        if answer and not answer.accept:
            status = Status.REFUSED
        elif (case.kind in aftersales.GOODS_BACK and case.status is Status.APPLIED) or (
            case.kind in aftersales.GOODS_OUT and not case.replaced
        ):
            status = Status.AGREED
        else:
            status = Status.SUCCEEDED
        with suppress(No):  # changed meanwhile: the new version is on the wire
            self.platform.operate(number, version, status)

    @precondition(lambda self: self._at(Step.REQUEST, Step.TELL, Step.INSPECT))
    @rule()
    def desk_does_its_work(self):
        """As on most days: messages come in order, the desk says yes, what arrived is counted."""
        for told in self.platform.wire:
            self.ours.take(told)
        self.platform.wire.clear()
        for number in self._at(Step.REQUEST, Step.TELL, Step.INSPECT):
            self._work_off(number)

    @precondition(lambda self: self._at(Step.GOODS))
    @rule(data=st.data())
    def releases_by_itself(self, data):
        number = data.draw(st.sampled_from(self._at(Step.GOODS)))
        if aftersales.releases(self.ours.case(number)):
            version = self.ours.known[number].version
            assert self.ours.answer(number, Gate.GOODS, True, version) is None

    @precondition(lambda self: self._at(Step.INSPECT))
    @rule(data=st.data())
    def inspects(self, data):
        number = data.draw(st.sampled_from(self._at(Step.INSPECT)))
        self.ours.inspect(number)

    @precondition(lambda self: self._at(Step.WAIT_GOODS))
    @rule(data=st.data())
    def nothing_more_comes(self, data):
        number = data.draw(st.sampled_from(self._at(Step.WAIT_GOODS)))
        if number not in self.ours.fates:
            self.ours.complete.add(number)

    @precondition(lambda self: self._at(Step.SHIP))
    @rule(data=st.data())
    def replacement_leaves(self, data):
        number = data.draw(st.sampled_from(self._at(Step.SHIP)))
        self.ours.replaced.add(number)

    # -- the carrier -------------------------------------------------------------------------

    @precondition(lambda self: self.ours.order.stage == stages.SHIPPED)
    @rule()
    def asked_to_stop(self):
        for number in self.ours.known:
            if aftersales.stops_parcel(self.ours.case(number)):
                self.ours.fates[number] = Fate.ASKED

    @precondition(lambda self: self._at(Step.INTERCEPT))
    @rule(data=st.data(), fate=st.sampled_from([Fate.STOPPED, Fate.REFUSED, Fate.LOST]))
    def parcel_is_stopped_or_not(self, data, fate):
        number = data.draw(st.sampled_from(self._at(Step.INTERCEPT)))
        self.ours.fates[number] = Fate.DELIVERED if self.ours.delivered else fate

    @precondition(lambda self: self._at(Step.WAIT_GOODS))
    @rule(data=st.data())
    def parcel_is_back(self, data):
        number = data.draw(st.sampled_from(self._at(Step.WAIT_GOODS)))
        if self.ours.fates.get(number) in aftersales.RETURNING:
            self.ours.fates[number] = Fate.BACK
            items = self.ours.known[number].items
            self.ours.parcels.setdefault(number, []).append((items, 0, 0))

    # -- what holds --------------------------------------------------------------------------

    @invariant()
    def money(self):
        for line, (_items, paid, owed) in enumerate(self.platform.lines):
            assert self.platform.given.get(line, 0) <= paid
            assert sum(self.ours.taken(x.id) for x in self.ours.order.lines
                       if x.line_ref == str(line)) <= owed  # fmt: skip
        for line in self.ours.order.lines:
            assert 0 <= self.ours.taken(line.id) <= line.amounts.owed

    @invariant()
    def never_promised_twice(self):
        """What is granted or paid of a line is at most what the buyer paid for it."""
        for line, (_items, paid, _owed) in enumerate(self.platform.lines):
            promised = 0
            for number, told in self.ours.known.items():
                yes = [a for a in self.ours.answers.get(number, ()) if a.accept]
                open_and_ours = told.status is Status.APPLIED and any(
                    a.version == told.version for a in yes
                )
                if told.line == line and (open_and_ours or told.status is Status.SUCCEEDED):
                    promised += told.amount
            assert promised <= paid

    @invariant()
    def units(self):
        for line, (items, _paid, _owed) in enumerate(self.platform.lines):
            back = sum(
                goods.arrived for number, goods in self.ours.goods.items()
                if self.ours.known[number].line == line
            )  # fmt: skip
            assert back <= items

    @invariant()
    def never_backwards(self):
        for number, told in self.ours.known.items():
            assert told.version >= self.versions_seen.get(number, 0)
            self.versions_seen[number] = told.version
        if self.steps_of_stage[-1] in stages.LEFT:
            assert self.ours.order.stage in stages.LEFT
        self.steps_of_stage.append(self.ours.order.stage)

    def teardown(self):
        """All messages come, everybody does what the desk shows: it ends, and the books agree."""
        if not hasattr(self, "ours"):
            return
        for _turn in range(200):
            for told in self.platform.wire:
                self.ours.take(told)
            self.platform.wire.clear()
            open_ones = [n for n in self.ours.known if self.ours.step(n) not in OVER]
            if not open_ones:
                break
            for number in open_ones:
                self._work_off(number)
        else:
            raise AssertionError([self.ours.case(n) for n in self.ours.known])
        assert not any(self.ours.parcels.values()), "a parcel that nobody counted"
        followed = {Fate.BACK, Fate.DELIVERED, Fate.LOST}
        assert set(self.ours.fates.values()) <= followed, "a parcel that nobody followed"
        self._books_agree()

    def _work_off(self, number):
        """What a person does at this step."""
        case, step = self.ours.case(number), self.ours.step(number)
        if step in (Step.REQUEST, Step.GOODS):
            gate = Gate.REQUEST if step is Step.REQUEST else Gate.GOODS
            refusal = self.ours.answer(number, gate, True, case.version, "all seen")
            if refusal:
                assert refusal.why is Why.TOO_MUCH
                assert self.ours.answer(number, gate, False, case.version, "too much") is None
        elif step is Step.INTERCEPT:
            self.ours.fates[number] = Fate.DELIVERED
        elif step is Step.WAIT_GOODS and case.fate in aftersales.RETURNING:
            self.ours.fates[number] = Fate.BACK
        elif step is Step.WAIT_GOODS:
            self.ours.complete.add(number)
        elif step is Step.INSPECT:
            self.ours.inspect(number)
        elif step is Step.SHIP:
            self.ours.replaced.add(number)
        elif step is Step.TELL:
            self._tell(number)

    def _books_agree(self):
        """What the platform owes for what left is what was invoiced less our credits."""
        for line, (_items, _paid, owed) in enumerate(self.platform.lines):
            invoiced = sum(x.amounts.owed for x in self.ours.live() if x.line_ref == str(line))
            credited = sum(self.ours.taken(x.id) for x in self.ours.order.lines
                           if x.line_ref == str(line))  # fmt: skip
            if self.ours.left and invoiced:
                assert invoiced == owed
                assert invoiced - credited == owed - self.platform.owed_off(line)
            else:
                assert not credited


TestStory = Story.TestCase
TestStory.settings = settings(max_examples=1000, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize("refunded, off", [(0, 0), (1, 1), (50, 60), (99, 118), (100, 120)])
def test_subsidies_fall_as_the_money_does(refunded, off):
    assert due(120, 100, refunded) == off
