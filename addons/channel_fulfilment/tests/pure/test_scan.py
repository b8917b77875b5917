import pytest
from channel_fulfilment.core.scan import (
    Answer,
    ParcelFacts,
    clean,
    decide,
    is_parcel_code,
    waybill_error,
)


def facts(state="waiting", wanted=1, waiting=0, repack=False, confirmed=False):
    return ParcelFacts(state, wanted, waiting, repack, confirmed)


@pytest.mark.parametrize(
    ("parcel", "answer"),
    [
        (None, Answer.UNKNOWN),
        (facts(), Answer.OK),
        (facts(state="left"), Answer.OK),
        (facts(state="packed"), Answer.ALREADY),
        (facts(state="handed"), Answer.LEFT),
        (facts(state="handed", wanted=0), Answer.LEFT),
        (facts(state="cancelled"), Answer.STOP),
        (facts(wanted=0, waiting=1), Answer.STOP),
        (facts(wanted=0, waiting=1, confirmed=True), Answer.STOP),
        (facts(wanted=0), Answer.STOP),
        (facts(waiting=1), Answer.STOP),
        (facts(waiting=1, confirmed=True), Answer.OK),
        (facts(repack=True), Answer.STOP),
        (facts(repack=True, confirmed=True), Answer.OK),
        (facts(state="packed", waiting=1), Answer.STOP),
        (facts(state="packed", waiting=1, confirmed=True), Answer.OK),
    ],
)
def test_answers(parcel, answer):
    assert decide(parcel) is answer


def test_scanners_add_blanks_and_control_characters():
    assert clean("\tw000001-0001\r\n ") == "W000001-0001"
    assert is_parcel_code(clean("w000001-0001"))
    assert not is_parcel_code("SF00000001")
    assert not is_parcel_code("W000001-0001X")


@pytest.mark.parametrize(
    ("number", "pattern", "wrong"),
    [
        ("SF00000001", None, False),
        ("SF1", None, True),
        ("SF 0000001", None, True),
        ("运单00000001", None, True),
        ("SF00000001", "SF[0-9]{8}", False),
        ("YT00000001", "SF[0-9]{8}", True),
        ("SF000000012", "SF[0-9]{8}", True),
    ],
)
def test_waybill_format(number, pattern, wrong):
    assert waybill_error(number, pattern) is wrong
