from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.channel_deposit.core.lapse import Fact, due, grants, soon
from odoo.addons.channel_deposit.core.operations import Kind

DAY = 86400


def bonus(key, fen, day=None):
    return Fact(key, Kind.TOP_UP, fen, None if day is None else day * DAY)


def spend(key, fen):
    return Fact(key, Kind.CAPTURE, -fen)


def lapse(fen):
    return Fact(f"lapse {fen}", Kind.LAPSE, -fen)


def undo(of, fen):
    return Fact(f"undo {of}", Kind.REVERSE, fen, reverses=of)


def left(*facts):
    return {grant.key: grant.left for grant in grants(facts)}


def test_what_lapses_first_is_used_first():
    facts = (bonus("ever", 50), bonus("late", 50, 20), bonus("soon", 50, 10), spend("x", 70))
    assert left(*facts) == {"soon": 0, "late": 30, "ever": 50}
    assert [due(facts, 80, day * DAY) for day in (9, 10, 20, 99)] == [0, 0, 30, 30]


def test_only_what_was_there_is_used():
    """A rebate that came later was not spent before it came, however soon it lapses."""
    facts = (bonus("ever", 100), spend("x", 60), bonus("soon", 50, 10))
    assert due(facts, 90, 10 * DAY) == 50


def test_not_what_is_set_aside_and_not_twice():
    facts = (bonus("soon", 50, 10),)
    assert due(facts, 20, 10 * DAY) == 20
    assert due(facts, -5, 10 * DAY) == 0
    facts += (lapse(20),)
    assert due(facts, 30, 11 * DAY) == 30
    facts += (lapse(30), bonus("late", 7, 20))
    assert (due(facts, 7, 11 * DAY), due(facts, 7, 20 * DAY)) == (0, 7)


def test_what_comes_back_goes_where_it_was_taken_from():
    facts = (bonus("a", 10, 10), bonus("b", 10, 20), spend("x", 15))
    back = Fact("note", Kind.GIVE_BACK, 8)
    assert left(*facts, back) == {"a": 3, "b": 10}
    assert left(*facts, undo("x", 15)) == {"a": 10, "b": 10}
    assert left(*facts, undo("x", 15), spend("y", 20)) == {"a": 0, "b": 0}
    assert left(bonus("a", 10, 10), back) == {"a": 10, "note": 8}


def test_a_bonus_taken_back_is_gone_first():
    facts = (bonus("a", 10, 10), bonus("b", 10, 20), undo("b", -10))
    assert left(*facts) == {"a": 10, "b": 0}
    facts = (bonus("a", 10, 10), bonus("b", 10, 20), spend("x", 15), undo("b", -5))
    assert left(*facts) == {"a": 0, "b": 0}


def test_a_lapse_undone_does_not_lapse_again():
    facts = (bonus("a", 10, 10), lapse(10), undo("lapse 10", 10))
    assert due(facts, 10, 99 * DAY) == 0
    assert left(*facts)["undo lapse 10"] == 10


def test_what_will_lapse():
    facts = (bonus("a", 10, 10), bonus("b", 20, 12), bonus("c", 5, 12), bonus("d", 9, 30))
    assert soon(facts, 10 * DAY, 20 * DAY) == [(12 * DAY, 25)]
    assert soon(facts, 0, 12 * DAY) == [(10 * DAY, 10), (12 * DAY, 25)]


steps = st.lists(
    st.tuples(
        st.sampled_from(["bonus", "spend", "back", "lapse", "day"]),
        st.integers(1, 50),
        st.integers(1, 9),
    ),
    max_size=30,
)


@given(steps)
def test_any_life_of_an_account(steps):
    """What is left sums up to the balance, and what lapsed is what was left when its time came."""
    facts, balance, spent, now = [], 0, 0, 0
    for number, (what, fen, days) in enumerate(steps):
        key = str(number)
        if what == "bonus":
            facts.append(bonus(key, fen, now + days if days < 9 else None))
            balance += fen
        elif what == "spend" and balance:
            facts.append(spend(key, min(fen, balance)))
            balance += facts[-1].posted
            spent -= facts[-1].posted
        elif what == "back" and spent:
            facts.append(Fact(key, Kind.GIVE_BACK, min(fen, spent)))
            balance += facts[-1].posted
            spent -= facts[-1].posted
        elif what == "lapse" and (over := due(facts, balance, now * DAY)):
            facts.append(Fact(key, Kind.LAPSE, -over))
            balance -= over
            assert due(facts, balance, now * DAY) == 0
        now += days if what == "day" else 0
        found = grants(facts)
        assert all(grant.left >= 0 for grant in found)
        assert sum(grant.left for grant in found) == balance
        assert due(facts, balance, now * DAY) <= balance
