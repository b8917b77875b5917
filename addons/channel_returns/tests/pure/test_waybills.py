import pytest
from channel_returns.core.waybills import (
    Claim,
    Owner,
    Sent,
    Source,
    fate_of,
    is_waybill,
    owner_of,
)
from hypothesis import given
from hypothesis import strategies as st

STATUSES = st.sampled_from(["applied", "agreed", "returned", "succeeded", "refused", "closed"])


def test_the_waybill_that_the_buyer_told():
    assert owner_of([Claim(7, 70, "agreed")], []) == Owner(Source.BUYER, (70,), (7,))


def test_one_box_for_two_aftersales_of_two_orders():
    claims = [Claim(8, 71, "returned"), Claim(7, 70, "returned")]
    assert owner_of(claims, []) == Owner(Source.BUYER, (70, 71), (7, 8))


def test_a_request_that_stands_goes_before_one_that_is_over():
    claims = [Claim(7, 70, "closed"), Claim(8, 70, "agreed")]
    assert owner_of(claims, []) == Owner(Source.BUYER, (70,), (8,))


def test_goods_are_followed_also_when_the_request_is_over():
    assert owner_of([Claim(7, 70, "closed")], []) == Owner(Source.BUYER, (70,), (7,))


def test_what_the_buyer_told_goes_before_our_own_old_number():
    owner = owner_of([Claim(7, 70, "agreed")], [Sent(99)])
    assert owner == Owner(Source.BUYER, (70,), (7,))


def test_our_own_parcel_stopped_by_the_carrier():
    owner = owner_of([], [Sent(70, 7, "agreed", stopping=True), Sent(71)])
    assert owner == Owner(Source.INTERCEPT, (70, 71), (7,))


def test_our_own_parcel_refused_by_the_receiver():
    assert owner_of([], [Sent(70)]) == Owner(Source.REFUSED, (70,))
    assert owner_of([], [Sent(70, 7, "refused")]) == Owner(Source.REFUSED, (70,))


def test_nobodys():
    assert owner_of([], []) is None
    assert owner_of([Claim(7, None, "agreed")], []) is None


def test_waybills():
    assert is_waybill("SF1234567890")
    assert not is_waybill("SF1")
    assert not is_waybill("运单12345678")


@given(
    st.lists(
        st.builds(Claim, st.integers(1, 5), st.one_of(st.none(), st.integers(1, 3)), STATUSES)
    ),
    st.lists(
        st.builds(
            Sent,
            st.integers(1, 3),
            st.one_of(st.none(), st.integers(1, 5)),
            STATUSES,
            st.booleans(),
        )
    ),
)
def test_an_owner_is_one_of_those_who_know_the_waybill(claims, sent):
    owner = owner_of(claims, sent)
    known = {claim.order_id for claim in claims} - {None} or {one.order_id for one in sent}
    assert bool(owner) == bool(known)
    if owner:
        assert set(owner.order_ids) <= known
        assert owner == owner_of(reversed(claims), reversed(sent))


@pytest.mark.parametrize(
    ("here", "told", "asked", "fate"),
    [
        (False, "", False, None),
        (False, "", True, "asked"),
        (False, "stopped", True, "stopped"),
        (False, "delivered", True, "delivered"),
        (False, "back", True, "stopped"),
        (True, "stopped", True, "back"),
        (True, "", False, "back"),
    ],
)
def test_a_parcel_is_back_when_somebody_has_scanned_it(here, told, asked, fate):
    assert fate_of(here, told, asked) == fate
