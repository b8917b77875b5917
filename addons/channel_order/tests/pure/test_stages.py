import itertools

import pytest
from channel_order.core import stages
from hypothesis import given
from hypothesis import strategies as st

ANY = st.sampled_from(stages.ALL_STAGES)


def test_every_stage_has_its_moves():
    assert set(stages.MOVES) == set(stages.ALL_STAGES)
    assert len(set(stages.ALL_STAGES)) == 12


@given(st.lists(st.tuples(ANY, st.booleans()), max_size=30))
def test_what_has_left_never_comes_back(walk):
    """Whatever is tried, in whatever order: after shipped only done, after an end nothing."""
    stage, left, ended = stages.UNPAID, False, None
    for target, put_back in walk:
        if stages.can_move(stage, target, put_back=put_back):
            stage = target
        left = left or stage in stages.LEFT
        if left:
            assert stage in stages.LEFT
        if ended:
            assert stage == ended
        ended = stage if stage in stages.ENDED else None


@pytest.mark.parametrize("put_back", [False, True])
def test_nothing_leads_out_of_shipped_or_an_end(put_back):
    def reachable(stage):
        found, todo = set(), [stage]
        while todo:
            at = todo.pop()
            for target in stages.ALL_STAGES:
                if target not in found and stages.can_move(at, target, put_back=put_back):
                    found.add(target)
                    todo.append(target)
        return found

    assert reachable(stages.SHIPPED) == {stages.SHIPPED, stages.DONE}
    for end in (stages.DONE, stages.CANCELLED, stages.REFUNDED):
        assert reachable(end) == {end}


@given(ANY, ANY)
def test_going_back_needs_put_back(before, after):
    order = {stage: rank for rank, stage in enumerate(stages.STAGES)}
    work = (stages.QUEUED, stages.ALLOCATED, stages.WAVED, stages.PICKED, stages.PACKED)
    if before in work and after in work and order[after] < order[before]:
        assert not stages.can_move(before, after)
        assert stages.can_move(before, after, put_back=True)
    elif before != after and not stages.can_move(before, after):
        assert not stages.can_move(before, after, put_back=True)


@pytest.mark.parametrize("before", [stages.WAVED, stages.PICKED, stages.PACKED])
def test_no_stop_once_in_a_wave(before):
    for put_back, target in itertools.product(
        (False, True), (stages.HELD, stages.EXCEPTION, stages.UNPAID)
    ):
        assert not stages.can_move(before, target, put_back=put_back)


def test_sources_are_the_inverse():
    for put_back in (False, True):
        for target in stages.ALL_STAGES:
            expected = {
                s for s in stages.ALL_STAGES
                if s != target and stages.can_move(s, target, put_back=put_back)
            }  # fmt: skip
            assert set(stages.sources(target, put_back=put_back)) == expected


def test_trigger_rows_are_the_moves():
    free = {(a, b) for a, b, back in stages.trigger_moves() if not back}
    back = {(a, b) for a, b, back in stages.trigger_moves() if back}
    for a, b in itertools.permutations(stages.ALL_STAGES, 2):
        assert ((a, b) in free) == stages.can_move(a, b)
        assert ((a, b) in free | back) == stages.can_move(a, b, put_back=True)
    assert not free & back
