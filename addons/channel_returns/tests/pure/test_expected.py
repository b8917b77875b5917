from channel_returns.core.expected import Asked, Due, Line, Row, all_wanted, due, match, place
from hypothesis import given
from hypothesis import strategies as st

TEA, CUP, RICE = 1, 2, 3


def line(line_id, product=TEA, units=2, items=None, ref=None, order=1, gift=False, back=0):
    items = units if items is None else items
    return Line(line_id, order, ref or f"L{line_id}", product, units, items, gift, back)


def test_all_of_a_line():
    assert due([Asked(7, 1, "L1")], [line(1), line(2, CUP)], [1]) == [Due(7, 1, TEA, 2)]


def test_a_partial_return():
    assert due([Asked(7, 1, "L1", items=1)], [line(1)], [1]) == [Due(7, 1, TEA, 1)]


def test_a_bundle_is_asked_for_in_units_of_its_sku():
    # two boxes of two teas and a cup; one box comes back
    lines = [line(1, TEA, 4, 2, "BOX"), line(2, CUP, 2, 0, "BOX")]
    assert due([Asked(7, 1, "BOX", items=1)], lines, [1]) == [Due(7, 1, TEA, 2), Due(7, 2, CUP, 1)]


def test_the_whole_order_with_its_gift():
    lines = [line(1), line(2, CUP, 1, gift=True)]
    assert due([Asked(7, 1)], lines, [1]) == [Due(7, 1, TEA, 2), Due(7, 2, CUP, 1)]


def test_a_gift_stays_while_a_paid_unit_stays():
    lines = [line(1), line(2, CUP, 1, gift=True)]
    assert due([Asked(7, 1, "L1", items=1)], lines, [1]) == [Due(7, 1, TEA, 1)]
    assert due([Asked(7, 1, "L1")], lines, [1]) == [Due(7, 1, TEA, 2), Due(7, 2, CUP, 1)]


def test_a_gift_comes_with_the_last_aftersale():
    lines = [line(1), line(2, RICE), line(3, CUP, 1, gift=True)]
    first, last = Asked(7, 1, "L1", of_parcel=False), Asked(8, 1, "L2")
    assert due([first, last], lines, [1]) == [Due(8, 2, RICE, 2), Due(8, 3, CUP, 1)]


def test_a_gift_that_was_asked_for_by_itself_is_expected_once():
    lines = [line(1), line(2, CUP, 1, gift=True)]
    asked = [Asked(7, 1, "L1"), Asked(8, 1, "L2")]
    assert all_wanted(asked, lines) == {7: {1: 2}, 8: {2: 1}}


def test_a_second_parcel_brings_the_rest():
    asked = Asked(7, 1, "L1", here={1: 1})
    assert due([asked], [line(1, back=1)], [1]) == [Due(7, 1, TEA, 1)]


def test_never_more_than_left_and_is_not_back():
    two = [Asked(7, 1, "L1"), Asked(8, 1, "L1", items=1)]
    assert due(two, [line(1)], [1]) == [Due(7, 1, TEA, 2)]
    assert due([Asked(7, 1, "L1")], [line(1, back=2)], [1]) == []


def test_an_order_without_an_aftersale_brings_all_of_it():
    assert due([], [line(1), line(2, CUP, order=2)], [1]) == [Due(None, 1, TEA, 2)]


def test_a_parcel_that_nobody_opened_brings_what_nobody_asked_for_too():
    lines = [line(1), line(2, CUP, 3, back=1), line(3, RICE, order=2)]
    asked = [Asked(7, 1, "L1", items=1)]
    assert due(asked, lines, [1]) == [Due(7, 1, TEA, 1)]
    assert due(asked, lines, [1], unopened=True) == [
        Due(7, 1, TEA, 1), Due(None, 1, TEA, 1), Due(None, 2, CUP, 2),
    ]  # fmt: skip


def test_an_order_that_never_left_brings_nothing():
    assert due([Asked(7, 1)], [line(1, units=0)], [1]) == []


def test_a_unit_stands_in_the_first_row_that_waits_for_it():
    rows = [Row(TEA, 7, 1, expected=1, good=1), Row(TEA, 8, 2, expected=2, missing=1), Row(CUP)]
    assert place(rows, TEA) == 1
    assert place(rows, CUP) is None
    assert place(rows, None) is None


def test_a_parcel_whose_owner_was_found():
    counted = [Row(TEA, good=1, defect=2), Row(CUP, good=1), Row(None, wrong=1)]
    assert match(counted, [Due(7, 1, TEA, 2), Due(7, 2, RICE, 1)]) == [
        Row(TEA, 7, 1, 2, good=1, defect=1),
        Row(RICE, 7, 2, 1),
        Row(TEA, wrong=1),
        Row(CUP, wrong=1),
        Row(None, wrong=1),
    ]


LINES = st.lists(
    st.tuples(
        st.integers(1, 3), st.integers(0, 6), st.integers(0, 3), st.booleans(), st.integers(0, 7)
    ),
    min_size=1,
    max_size=4,
).map(
    lambda rows: [
        line(n, product, units, items, gift=gift, back=back)
        for n, (product, units, items, gift, back) in enumerate(rows, start=1)
    ]
)
ASKED = st.lists(st.tuples(st.sampled_from(["", "L1", "L2"]), st.integers(0, 4)), max_size=4).map(
    lambda rows: [Asked(n, 1, ref, items) for n, (ref, items) in enumerate(rows, start=1)]
)


@given(LINES, ASKED)
def test_dues_keep_within_what_left(lines, asked):
    dues = due(asked, lines, [1])
    by_line: dict[int, int] = {}
    for one in dues:
        assert one.units > 0
        by_line[one.line_id] = by_line.get(one.line_id, 0) + one.units
    rooms = {one.line_id: one.room for one in lines}
    assert all(units <= rooms[line_id] for line_id, units in by_line.items())
    unopened: dict[int, int] = {}
    for one in due(asked, lines, [1], unopened=True):
        unopened[one.line_id] = unopened.get(one.line_id, 0) + one.units
    assert unopened == {line_id: room for line_id, room in rooms.items() if room}
    if not asked:
        assert by_line == {line_id: room for line_id, room in rooms.items() if room}


COUNTS = st.lists(
    st.builds(
        Row,
        product_id=st.integers(1, 3),
        good=st.integers(0, 4),
        defect=st.integers(0, 4),
        wrong=st.integers(0, 2),
    ),
    max_size=3,
    unique_by=lambda row: row.product_id,
)


@given(COUNTS, LINES, ASKED)
def test_matching_neither_makes_nor_loses_a_unit(counted, lines, asked):
    rows = match(counted, due(asked, lines, [1]))
    for product in (1, 2, 3):
        before = sum(r.arrived + r.wrong for r in counted if r.product_id == product)
        after = sum(r.arrived + r.wrong for r in rows if r.product_id == product)
        assert before == after
    assert all(row.arrived <= row.expected for row in rows)
