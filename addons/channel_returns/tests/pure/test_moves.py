from channel_returns.core.moves import Delivered, Found, Move, To, plan
from hypothesis import given
from hypothesis import strategies as st


def test_good_into_stock_and_defects_apart_at_the_cost_of_their_delivery():
    assert plan([Found(1, 9, 2, 1)], [Delivered(5, 9, 1, 10)]) == [
        Move(1, To.DEFECTS, 1, 5),
        Move(1, To.STOCK, 2, 5),
    ]


def test_two_orders_of_a_wave_share_a_move():
    found = [Found(1, 9, 1, 0), Found(1, 9, 2, 0)]
    assert plan(found, [Delivered(5, 9, 1, 10)]) == [Move(1, To.STOCK, 3, 5)]


def test_the_first_delivery_is_returned_first_and_never_twice():
    delivered = [Delivered(6, 9, 1, 3), Delivered(5, 9, 1, 2, back=1)]
    assert plan([Found(1, 9, 3, 0)], delivered) == [
        Move(1, To.STOCK, 1, 5),
        Move(1, To.STOCK, 2, 6),
    ]


def test_without_a_delivery_of_ours():
    assert plan([Found(1, None, 1, 0)], [Delivered(5, 9, 1, 2)]) == [Move(1, To.STOCK, 1, None)]


def test_more_than_the_delivery_holds_comes_in_without_origin():
    assert plan([Found(1, 9, 3, 0)], [Delivered(5, 9, 1, 2)]) == [
        Move(1, To.STOCK, 1, None),
        Move(1, To.STOCK, 2, 5),
    ]


def test_nothing_to_move():
    assert plan([Found(1, 9, 0, 0)], [Delivered(5, 9, 1, 2)]) == []


FOUND = st.lists(
    st.builds(
        Found,
        st.integers(1, 3),
        st.one_of(st.none(), st.integers(1, 2)),
        st.integers(0, 5),
        st.integers(0, 5),
    )
)
DELIVERED = st.lists(
    st.builds(
        Delivered,
        st.integers(1, 9),
        st.integers(1, 2),
        st.integers(1, 3),
        st.integers(0, 8),
        st.integers(0, 9),
    ),
    unique_by=lambda move: move.move_id,
)


@given(FOUND, DELIVERED)
def test_every_unit_moves_once_and_no_delivery_is_returned_beyond_what_it_was(found, delivered):
    moves = plan(found, delivered)
    for product in (1, 2, 3):
        for to, field in ((To.STOCK, "good"), (To.DEFECTS, "defect")):
            moved = sum(m.units for m in moves if (m.product_id, m.to) == (product, to))
            assert moved == sum(getattr(f, field) for f in found if f.product_id == product)
    assert all(move.units > 0 for move in moves)
    for one in delivered:
        back = sum(move.units for move in moves if move.origin_id == one.move_id)
        assert back <= max(one.units - one.back, 0)
        assert all(m.product_id == one.product_id for m in moves if m.origin_id == one.move_id)
    assert len({(m.product_id, m.to, m.origin_id) for m in moves}) == len(moves)
