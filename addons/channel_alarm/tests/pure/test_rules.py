"""The rules of alarms, on figures alone."""

from channel_alarm.core import rules
from channel_alarm.core.rules import Figures, Found, Item, Known, Receiver, Rule, StockDifference
from hypothesis import given
from hypothesis import strategies as st

NOW = 1000
SPIKE = {rules.SPIKE: Rule(threshold=10, minutes=5, times=3)}


def item(*counts, since=0, item_id=7):
    return Item(item_id, since, counts)


def found(figures, limits):
    return [(one.kind, one.subject, one.number) for one in rules.find(figures, limits)]


def minute(before, orders, priced=0):
    """Orders of a whole minute that ended so many minutes ago, in one of its buckets."""
    return (NOW - before * rules.MINUTE, orders, priced)


def test_a_rush_is_more_than_times_the_average_and_than_the_floor():
    calm = [minute(n, 4) for n in range(1, 6)]
    assert found(Figures(NOW, (item(*calm, minute(0, 13)),)), SPIKE) == [("spike", "7", 13)]
    assert found(Figures(NOW, (item(*calm, minute(0, 12)),)), SPIKE) == []  # three times, not more
    assert found(Figures(NOW, (item(minute(0, 9)),)), SPIKE) == []  # below the floor
    assert found(Figures(NOW, (item(minute(0, 10)),)), SPIKE) == [("spike", "7", 10)]


def test_an_item_just_put_on_sale_has_no_average_yet():
    first = NOW - rules.MINUTE + 1 - 5 * rules.MINUTE
    assert found(Figures(NOW, (item(minute(0, 99), since=first + 1),)), SPIKE) == []
    assert found(Figures(NOW, (item(minute(0, 99), since=first),)), SPIKE)


def test_what_is_older_than_the_window_does_not_count():
    old = (NOW - 6 * rules.MINUTE, 1000, 1000)
    limits = SPIKE | {rules.PRICE: Rule(threshold=3, minutes=2)}
    assert found(Figures(NOW, (item(old, minute(0, 10)),)), limits) == [("spike", "7", 10)]


def test_prices_count_within_their_minutes():
    limits = {rules.PRICE: Rule(threshold=3, minutes=2)}
    figures = Figures(NOW, (item(minute(1, 5, 2), minute(0, 5, 1)), item(minute(2, 9, 9))))
    assert found(figures, limits) == [("price", "7", 3)]


def test_receivers_stock_and_waiting():
    limits = {
        rules.RECEIVER: Rule(3), rules.STOCK: Rule(5), rules.WAITING: Rule(10),
    }  # fmt: skip
    figures = Figures(
        NOW,
        receivers=(Receiver("k", "1**", 3), Receiver("j", "2**", 2)),
        stock=(StockDifference(7, "S", 10, 15), StockDifference(8, "T", 10, 14)),
        waiting=600,
    )
    assert found(figures, limits) == [("receiver", "k", 3), ("stock", "7", 5), ("waiting", "", 10)]
    assert found(figures, {}) == []


LIMITS = {rules.SPIKE: Rule(1, quiet=30)}


def sifted(number, known):
    one = Found(rules.SPIKE, "7", number, {}, 7)
    raised, worse = rules.sift([one], {(rules.SPIKE, "7"): known} if known else {}, LIMITS)
    return bool(raised), [alarm_id for alarm_id, _one in worse]


def test_an_open_alarm_grows_and_is_not_doubled():
    assert sifted(5, None) == (True, [])
    assert sifted(6, Known(1, open=True, number=5)) == (False, [1])
    assert sifted(5, Known(1, open=True, number=5)) == (False, [])
    assert sifted(999, Known(1, open=True, number=5, quiet=999)) == (False, [1])


def test_a_decided_alarm_comes_back_twice_as_bad_or_after_the_quiet_time():
    assert sifted(9, Known(1, open=False, number=5, quiet=29)) == (False, [])
    assert sifted(10, Known(1, open=False, number=5, quiet=0)) == (True, [])
    assert sifted(1, Known(1, open=False, number=5, quiet=30)) == (True, [])


counts = st.lists(
    st.tuples(st.integers(NOW - 120, NOW), st.integers(0, 50), st.integers(0, 5)), max_size=30
).map(tuple)
limit = st.builds(
    Rule, threshold=st.integers(1, 60), minutes=st.integers(1, 15), times=st.integers(1, 9),
    quiet=st.integers(0, 60),
)  # fmt: skip


@given(counts, limit)
def test_a_rush_is_as_it_is_defined(rows, rule):
    figures = Figures(NOW, (item(*rows),))
    last = sum(n for bucket, n, _p in rows if bucket > NOW - rules.MINUTE)
    window = [n for bucket, n, _p in rows if bucket > NOW - rules.MINUTE * (1 + rule.minutes)]
    before = sum(window) - last
    expected = last >= rule.threshold and last > rule.times * before / rule.minutes
    assert bool(rules.find(figures, {rules.SPIKE: rule})) == expected


@given(counts, limit, st.integers(0, 100))
def test_to_evaluate_again_raises_nothing_new(rows, rule, waiting):
    """Whatever is found: once it is an open alarm, the same figures change nothing."""
    limits = dict.fromkeys(rules.KINDS, rule)
    figures = Figures(
        NOW, (item(*rows),), (Receiver("k", "", waiting),),
        (StockDifference(7, "S", 0, waiting),), waiting * 60,
    )  # fmt: skip
    hits = rules.find(figures, limits)
    raised, worse = rules.sift(hits, {}, limits)
    assert (raised, worse) == (hits, [])
    known = {(x.kind, x.subject): Known(n, True, x.number) for n, x in enumerate(hits)}
    assert rules.sift(rules.find(figures, limits), known, limits) == ([], [])
