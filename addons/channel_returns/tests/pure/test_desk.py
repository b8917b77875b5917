import pytest
from channel_returns.core.desk import (
    CONDITIONS,
    Act,
    Code,
    Decision,
    Desk,
    Scan,
    Why,
    code_of,
    decide,
    phone_of,
    warehouse_of,
)
from channel_returns.core.expected import Row, place
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

IDLE = Desk()
OPEN = Desk("SF00000001", left=2)
HOLDING = Desk("SF00000001", holding=7, room=1, left=2)
ORPHAN = Desk("SF00000001", owned=False)


def scan(text, **known):
    return Scan(text, **known)


@pytest.mark.parametrize(
    ("desk", "scanned", "act", "why"),
    [
        (IDLE, scan("SF00000001", known_waybill=True), Act.OPEN, None),
        (IDLE, scan("SF00000001", is_waybill=True), Act.OPEN, None),
        (IDLE, scan("???"), Act.REFUSE, Why.UNKNOWN),
        (IDLE, scan("6900000000013", product_id=7, is_waybill=True), Act.REFUSE, Why.NO_PARCEL),
        (IDLE, scan("R-GOOD", is_waybill=True), Act.REFUSE, Why.NO_PARCEL),
        (IDLE, scan("R-STOCK"), Act.STOCK, None),
        (OPEN, scan("R-STOCK"), Act.REFUSE, Why.FINISH_FIRST),
        (OPEN, scan("SF00000001", known_waybill=True), Act.SHOW, None),
        (OPEN, scan("SF00000002", known_waybill=True), Act.REFUSE, Why.FINISH_FIRST),
        (OPEN, scan("SF00000003", is_waybill=True), Act.REFUSE, Why.UNKNOWN),
        (OPEN, scan("6900000000013", product_id=7, room=1), Act.HOLD, None),
        (OPEN, scan("6900000000013", product_id=7), Act.HOLD_SURPLUS, None),
        (ORPHAN, scan("6900000000013", product_id=7), Act.HOLD, None),
        (HOLDING, scan("6900000000013", product_id=7), Act.REFUSE, Why.CONDITION_FIRST),
        (HOLDING, scan("R-CONFIRM"), Act.REFUSE, Why.CONDITION_FIRST),
        (HOLDING, scan("R-LEAVE"), Act.REFUSE, Why.CONDITION_FIRST),
        (HOLDING, scan("R-UNDO"), Act.DROP, None),
        (OPEN, scan("R-UNDO"), Act.REFUSE, Why.NOTHING_TO_UNDO),
        (Desk("SF00000001", undoable=True), scan("R-UNDO"), Act.UNDO, None),
        (OPEN, scan("R-GOOD"), Act.REFUSE, Why.PRODUCT_FIRST),
        (OPEN, scan("R-MISSING"), Act.REST_MISSING, None),
        (Desk("SF00000001"), scan("R-MISSING"), Act.REFUSE, Why.NOTHING_LEFT),
        (ORPHAN, scan("R-MISSING"), Act.REFUSE, Why.NO_OWNER),
        (Desk("SF00000001", holding=7), scan("R-GOOD"), Act.REFUSE, Why.NOT_EXPECTED),
        (Desk("SF00000001", holding=7), scan("R-MISSING"), Act.REFUSE, Why.NOT_EXPECTED),
        (OPEN, scan("R-CONFIRM"), Act.REFUSE, Why.NOTHING_COUNTED),
        (Desk("SF00000001", counted=1), scan("R-CONFIRM"), Act.CONFIRM, None),
        (OPEN, scan("R-LEAVE"), Act.LEAVE, None),
        (ORPHAN, scan("138 0013 8000"), Act.PHONE, None),
        (OPEN, scan("13800138000"), Act.REFUSE, Why.UNKNOWN),
    ],
)
def test_answers(desk, scanned, act, why):
    decision = decide(desk, scanned)
    assert (decision.act, decision.why) == (act, why)


def test_a_unit_is_a_product_and_its_condition():
    for code, condition in CONDITIONS.items():
        assert decide(HOLDING, scan(code)) == Decision(Act.COUNT, product_id=7, condition=condition)
    assert decide(OPEN, scan("R-WRONG")) == Decision(Act.COUNT, condition="wrong")
    surplus = Desk("SF00000001", holding=7)
    assert decide(surplus, scan("R-WRONG")).condition == "wrong"


def test_codes_of_the_sheet():
    assert code_of("R-GOOD") is Code.GOOD
    assert code_of("GOOD") is None
    assert warehouse_of("R-WH-QTS") == "QTS"
    assert warehouse_of("QTS") == ""
    assert phone_of("+86 138-0013-8000") == "13800138000"
    assert phone_of("6900000000013") == ""


EXPECTED = {1: 2, 2: 1}


class DeskMachine(RuleBasedStateMachine):
    """A parcel with two units of one product and one of another, scanned in any order: what is
    counted as good, defect or missing never exceeds what is expected, and nothing is lost."""

    @initialize()
    def start(self):
        self.rows = {p: Row(p, 1, p, expected) for p, expected in EXPECTED.items()}
        self.wrong = 0
        self.units = 0
        self.holding = None
        self.confirmed = False

    def desk(self):
        rows = list(self.rows.values())
        held = [row.left for row in rows if row.product_id == self.holding]
        counted = self.wrong + sum(row.arrived + row.missing for row in rows)
        return Desk(
            "SF00000001",
            holding=self.holding,
            room=sum(held),
            left=sum(row.left for row in rows),
            counted=counted,
        )

    @rule(product=st.integers(1, 3))
    def product(self, product):
        room = self.rows[product].left if product in self.rows else 0
        self.do(decide(self.desk(), Scan(f"P{product}", product_id=product, room=room)))

    @rule(code=st.sampled_from([*CONDITIONS, Code.UNDO, Code.CONFIRM]))
    def code(self, code):
        self.do(decide(self.desk(), Scan(code)))

    def do(self, decision):
        if decision.act in (Act.HOLD, Act.HOLD_SURPLUS):
            assert self.holding is None
            self.holding = decision.product_id
        elif decision.act is Act.DROP:
            self.holding = None
        elif decision.act is Act.REST_MISSING:
            for product, row in self.rows.items():
                self.set(product, "missing", row.missing + row.left)
        elif decision.act is Act.COUNT:
            self.count(decision)
        elif decision.act is Act.CONFIRM:
            assert self.holding is None
            self.confirmed = True

    def count(self, decision):
        self.holding = None
        if decision.condition == "wrong":
            self.wrong += 1
            return
        product = decision.product_id
        assert place([self.rows[product]], product) == 0
        self.set(product, decision.condition, getattr(self.rows[product], decision.condition) + 1)

    def set(self, product, condition, units):
        row = self.rows[product]
        self.rows[product] = Row(
            product, 1, product, row.expected,
            **{name: getattr(row, name) for name in ("good", "defect", "missing")}
            | {condition: units},
        )  # fmt: skip

    @invariant()
    def never_more_than_expected(self):
        for product, row in getattr(self, "rows", {}).items():
            assert row.arrived + row.missing <= EXPECTED[product]

    @invariant()
    def a_confirmed_parcel_has_a_count(self):
        if getattr(self, "confirmed", False):
            assert self.desk().counted


DeskMachine.TestCase.settings = settings(
    max_examples=100, stateful_step_count=20, suppress_health_check=[HealthCheck.too_slow]
)
TestDesk = DeskMachine.TestCase
