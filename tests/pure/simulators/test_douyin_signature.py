"""Signatures against values computed with openssl, apart from any Python."""

import pytest
from simulators.douyin.signature import method_of, parse_timestamp, sign, verify

KEY, SECRET = "7012345678901234567", "s3cr3t-抖"
BODY = '{"a":"<&>中文","order_id":"6935123456789012345","page":0}'.encode()
CALL = (KEY, SECRET, "order.searchList", BODY, "1700000000")
HMAC = "75987e5544034bfd8d98c6e9889daebeb5860548afe36a8a11a67b86490b6823"
MD5 = "e33075080b42e70fcf2b143be06cad0c"


def test_hmac_vector():
    assert sign(*CALL, "hmac-sha256") == HMAC


@pytest.mark.parametrize("sign_method", ["", "md5"])
def test_md5_vector(sign_method):
    assert sign(*CALL, sign_method) == MD5


def test_vectors_with_old_timestamp():
    call = ("1", "abc", "token.create", b"{}", "2023-11-15 06:13:20")
    hmac = "1c0cfb5d93d60949092ad71808a3624c25c1370afa642ceea8cac76bbf5dd1d9"
    assert sign(*call, "hmac-sha256") == hmac
    assert sign(*call, "") == "6d393b2a931285fed149b8735bbeacd5"


def test_verify_accepts_only_the_exact_signature():
    assert verify(HMAC, *CALL, "hmac-sha256")
    assert not verify(HMAC.upper(), *CALL, "hmac-sha256")
    assert not verify(MD5, *CALL, "hmac-sha256")
    assert not verify("签", *CALL, "hmac-sha256")
    assert not verify(HMAC, *CALL, "sha1")


@pytest.mark.parametrize("position", range(5))
def test_every_part_is_signed(position):
    changed = list(CALL)
    changed[position] = changed[position] + (b" " if position == 3 else "1")
    assert not verify(HMAC, *changed, "hmac-sha256")


def test_method_of():
    assert method_of("/order/searchList") == "order.searchList"
    assert method_of("afterSale/List/") == "afterSale.List"


def test_timestamps_of_both_kinds():
    assert parse_timestamp("1700000000") == 1_700_000_000
    assert parse_timestamp("2023-11-15 06:13:20") == 1_700_000_000


@pytest.mark.parametrize("text", ["", "now", "1700000000000", "2023-11-15", "１７"])
def test_bad_timestamps(text):
    with pytest.raises(ValueError):
        parse_timestamp(text)
