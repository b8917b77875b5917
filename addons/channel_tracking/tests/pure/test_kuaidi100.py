"""The client of Kuaidi100 against the simulated service over real HTTP."""

import pytest
from channel_intake.core.errors import BadAnswer, PlatformError, Refused, Throttled, Unreachable
from channel_tracking.core.carriers.base import AccountRefused, Asked, Told
from channel_tracking.core.carriers.kuaidi100 import Account, Kuaidi100, kind_of, read, sign
from channel_tracking.core.road import Kind
from hypothesis import given
from hypothesis import strategies as st
from simulators.carrier import CarrierSimulator
from simulators.carrier.simulator import CUSTOMER, KEY

PARCEL = Asked("shunfeng", "SF00000001", "13900000001")
AT = 1_770_000_000


@pytest.fixture
def sim(tmp_path):
    with CarrierSimulator(tmp_path / "carrier.db") as running:
        yield running


@pytest.fixture
def service(sim):
    return Kuaidi100(Account(CUSTOMER, KEY), sim.url)


def test_traces_with_their_kind_time_and_place(sim, service):
    sim.scan(PARCEL.waybill, "103", AT, "已揽收", "深圳市")
    sim.scan(PARCEL.waybill, "1002", AT + 60)
    sim.scan(PARCEL.waybill, "301", AT + 120)
    assert set(service.trace(PARCEL)) == {
        Told(AT, Kind.PICKED_UP, "已揽收", "深圳市"),
        Told(AT + 60, Kind.ON_THE_WAY, "scan 1002"),
        Told(AT + 120, Kind.DELIVERED, "scan 301"),
    }


def test_nothing_yet_is_no_error(service):
    assert service.trace(PARCEL) == ()


def test_an_ordered_pickup_is_none(sim, service):
    sim.scan(PARCEL.waybill, "102", AT)
    assert service.trace(PARCEL) == ()


def test_lines_without_a_kind_take_the_state_for_the_newest(sim, service):
    sim.scan(PARCEL.waybill, "103", AT)
    sim.scan(PARCEL.waybill, "14", AT + 60)
    for fault in ("plain", "out_of_order"):
        sim.fault(fault)
    assert {(one.at, one.kind) for one in service.trace(PARCEL)} == {
        (AT, Kind.ON_THE_WAY),
        (AT + 60, Kind.REFUSED),
    }


def test_repeated_and_mixed_lines_are_the_same_set(sim, service):
    for number, code in enumerate(("103", "1002", "501", "301")):
        sim.scan(PARCEL.waybill, code, AT + number)
    plain = set(service.trace(PARCEL))
    sim.fault("repeated")
    sim.fault("out_of_order")
    assert set(service.trace(PARCEL)) == plain


def test_a_late_scan_is_told_later(sim, service):
    sim.scan(PARCEL.waybill, "103", AT, shown_after=3600)
    assert service.trace(PARCEL) == ()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("throttled", Throttled),
        ("http_429", Throttled),
        ("server_error", Unreachable),
        ("cut", Unreachable),
        ("no_json", BadAnswer),
        ("wrong_sign", AccountRefused),
        ("expired", AccountRefused),
    ],
)
def test_faults(sim, service, fault, error):
    sim.scan(PARCEL.waybill, "103", AT)
    sim.fault(fault)
    with pytest.raises(error) as caught:
        service.trace(PARCEL)
    assert KEY not in str(caught.value) and CUSTOMER not in str(caught.value)
    assert service.trace(PARCEL)


def test_a_wrong_key_and_a_missing_phone_are_refused(sim, service):
    sim.scan(PARCEL.waybill, "103", AT)
    with pytest.raises(AccountRefused):
        Kuaidi100(Account(CUSTOMER, "other"), sim.url).trace(PARCEL)
    with pytest.raises(Refused) as caught:
        service.trace(Asked("shunfeng", PARCEL.waybill))
    assert not isinstance(caught.value, AccountRefused)


def test_nobody_listens(sim):
    with pytest.raises(Unreachable):
        Kuaidi100(Account(CUSTOMER, KEY), "http://127.0.0.1:9").trace(PARCEL)


def test_no_credentials_over_plain_http():
    with pytest.raises(ValueError, match="https"):
        Kuaidi100(Account(CUSTOMER, KEY), "http://example.com")


def test_the_signature_is_md5_of_param_key_customer():
    assert sign("param", Account("customer", "key")) == "785D5D0008316A620B0781B634E22C6B"
    assert "customer" not in repr(Account("customer", "key")).replace("customer=", "")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("0", Kind.ON_THE_WAY), ("1002", Kind.ON_THE_WAY), ("103", Kind.PICKED_UP),
     ("14", Kind.REFUSED), ("1401", Kind.REFUSED), ("401", Kind.TROUBLE), ("4", Kind.RETURNED),
     (3, Kind.DELIVERED), ("", None), (None, None), ("x", None), ("99999", None), ("99", None)],
)  # fmt: skip
def test_kinds(code, kind):
    assert kind_of(code) is kind


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "state", "result", "returnCode", "time", "statusCode", "context"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_comes_is_read_or_refused(answer):
    try:
        told = read(answer)
    except PlatformError:
        return
    assert all(isinstance(one, Told) for one in told)
