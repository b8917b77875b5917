from dataclasses import replace
from datetime import date, timedelta

import pytest
from channel_settlement.core.choose import (
    Agreed,
    Chooser,
    Claim,
    Role,
    Sale,
    Terms,
    claims,
    points,
)

DAY = date(2026, 11, 11)
ALL = Terms(1, 10, published=100, start=DAY)
SALE = Sale(DAY, shop=1, session=2, talent=3, category=4, grade=5, kind="live")


def chosen(*terms, sale=SALE, at=200):
    return Chooser(terms).choose(sale, at)


@pytest.mark.parametrize(
    "scope",
    [{"shops": 1}, {"sessions": 2}, {"talents": 3}, {"categories": 4}, {"grades": 5}],
)
def test_each_scope(scope):
    [(name, value)] = scope.items()
    assert chosen(replace(ALL, **{name: frozenset({value, 99})})) == 1
    assert chosen(replace(ALL, **{name: frozenset({99})})) is None


def test_kind_and_days():
    assert chosen(replace(ALL, kind="live")) == 1
    assert chosen(replace(ALL, kind="shop")) is None
    assert chosen(replace(ALL, end=DAY)) == 1
    assert chosen(replace(ALL, end=DAY), sale=replace(SALE, day=DAY + timedelta(1))) is None
    assert chosen(ALL, sale=replace(SALE, day=DAY - timedelta(1))) is None


def test_the_first_that_is_for_it():
    narrow = Terms(2, 5, 100, DAY, talents=frozenset({3}))
    assert chosen(ALL, narrow) == 2
    assert chosen(ALL, narrow, sale=replace(SALE, talent=9)) == 1
    assert chosen(replace(ALL, id=7), ALL) == 1


def test_the_version_of_the_moment_of_release():
    old, new = replace(ALL, ended=150), Terms(2, 10, 150, DAY, first=False)
    assert [chosen(old, new, at=at) for at in (100, 149, 150, 300)] == [1, 1, 2, 2]


def test_what_was_published_later_counts_only_where_nothing_was_in_force():
    later = Terms(2, 1, published=300, start=DAY)
    assert chosen(ALL, later) == 1
    assert chosen(later) == 2
    assert chosen(replace(later, first=False)) is None
    assert chosen(replace(later, ended=150)) is None


def test_the_same_question_is_answered_by_the_moment():
    chooser = Chooser([ALL])
    assert [chooser.choose(SALE, at) for at in (200, 200, 50, 200)] == [1, 1, 1, 1]
    over = Chooser([replace(ALL, ended=150)])
    assert [over.choose(SALE, at) for at in (120, 200, 120)] == [1, None, 1]


def test_claims():
    roles = (
        Role(1, "host", "us"), Role(2, "platform", "platform"), Role(3, "mcn", "us"),
        Role(4, "other", "channel", partner=40), Role(5, "brand", "us"),
    )  # fmt: skip
    found = claims(roles, {"brand": 50, "host": 10, "platform": None})
    assert tuple(found.values()) == (
        Claim(1, "host", 10, "us"),
        Claim(2, "platform", None, "platform"),
        Claim(3, "mcn", 50, "kept"),  # nobody's agency
        Claim(4, "other", 40, "channel"),
        Claim(5, "brand", 50, "kept"),
    )
    assert list(found) == [1, 2, 3, 4, 5]


def test_whom_we_pay_needs_a_contact():
    with pytest.raises(LookupError, match="host"):
        claims((Role(1, "host", "us"),), {"brand": 50, "host": None})


def test_points_of_the_nearest_category():
    agreed = [
        Agreed(DAY, DAY, 0, 1000), Agreed(DAY, DAY, 7, 1500), Agreed(DAY, DAY, 9, 2000),
        Agreed(DAY + timedelta(1), None, 0, 500),
    ]  # fmt: skip
    assert points(agreed, DAY, (9, 7, 1)) == 2000
    assert points(agreed, DAY, (8, 7, 1)) == 1500
    assert points(agreed, DAY, (1,)) == 1000
    assert points(agreed, DAY + timedelta(5), (9,)) == 500
    assert points(agreed, DAY - timedelta(1), (9,)) is None
    assert points(agreed[1:3], DAY, (1,)) == 0
