"""A platform that sells while we are told later: its number never exceeds what is truly left."""

from dataclasses import dataclass, field, replace

from channel_platform_stock.core.telling import (
    Books,
    Kind,
    Known,
    Reading,
    Step,
    accept,
    acknowledged,
    decide,
    insist,
    measure,
    refused,
    shown_free,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

IN_STEP = Known(base=100, confirmed=True)


@dataclass
class Offer:
    """One offer of the SKU, with what orders have of it."""

    quantity: int
    taken: int = 0
    open: bool = True
    held: bool = False

    @property
    def supply(self):
        return self.quantity if self.open and not self.held else self.taken


@dataclass
class Platform:
    """The platform's number; the keys it has counted; what happened and is not heard of yet."""

    number: int = 0
    keys: set = field(default_factory=set)
    news: list = field(default_factory=list)

    def add(self, units, key):
        if key in self.keys:
            return True
        if self.number + units < 0:
            return False
        self.keys.add(key)
        self.number += units
        return True


class Selling(RuleBasedStateMachine):
    """Sales, refunds, operators, lost acknowledgements and readings in any order."""

    def __init__(self):
        super().__init__()
        self.platform, self.offers, self.known = Platform(), [], Known()
        self.waiting = self.clock = self.calls = 0
        self.due, self.pending, self.bought = False, None, 0
        self.unheard = self.stamp = 0

    @initialize(on_sale=st.booleans())
    def start(self, on_sale):
        """An offer that is on sale and in step, or nothing yet."""
        if on_sale:
            self.offers, self.known = [Offer(20)], Known(base=20, confirmed=True)
            self.platform.number = 20

    # -- truth ---------------------------------------------------------------------------

    def books(self):
        return Books(
            sum(offer.supply for offer in self.offers),
            sum(offer.taken for offer in self.offers),
            self.waiting,
            stamp=str(self.stamp),
        )

    def most(self):
        """What the platform may show: what is left, with all that is on its way.

        What the platform gave back by itself counts until we hear of it.
        """
        books = self.books()
        return max(0, books.supply - books.used - sum(self.platform.news))

    # -- the platform --------------------------------------------------------------------

    @precondition(lambda self: self.platform.number > 0)
    @rule(units=st.integers(1, 5))
    def sell(self, units):
        units = min(units, self.platform.number)
        self.platform.number -= units
        self.platform.news.append(units)
        self.bought += units

    @precondition(lambda self: self.bought > 0)
    @rule()
    def refund(self):
        """It can be refunded only once it was bought; the news follow the sale."""
        self.platform.number += 1
        self.platform.news.append(-1)
        self.bought -= 1

    @precondition(lambda self: self.platform.news)
    @rule()
    def hear(self):
        units = self.platform.news.pop(0)
        self.unheard = max(0, self.unheard - 1)
        self.stamp += 1
        if units > 0:
            self.waiting += units
            self.serve()
        elif self.waiting:
            self.waiting -= 1
        else:
            offer = next(offer for offer in self.offers if offer.taken)
            offer.taken -= 1
            if not offer.open:
                offer.quantity -= 1
            self.due = True

    def serve(self):
        for offer in self.offers:
            if offer.open and not offer.held:
                units = min(self.waiting, offer.quantity - offer.taken)
                offer.taken += units
                self.waiting -= units
                self.due = self.due or offer.taken == offer.quantity

    # -- people --------------------------------------------------------------------------

    @precondition(lambda self: len(self.offers) < 3)
    @rule(units=st.integers(0, 20))
    def open(self, units):
        self.offers.append(Offer(units))
        self.changed()

    @precondition(lambda self: self.offers)
    @rule(data=st.data(), units=st.integers(-10, 10))
    def change(self, data, units):
        offer = data.draw(st.sampled_from(self.offers))
        if offer.open and offer.quantity + units >= offer.taken:
            offer.quantity += units
            self.changed()

    @precondition(lambda self: self.offers)
    @rule(data=st.data(), held=st.booleans())
    def hold(self, data, held):
        data.draw(st.sampled_from(self.offers)).held = held
        self.changed()

    @precondition(lambda self: self.offers)
    @rule(data=st.data())
    def close(self, data):
        offer = data.draw(st.sampled_from(self.offers))
        offer.open, offer.quantity = False, offer.taken
        self.changed()

    def changed(self):
        self.due = True
        self.serve()

    # -- we ------------------------------------------------------------------------------

    @rule(sold_between=st.integers(0, 3), lost=st.booleans())
    def tell(self, sold_between, lost):
        """One step; the platform may sell before it arrives, its answer may be lost."""
        books = self.books()
        if self.pending is None or (self.pending.kind is Kind.ADD and books.wanted == 0):
            if self.pending:
                self.known = Known()
            self.pending = decide(books, self.known, self.due)
            self.due = False
            self.calls += 1
        if sold_between and self.platform.number:
            self.sell(sold_between)
        self.carry_out(lost)

    def carry_out(self, lost):
        step, self.pending = self.pending, None
        if step.kind is Kind.READ:
            self.read()
        elif step.kind is Kind.ZERO:
            self.platform.number = 0
        elif step.kind is Kind.ADD:
            before = self.platform.number
            if not self.platform.add(step.units, self.calls):
                assert step.units < 0
                self.known = refused(self.known)
                return
            assert self.platform.number <= max(before, self.most())
        if step.kind in (Kind.ZERO, Kind.ADD):
            if lost:
                self.pending = step
            else:
                self.known = acknowledged(self.known, step)

    @rule()
    def read(self):
        self.clock += 1
        books = self.books()
        reading = Reading(self.platform.number, books.used, self.clock, books.stamp)
        self.known = replace(self.known, reading=reading)
        self.unheard = len(self.platform.news)

    @rule()
    def settle(self):
        """The horizon passes the reading when all the news before it were heard of."""
        if not self.unheard:
            self.known = measure(self.known, self.books(), self.clock + 10)

    def teardown(self):
        """Quiet: everything is heard of; then both agree and nothing more is told."""
        self.due = True
        for _round in range(30):
            while self.platform.news:
                self.hear()
            self.tell(0, False)
            if self.pending is None and not self.platform.news:
                self.read()
                self.settle()
                if self.known.difference:
                    self.known = insist(self.known)
        assert self.platform.number == self.books().wanted
        assert decide(self.books(), self.known) in (
            Step(Kind.NOTHING, base=max(self.known.base, self.books().used)),
        )


Selling.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestSelling = Selling.TestCase


def test_the_first_thing_told_is_zero_until_the_platforms_orders_are_known():
    books = Books(supply=100, taken=0)
    assert decide(books, Known()) == Step(Kind.ZERO)
    zeroed = acknowledged(Known(), Step(Kind.ZERO))
    assert decide(books, zeroed) == Step(Kind.READ)
    waiting = replace(zeroed, reading=Reading(0, 0, at=1000.0))
    assert decide(books, waiting) == Step(Kind.WAIT)
    assert measure(waiting, books, horizon=1001.9) == waiting
    known = measure(waiting, books, horizon=1002.0)
    assert decide(books, known) == Step(Kind.ADD, 100, 100)


def test_a_sale_is_never_told():
    assert decide(Books(supply=100, taken=40), IN_STEP).kind is Kind.NOTHING
    assert decide(Books(supply=100, taken=30, waiting=10), IN_STEP).kind is Kind.NOTHING


def test_a_changed_quota_is_told_as_its_change():
    assert decide(Books(supply=150, taken=40), IN_STEP) == Step(Kind.ADD, 50, 150)
    assert decide(Books(supply=80, taken=40), IN_STEP) == Step(Kind.ADD, -20, 80)


def test_sold_out_is_told_and_more_units_follow_at_once():
    step = decide(Books(supply=100, taken=100), IN_STEP)
    assert step == Step(Kind.ZERO, base=100)
    known = acknowledged(IN_STEP, step)
    assert decide(Books(supply=100, taken=100), known).kind is Kind.NOTHING
    assert decide(Books(supply=130, taken=100), known) == Step(Kind.ADD, 30, 130)


def test_units_after_an_oversell_of_the_platform_go_to_those_who_wait():
    known = acknowledged(IN_STEP, decide(Books(100, 100), IN_STEP))
    assert decide(Books(supply=130, taken=100, waiting=4), known) == Step(Kind.ADD, 26, 130)


def test_held_with_sales_on_their_way_waits_after_the_release():
    held = decide(Books(supply=30, taken=30), IN_STEP)
    assert held == Step(Kind.ZERO, base=None)
    released = decide(Books(supply=100, taken=30), acknowledged(IN_STEP, held))
    assert released.kind is Kind.READ


def test_a_refund_is_the_platforms_own_doing():
    assert decide(Books(supply=100, taken=39), IN_STEP).kind is Kind.NOTHING


def test_a_refund_of_an_ended_offer_is_taken_off_again():
    known = Known(base=100, zeroed=True, confirmed=True)
    assert decide(Books(supply=99, taken=99), known, due=True) == Step(Kind.ZERO, base=None)


def test_a_refusal_to_take_away_leads_to_zero():
    assert decide(Books(supply=50, taken=20), refused(IN_STEP)) == Step(Kind.ZERO)


def test_a_difference_is_shown_and_a_person_decides():
    books = Books(supply=100, taken=40)
    known = measure(replace(IN_STEP, reading=Reading(67, 40, 0.0)), books, 10.0)
    assert known.difference == 7
    assert decide(books, known).kind is Kind.NOTHING
    assert decide(books, insist(known)) == Step(Kind.ADD, -7, 100)
    again = measure(replace(accept(known), reading=Reading(67, 40, 20.0)), books, 30.0)
    assert again.difference == 0


def test_a_reading_says_nothing_while_sales_go_on():
    books = Books(supply=100, taken=41)
    known = measure(replace(IN_STEP, reading=Reading(67, 40, 0.0)), books, 10.0)
    assert known == IN_STEP


def test_what_our_zero_swallowed_is_put_right_without_asking():
    known = replace(IN_STEP, confirmed=False, zeroed=True, reading=Reading(0, 98, 0.0))
    books = Books(supply=100, taken=98)
    known = measure(known, books, 10.0)
    assert (known.base, known.difference) == (98, 0)
    assert decide(books, known) == Step(Kind.ADD, 2, 100)


@given(
    st.dictionaries(
        st.integers(1, 3), st.dictionaries(st.integers(1, 3), st.integers(-5, 200)), max_size=3
    ),
    st.dictionaries(st.integers(1, 3), st.integers(1, 9), min_size=1),
    st.integers(0, 10_000),
    st.integers(0, 50),
)
def test_free_stock_shown_can_be_shipped(free, need, share, safety):
    shown = shown_free(free, need, share, safety)
    assert shown >= 0
    assert shown * 10_000 <= share * max(
        0,
        sum(
            max(0, min(units.get(product, 0) // n for product, n in need.items()))
            for units in free.values()
        )
        - safety,
    )


def test_free_stock_of_a_bundle_is_the_least_of_its_components_in_each_warehouse():
    free = {1: {7: 10, 8: 3}, 2: {7: 1, 8: 50}}
    assert shown_free(free, {7: 2, 8: 1}, 10_000, 0) == 3
    assert shown_free(free, {7: 1, 8: 1}, 5_000, 1) == 1
    assert shown_free(free, {}, 10_000, 0) == 0
