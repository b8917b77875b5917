"""Doudian's receiver: masked texts to show, ciphers to decrypt, search indexes to compare.

A cipher looks like ``$$INDEX*CIPHER$1$$`` (phone) or ``##INDEX*CIPHER#1##`` (name, address).
That INDEX is what order.BatchSearchIndex answers is our reading, not a documented promise
(docs/decisions/0003-douyin-money.md).
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from ...reading import as_ref, clean, mask_address, mask_name, mask_phone
from ...snapshots import (
    ReceiverSnapshot,
    normalise_address,
    normalise_name,
    normalise_phone,
)

PREFIX = "douyin:"
_CIPHER = re.compile(r"^([$#~])\1?([^*$#~\s]+)\*[^$#~\s]+[$#~]\d+\1{1,2}$")
_QUOTED_CIPHER = re.compile(r'"([$#~])\1?([^*$#~\s"\\]+)\*[^$#~\s"\\]+[$#~]\d+\1{1,2}"')
# Where a shop order may hold the receiver in plain text.
PLAIN = ("post_receiver", "post_tel")


def is_cipher(text: str) -> bool:
    """Whether a text is one of the platform's ciphers."""
    return bool(_CIPHER.match(text))


def search_index(cipher: str) -> str:
    """The platform's search index inside a cipher; empty when it is none."""
    found = _CIPHER.match(cipher)
    return found.group(2) if found else ""


def split_plain(order: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A shop order without the receiver's plain texts, and those texts.

    The platform's own ciphers and masked texts stay where they are: they are protected already.
    """
    public, secret = dict(order), {}
    for key in PLAIN:
        value = public.get(key)
        if isinstance(value, str) and value and not is_cipher(value):
            secret[key] = value
            del public[key]
    address = public.get("post_addr")
    if isinstance(address, Mapping):
        detail = address.get("detail")
        if isinstance(detail, str) and detail and not is_cipher(detail):
            secret["detail"] = detail
            public["post_addr"] = {k: v for k, v in address.items() if k != "detail"}
    return public, secret


def without_ciphers(body: str) -> str:
    """JSON with the search index in place of each cipher: the platform encrypts anew for every
    answer, so a new cipher alone says nothing new.
    """
    return _QUOTED_CIPHER.sub(r'"\2"', body)


def read_receiver(order: Mapping[str, Any], secret: Mapping[str, Any]) -> ReceiverSnapshot:
    """The receiver of a shop order; missing parts are empty."""
    address = _mapping(order.get("post_addr"))
    masked = _mapping(order.get("mask_post_addr"))
    name, name_token = _value(order, "post_receiver", secret, normalise_name)
    phone, phone_token = _value(order, "post_tel", secret, normalise_phone)
    detail, address_token = _value(address, "detail", secret, normalise_address)
    merge = as_ref(order.get("open_address_id"), 128)
    return ReceiverSnapshot(
        name_masked=clean(order.get("mask_post_receiver"), 60) or _mask(name, mask_name),
        phone_masked=clean(order.get("mask_post_tel"), 40) or _mask(phone, mask_phone),
        address_masked=clean(masked.get("detail"), 200) or _mask(detail, mask_address),
        province=_region(address, "province"),
        city=_region(address, "city"),
        district=_region(address, "town"),
        secret=_secret(name, phone, detail),
        phone_token=phone_token,
        name_token=name_token,
        address_token=address_token,
        merge_token=PREFIX + merge if merge else "",
    )


def _value(source, key, secret, normalise) -> tuple[str, str]:
    """The cipher, or the plain text, of one part and the token it is found by."""
    for text in (source.get("encrypt_" + key), source.get(key), secret.get(key)):
        text = clean(text, 2000)
        if not text:
            continue
        index = search_index(text)
        if index:
            return text, PREFIX + index
        plain = normalise(text)
        return text, "plain:" + plain if plain else ""
    return "", ""


def _mask(text: str, mask) -> str:
    return "" if is_cipher(text) else mask(text)


def _secret(name: str, phone: str, address: str) -> str:
    parts = {"name": name, "phone": phone, "address": address}
    return orjson.dumps(parts).decode() if any(parts.values()) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _region(address: Mapping[str, Any], key: str) -> str:
    value = address.get(key)
    if isinstance(value, Mapping):
        value = value.get("name")
    return clean(value, 60)
