"""Reading by update time: nothing is lost, whatever moves while it is read."""

import random

import pytest
from channel_intake.core.errors import BadAnswer
from channel_intake.core.platforms.base import Page, RawMessage
from channel_intake.core.pull import read_window, windows
from hypothesis import given, settings
from hypothesis import strategies as st


class FakeList:
    """A platform's list; ``between`` is called before each answer and may change it."""

    def __init__(self, times, between=None):
        self.rows = {f"r{number}": time for number, time in enumerate(times)}
        self.between = between or (lambda fake: None)
        self.calls = 0

    def __call__(self, start, end, page, size):
        self.calls += 1
        self.between(self)
        found = sorted((time, ref) for ref, time in self.rows.items() if start <= time <= end)
        cut = found[page * size : (page + 1) * size]
        rows = tuple(RawMessage("order", ref, time, "{}", f"{ref}@{time}") for time, ref in cut)
        return Page(rows, len(found), page * size + len(cut) < len(found))


def read(fake, start, end, size):
    """What is stored: each row's newest time, checked against the cursor at every step."""
    stored, cursors = {}, []
    for batch in read_window(fake, start, end, size):
        for row in batch.rows:
            stored[row.ref] = max(row.updated_at, stored.get(row.ref, 0))
        cursors.append(batch.cursor)
        for ref, time in fake.rows.items():
            assert time >= batch.cursor or stored.get(ref) == time, "cursor ahead of what is stored"
    assert cursors == sorted(cursors)
    return stored, cursors[-1]


@pytest.mark.parametrize("size", [1, 2, 3, 10, 100])
@pytest.mark.parametrize(
    "times", [[], [5], [1, 2, 3, 4, 5, 6, 7], [5] * 9, [1, 5, 5, 5, 5, 5, 9, 9], [9] * 7 + [10]]
)
def test_a_list_that_stands_still_is_read_whole(times, size):
    fake = FakeList(times)
    stored, cursor = read(fake, 0, 10, size)
    assert stored == fake.rows
    assert cursor == 10


def test_pages_are_counted_only_inside_one_second():
    fake = FakeList(range(1, 101))
    pages = []
    list(read_window(lambda *args: pages.append(args[2]) or fake(*args), 0, 200, 10))
    assert set(pages) == {0}


def test_a_row_that_leaves_a_full_second_hides_no_other():
    """Rows 0..9 leave second 5 after its first page was read: by page, ten others would be lost."""

    def between(fake):
        if fake.calls == 4:
            for number in range(10):
                fake.rows[f"r{number}"] = 50

    fake = FakeList([5] * 40, between)
    stored, _cursor = read(fake, 0, 60, 10)
    assert set(stored) == set(fake.rows)


def test_the_last_second_may_still_grow():
    """Whoever reads up to now meets a second that is not over: the next window reads it again."""

    def between(fake):
        fake.rows[f"r{len(fake.rows)}"] = 10

    fake = FakeList([5] * 40 + [10] * 40, between)
    stored, cursor = read(fake, 0, 10, 10)
    assert cursor == 10
    assert set(stored) >= {f"r{number}" for number in range(80)}
    fake.between = lambda fake: None
    again = {row.ref for batch in read_window(fake, 10, 20, 10) for row in batch.rows}
    assert again == {ref for ref, at in fake.rows.items() if at == 10}


def test_a_list_that_never_stands_still_is_not_believed():
    def between(fake):
        if fake.calls > 1:
            fake.rows.pop(next(iter(fake.rows)))

    with pytest.raises(BadAnswer):
        list(read_window(FakeList([5] * 500, between), 0, 10, 10))


def test_an_unsorted_list_is_not_believed():
    rows = tuple(RawMessage("order", str(t), t, "{}", str(t)) for t in (5, 3))
    with pytest.raises(BadAnswer, match="sorted"):
        list(read_window(lambda *args: Page(rows, 2, False), 0, 10, 10))


def test_an_empty_page_with_more_to_come_is_not_believed():
    with pytest.raises(BadAnswer):
        list(read_window(lambda *args: Page((), 7, True), 0, 10, 10))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(1, 12), max_size=60),
    st.integers(1, 8),
    st.integers(0, 10**6),
    st.integers(0, 12),
)
def test_orders_that_change_while_we_read_are_all_stored(times, size, seed, changes):
    """At random moments orders are updated, each in a later second than all before.

    A second that still runs while it is read is read again by the overlap of the next pull.
    """
    chance = random.Random(seed)
    left = [changes]
    now = [12]

    def between(fake):
        if left[0] and fake.rows and chance.random() < 0.4:
            left[0] -= 1
            now[0] += chance.randint(1, 2)
            fake.rows[chance.choice(sorted(fake.rows))] = now[0]

    fake = FakeList(times, between)
    try:
        stored, cursor = read(fake, 0, 40, size)
    except BadAnswer:  # believed only when it stood still long enough: nothing is lost, later
        return
    assert cursor == 40
    assert stored == fake.rows


def test_windows_cover_the_time_without_a_gap():
    assert list(windows(0, 25, 10)) == [(0, 10), (10, 20), (20, 25)]
    assert list(windows(5, 5, 10)) == []
