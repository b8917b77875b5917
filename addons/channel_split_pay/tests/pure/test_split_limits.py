"""What does not fit a channel's limits, at each edge."""

from datetime import datetime, timedelta

import pytest
from channel_split_pay.core.limits import (
    ALIPAY_ASYNC,
    ALIPAY_SYNC,
    Misfit,
    Paid,
    Part,
    Payment,
    misfits,
    requests_of,
    return_misfits,
)
from hypothesis import given
from hypothesis import strategies as st

PAID = datetime(2026, 11, 1, 8)
NOW = PAID + timedelta(hours=1)


def wrong(fen=3000, now=NOW, parts=None, **values):
    payment = Payment(
        **({"amount_fen": 10_000, "fee_fen": 60, "paid_at": PAID, "cap_bp": 3000} | values)
    )
    return misfits(payment, parts or [Part(1, fen)], now)


@pytest.mark.parametrize(
    "values,expected",
    [
        ({}, ()),
        ({"fen": 3001}, (Misfit.CAP,)),
        ({"taken_fen": 1}, (Misfit.CAP,)),
        ({"taken_fen": 1, "fen": 2999}, ()),
        ({"cap_bp": 10_000, "fen": 9940}, ()),
        ({"cap_bp": 10_000, "fen": 9941}, (Misfit.FEE,)),
        ({"amount_fen": 9_999}, (Misfit.CAP,)),  # 30 % of 9999 is 2999 whole fen
        ({"now": PAID + timedelta(seconds=59)}, (Misfit.EARLY,)),
        ({"now": PAID + timedelta(seconds=60)}, ()),
        ({"now": PAID + timedelta(days=30, seconds=-1)}, ()),
        ({"now": PAID + timedelta(days=30)}, (Misfit.LATE,)),
        ({"requests": 49}, ()),
        ({"requests": 50}, (Misfit.REQUESTS,)),
        ({"fen": 0}, (Misfit.NOTHING,)),
        ({"parts": [Part(1, 5), Part(1, 5)]}, (Misfit.TWICE,)),
        ({"parts": [Part(n, 5) for n in range(50)]}, ()),
        ({"parts": [Part(n, 5) for n in range(51)]}, (Misfit.RECEIVERS,)),
        ({"parts": [Part(1, 5, registered=False)]}, (Misfit.UNREGISTERED,)),
    ],
)
def test_edges(values, expected):
    assert wrong(**values) == expected


def test_no_parts():
    assert misfits(Payment(100, 1, PAID, 3000), [], NOW) == (Misfit.NOTHING,)


@pytest.mark.parametrize(
    "limits,receivers,requests", [(ALIPAY_SYNC, 5, 50), (ALIPAY_ASYNC, 50, 300)]
)
def test_alipay_counts_by_mode_and_needs_no_minute(limits, receivers, requests):
    def wrong(count, before):
        payment = Payment(10_000, 0, PAID, 3000, requests=before)
        return misfits(payment, [Part(n, 5) for n in range(count)], PAID, limits)

    assert wrong(receivers, requests - 1) == ()
    assert wrong(receivers + 1, requests - 1) == (Misfit.RECEIVERS,)
    assert wrong(receivers, requests) == (Misfit.REQUESTS,)
    assert [len(part) for part in requests_of(range(receivers + 1), limits)] == [receivers, 1]


@given(st.lists(st.integers(), max_size=300, unique=True))
def test_requests_hold_everybody_once_in_order(receivers):
    requests = requests_of(receivers)
    assert [one for request in requests for one in request] == receivers
    assert all(0 < len(request) <= 50 for request in requests)
    assert len(requests) == -(-len(receivers) // 50)


@given(st.lists(st.integers(1, 5000), max_size=20), st.integers(1, 100_000), st.integers(0, 10_000))
def test_what_fits_never_exceeds_the_cap(amounts, amount, cap):
    taken = 0
    for fen in amounts:
        if not wrong(fen=fen, amount_fen=amount, fee_fen=0, cap_bp=cap, taken_fen=taken):
            taken += fen
    assert taken * 10_000 <= amount * cap


@pytest.mark.parametrize(
    "values,expected",
    [
        ({}, ()),
        ({"fen": 1000}, ()),
        ({"fen": 1001}, (Misfit.OVER,)),
        ({"fen": 0}, (Misfit.OVER,)),
        ({"taken_fen": 401}, (Misfit.OVER,)),
        ({"taken_fen": 400}, ()),
        ({"is_person": True}, (Misfit.PERSON,)),
        ({"requests": 49}, ()),
        ({"requests": 50}, (Misfit.REQUESTS,)),
        ({"now": PAID + timedelta(days=180) - timedelta(seconds=1)}, ()),
        ({"now": PAID + timedelta(days=180)}, (Misfit.LATE,)),
        ({"sent_at": None}, (Misfit.LATE,)),
    ],
)
def test_what_does_not_fit_a_return(values, expected):
    fen, now = values.pop("fen", 600), values.pop("now", NOW)
    paid = Paid(**({"fen": 1000, "sent_at": PAID} | values))
    assert return_misfits(paid, fen, now) == expected
