"""Doudian's signatures against the rules written out by hand with hashlib."""

import hashlib
import hmac

import pytest
from channel_intake.core.platforms.douyin import signature

KEY, SECRET, TIME = "7012345", "s3cret", "1700000000"
PARAMS = {"size": 100, "b": {"z": "<a & b>", "a": [{"y": 1, "x": "中文😀"}]}, "id": 2**62 + 1}
CANONICAL = '{"b":{"a":[{"x":"中文😀","y":1}],"z":"<a & b>"},"id":4611686018427387905,"size":100}'


def test_parameters_are_sorted_at_every_level_and_not_escaped():
    assert signature.canonical_json(PARAMS) == CANONICAL


def test_method_is_the_path_with_dots():
    assert signature.method_name("/order/searchList") == "order.searchList"
    assert signature.method_name("afterSale/List") == "afterSale.List"


def test_call_is_signed_with_hmac_sha256():
    text = (
        f"{SECRET}app_key{KEY}methodorder.searchListparam_json{CANONICAL}timestamp{TIME}v2{SECRET}"
    )
    expected = hmac.new(SECRET.encode(), text.encode("utf-8"), hashlib.sha256).hexdigest()
    assert signature.sign_call(SECRET, KEY, "order.searchList", CANONICAL, TIME) == expected


def test_call_without_sign_method_is_signed_with_md5():
    text = f"{SECRET}app_key{KEY}methodtoken.createparam_json{{}}timestamp{TIME}v2{SECRET}"
    given = signature.sign_call(SECRET, KEY, "token.create", "{}", TIME, signature.MD5)
    assert given == hashlib.md5(text.encode()).hexdigest()


def test_fixed_vectors_do_not_drift():
    """Computed once with another tool (openssl dgst) from the texts of the rules."""
    assert signature.sign_call("secret", "key", "a.b", "{}", "1") == (
        "6ff687b7e45a6fa458ab9964e18dea9439a7c1a0be4f6b76ed6df0d0cf51aced"
    )


def test_unknown_sign_method_is_refused():
    with pytest.raises(ValueError):
        signature.sign_call(SECRET, KEY, "a.b", "{}", TIME, "sha1")


def test_push_is_signed_over_the_raw_bytes():
    raw = b'[{"tag": "101",  "data":"{\\"p_id\\":1}"}]\n'
    expected = hashlib.md5(KEY.encode() + raw + SECRET.encode()).hexdigest()
    assert signature.event_sign(KEY, SECRET, raw) == expected
    assert signature.verify_event(KEY, SECRET, raw, expected.upper())
    assert signature.verify_event(KEY, SECRET, raw, f" {expected} ")


@pytest.mark.parametrize("given", ["", "0" * 32, "签名", "é"])
def test_wrong_push_signature_is_refused(given):
    assert not signature.verify_event(KEY, SECRET, b"[]", given)


def test_push_signature_breaks_with_one_space():
    good = signature.event_sign(KEY, SECRET, b'{"a":1}')
    assert not signature.verify_event(KEY, SECRET, b'{"a": 1}', good)
