from datetime import date, timedelta
from fractions import Fraction

from channel_deposit.core.bonus import Rule, best
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2026, 3, 15)

amounts = st.integers(1, 10**14)
rules = st.builds(
    Rule,
    id=st.integers(1, 9),
    minimum=st.integers(0, 10**7),
    fixed=st.integers(0, 10**5),
    percent=st.integers(0, 10_000),
    first=st.sampled_from([None, DAY, DAY + timedelta(1)]),
    last=st.sampled_from([None, DAY, DAY - timedelta(1)]),
    grades=st.frozensets(st.integers(1, 3)),
)


def test_a_hundred_thousand_gets_two_thousand():
    rule = Rule(1, minimum=100_000_00, fixed=2_000_00)
    assert best([rule], 100_000_00, None, DAY) == (rule, 2_000_00)
    assert best([rule], 99_999_99, None, DAY) is None


def test_a_percentage_is_rounded_down_to_the_fen():
    assert Rule(1, percent=150).bonus(1_00) == 1
    assert Rule(1, percent=150).bonus(66) == 0
    assert Rule(1, percent=333).bonus(99_999) == 3329


def test_a_rule_counts_on_its_first_and_last_day_and_not_beside_them():
    rule = Rule(1, fixed=1, first=DAY, last=DAY)
    near = {shift: best([rule], 1, None, DAY + timedelta(shift)) for shift in (-1, 0, 1)}
    assert near == {-1: None, 0: (rule, 1), 1: None}


def test_a_rule_for_grades_is_for_no_other_and_not_for_members_without():
    rule = Rule(1, fixed=1, grades=frozenset({7}))
    assert best([rule], 1, 7, DAY)
    assert best([rule], 1, 8, DAY) is None
    assert best([rule], 1, None, DAY) is None


def test_of_equal_rules_the_first_counts_and_of_others_the_best():
    small, big, same = Rule(1, fixed=5), Rule(2, fixed=9), Rule(3, percent=900)
    assert best([small, big, same], 100, None, DAY) == (big, 9)
    assert best([small, same, big], 100, None, DAY) == (same, 9)


def test_a_rule_that_gives_nothing_is_no_rule():
    assert best([Rule(1, percent=1)], 99, None, DAY) is None
    assert best([], 99, None, DAY) is None


@given(rules, amounts)
def test_a_bonus_is_exact_and_loses_less_than_a_fen(rule, amount):
    exact = rule.fixed + Fraction(amount * rule.percent, 10_000)
    assert 0 <= exact - rule.bonus(amount) < 1


@given(st.lists(rules, max_size=5), amounts, st.integers(0, 10**6), st.integers(1, 3))
def test_paying_in_more_never_gives_less(offers, amount, more, grade):
    def given_for(paid):
        found = best(offers, paid, grade, DAY)
        return found[1] if found else 0

    assert given_for(amount + more) >= given_for(amount)


@given(st.lists(rules, max_size=5), amounts, st.integers(1, 3))
def test_no_rule_that_applies_gives_more_than_the_chosen(offers, amount, grade):
    found = best(offers, amount, grade, DAY)
    most = max((r.bonus(amount) for r in offers if r.applies(amount, grade, DAY)), default=0)
    assert (found[1] if found else 0) == most
