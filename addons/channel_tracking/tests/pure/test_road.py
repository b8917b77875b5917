from dataclasses import replace

import pytest
from channel_order.core.aftersales import Fate
from channel_tracking.core.interception import Money, Way, next_way, way_of
from channel_tracking.core.road import Alarm, Clocks, Kind, Standing, Trace, fate_of, standing_of
from hypothesis import given
from hypothesis import strategies as st

HOUR = 3600
HANDED = 1_770_000_000
CLOCKS = Clocks(pickup=24 * HOUR, stall=72 * HOUR)

traces = st.lists(
    st.builds(Trace, st.integers(HANDED, HANDED + 20), st.sampled_from(Kind)), max_size=8
)


def told(*kinds):
    return [Trace(HANDED + HOUR * n, kind) for n, kind in enumerate(kinds, start=1)]


def stands(*kinds, after=0):
    """Where a parcel stands ``after`` hours after its last trace."""
    now = HANDED + HOUR * (len(kinds) + after)
    return standing_of(HANDED, told(*kinds), CLOCKS, now)


@given(traces, st.randoms(), st.integers(0, 10**6))
def test_order_and_repetition_change_nothing(found, rnd, later):
    now = HANDED + later
    expected = standing_of(HANDED, found, CLOCKS, now)
    mixed = found * 2
    rnd.shuffle(mixed)
    assert standing_of(HANDED, mixed, CLOCKS, now) == expected


@given(traces, st.integers(0, 10**6))
def test_an_alarm_has_its_moment_and_a_silent_parcel_one_alarm_or_one_clock(found, later):
    now = HANDED + later
    standing = standing_of(HANDED, found, CLOCKS, now)
    assert (standing.alarm is None) == (standing.alarm_at is None)
    assert standing.alarm_at is None or standing.alarm_at <= max(now, HANDED + 20)
    if standing.kind not in (Kind.DELIVERED, Kind.RETURNED):
        silent = standing.alarm in (Alarm.NO_PICKUP, Alarm.STALLED)
        assert silent == (standing.due_at is None)


@given(traces)
def test_back_at_the_sender_is_the_end(found):
    back = Trace(HANDED + 10, Kind.RETURNED)
    later = [replace(one, at=one.at + 30) for one in found]
    assert standing_of(HANDED, [back, *later], CLOCKS, HANDED).kind is Kind.RETURNED


def test_no_pickup_rings_at_its_second():
    before = standing_of(HANDED, [], CLOCKS, HANDED + 24 * HOUR - 1)
    assert before == Standing(due_at=HANDED + 24 * HOUR)
    over = standing_of(HANDED, [], CLOCKS, HANDED + 24 * HOUR)
    assert over == Standing(alarm=Alarm.NO_PICKUP, alarm_at=HANDED + 24 * HOUR)


def test_no_news_rings_and_the_next_trace_ends_it():
    standing = stands(Kind.PICKED_UP, Kind.ON_THE_WAY, after=72)
    assert (standing.alarm, standing.due_at) == (Alarm.STALLED, None)
    assert stands(Kind.PICKED_UP, Kind.ON_THE_WAY, Kind.DELIVERING, after=1).alarm is None


def test_clocks_that_are_off_never_ring():
    off = Clocks(0, 0)
    assert standing_of(HANDED, [], off, HANDED + 10**8).alarm is None
    assert standing_of(HANDED, told(Kind.ON_THE_WAY), off, HANDED + 10**8).alarm is None


@pytest.mark.parametrize(
    ("kinds", "kind", "alarm"),
    [
        ([Kind.PICKED_UP, Kind.DELIVERED], Kind.DELIVERED, None),
        # a carrier adds lines after the delivery
        ([Kind.DELIVERED, Kind.ON_THE_WAY], Kind.DELIVERED, None),
        ([Kind.DELIVERED, Kind.RETURNING], Kind.RETURNING, Alarm.RETURNING),
        ([Kind.TROUBLE], Kind.TROUBLE, Alarm.TROUBLE),
        ([Kind.TROUBLE, Kind.ON_THE_WAY], Kind.ON_THE_WAY, None),
        ([Kind.REFUSED], Kind.REFUSED, Alarm.REFUSED),
        ([Kind.REFUSED, Kind.ON_THE_WAY], Kind.REFUSED, Alarm.REFUSED),
        ([Kind.REFUSED, Kind.DELIVERED], Kind.DELIVERED, None),
        ([Kind.REFUSED, Kind.RETURNING], Kind.RETURNING, Alarm.RETURNING),
        # the way back is scanned like the way there
        ([Kind.RETURNING, Kind.ON_THE_WAY, Kind.DELIVERING], Kind.RETURNING, Alarm.RETURNING),
        ([Kind.RETURNING, Kind.DELIVERED], Kind.RETURNED, Alarm.RETURNED),
        ([Kind.RETURNING, Kind.RETURNED, Kind.ON_THE_WAY], Kind.RETURNED, Alarm.RETURNED),
    ],
)
def test_where_a_parcel_stands(kinds, kind, alarm):
    standing = stands(*kinds)
    assert (standing.kind, standing.alarm) == (kind, alarm)


def test_a_parcel_that_comes_back_and_is_lost_rings_again():
    assert stands(Kind.RETURNING, after=71).alarm is Alarm.RETURNING
    assert stands(Kind.RETURNING, after=72).alarm is Alarm.STALLED


@pytest.mark.parametrize(
    ("known", "kind", "asked", "fate"),
    [
        (None, None, False, None),
        (None, None, True, Fate.ASKED),
        (Fate.ASKED, Kind.ON_THE_WAY, False, None),
        (None, Kind.REFUSED, False, Fate.REFUSED),
        (Fate.ASKED, Kind.RETURNING, True, Fate.STOPPED),
        (Fate.STOPPED, Kind.DELIVERED, True, Fate.DELIVERED),
        (Fate.STOPPED, Kind.ON_THE_WAY, True, Fate.STOPPED),
        (Fate.BACK, Kind.DELIVERED, True, Fate.BACK),
        # said to be back is on its way until it is scanned
        (None, Kind.RETURNED, True, Fate.STOPPED),
    ],
)
def test_fate(known, kind, asked, fate):
    assert fate_of(known, kind, asked) is fate


def test_who_stops_a_parcel():
    whole, part = Money(10000, 10000), Money(10000, 9999)
    assert way_of(whole, whole, platform=True, carrier=True) is Way.PLATFORM
    assert way_of(whole, whole, platform=False, carrier=True) is Way.CARRIER
    assert way_of(whole, whole, platform=False, carrier=False) is Way.PERSON
    # a compensation: the buyer keeps the goods
    assert way_of(part, part, platform=True, carrier=True) is None
    # other goods in the box: a person decides
    assert way_of(whole, part, platform=True, carrier=True) is Way.PERSON


def test_who_is_next():
    assert next_way(Way.PLATFORM, carrier=True) is Way.CARRIER
    assert next_way(Way.PLATFORM, carrier=False) is Way.PERSON
    assert next_way(Way.CARRIER, carrier=True) is Way.PERSON
