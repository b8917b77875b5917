import pytest
from channel_order.core import stages
from channel_order.core.address import AddressAnswer as A
from channel_order.core.address import answer_of


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        (stages.UNPAID, A.AGREED),
        (stages.HELD, A.AGREED),
        (stages.EXCEPTION, A.AGREED),
        (stages.QUEUED, A.AGREED),
        (stages.ALLOCATED, A.AGREED),
        (stages.WAVED, A.ALLOCATING),
        (stages.PICKED, A.PICKING),
        (stages.PACKED, A.OUTBOUND),
        (stages.SHIPPED, A.SHIPPING),
        (stages.DONE, A.SHIPPING),
        (stages.CANCELLED, None),
        (stages.REFUNDED, None),
    ],
)
def test_by_stage(stage, answer):
    assert answer_of(stage) is answer


def test_every_stage_is_decided():
    assert all(answer_of(stage) for stage in stages.STAGES)
