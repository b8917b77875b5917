import base64

import pytest
from channel_network.core.vault import (
    Vault,
    VaultError,
    normalise_address,
    normalise_name,
    normalise_phone,
)
from hypothesis import given
from hypothesis import strategies as st

KEY = b"k" * 32
OTHER = b"o" * 32
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
kinds = st.sampled_from(["phone", "name", "address", "merge"])


@given(texts)
def test_text_comes_back_and_tokens_differ_each_time(text):
    vault = Vault(KEY)
    one, two = vault.encrypt(text), vault.encrypt(text)
    assert one != two
    assert vault.decrypt(one) == vault.decrypt(two) == text
    assert Vault(KEY).decrypt(one) == text


@given(texts)
def test_another_key_is_an_error_not_rubbish(text):
    with pytest.raises(VaultError, match="data key"):
        Vault(OTHER).decrypt(Vault(KEY).encrypt(text))


@given(texts, st.integers(0, 10**6), st.integers(1, 255))
def test_a_changed_token_is_an_error(text, where, flip):
    token = Vault(KEY).encrypt(text)
    raw = bytearray(base64.urlsafe_b64decode(token[3:]))
    raw[where % len(raw)] ^= flip
    with pytest.raises(VaultError):
        Vault(KEY).decrypt("q1." + base64.urlsafe_b64encode(bytes(raw)).decode())


@pytest.mark.parametrize("token", ["", "13800138000", "q1.", "q1.%%%", "q1.QUJD", "q2.abcd"])
def test_what_is_no_token_is_an_error(token):
    with pytest.raises(VaultError):
        Vault(KEY).decrypt(token)


@given(texts, kinds)
def test_hashes_repeat_under_one_key_only(text, kind):
    digest = Vault(KEY).keyed_hash(kind, text)
    assert digest == Vault(KEY).keyed_hash(kind, text)
    assert digest != Vault(OTHER).keyed_hash(kind, text)
    assert len(digest) >= 22
    assert set(digest) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(texts)
def test_each_kind_has_its_own_key(text):
    vault = Vault(KEY)
    kinds_of_hash = ["phone", "name", "address", "merge"]
    assert len({vault.keyed_hash(kind, text) for kind in kinds_of_hash}) == len(kinds_of_hash)


@given(texts, texts)
def test_other_text_has_another_hash(one, two):
    vault = Vault(KEY)
    assert (vault.keyed_hash("name", one) == vault.keyed_hash("name", two)) == (one == two)


def test_hashes_never_change_between_releases():
    # stored in the database: a change here would make every stored hash unfindable
    assert Vault(KEY).keyed_hash("phone", "13800138000") == "XqFXF_rFNXXZ5Yq2Xk1aXeM_"


def test_tokens_of_this_release_stay_readable():
    token = "q1.tFsCbtrOqbk8nTb8Nqe4qZbJdffN10hjcNUAEz1q7zipqHDZ0NdCTXk1oJzZwg=="
    assert Vault(KEY).decrypt(token) == "张三 13800138000"


def test_the_secret_is_not_shown():
    assert "kkk" not in repr(Vault(KEY))


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 15])
def test_short_secrets_are_refused(key):
    with pytest.raises(ValueError, match="16 bytes"):
        Vault(key)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+8613800138000",
        "8613800138000",
        "008613800138000",
        "１３８００１３８０００",
        " 138\u200b00138000\n",
    ],
)
def test_one_phone_many_spellings(text):
    assert normalise_phone(text) == "13800138000"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800138000-1234", "13800138000,1234"),
        ("13800138000转1234", "13800138000,1234"),
        ("+86 13800138000 - 1234", "13800138000,1234"),
        ("18412345678,0099", "18412345678,0099"),
        ("0755-12345678", "075512345678"),
        ("", ""),
    ],
)
def test_extensions_and_landlines(text, phone):
    assert normalise_phone(text) == phone


@given(texts)
def test_normalising_twice_changes_nothing(text):
    for normalise in (normalise_phone, normalise_name, normalise_address):
        once = normalise(text)
        assert normalise(once) == once


def test_names_and_addresses():
    assert normalise_name("张 三") == normalise_name("张三") == "张三"
    assert normalise_name("Ann·Lee") == "annlee"
    assert normalise_address("科技园路 1 号，Ａ座 (3F)") == normalise_address("科技园路1号A座3f")
