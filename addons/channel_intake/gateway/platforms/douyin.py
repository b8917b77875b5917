"""Doudian's pushes (platforms.md §3.3)."""

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from ...core.platforms.douyin import signature
from .base import Event, Refusal

MAX_EVENTS = 500
MAX_DEPTH = 12
_NESTED = (dict, list)
_WORD = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
# What a push says about the receiver (tags 102, 105, 111) is not kept: the order is fetched
# anyway, and receivers' data is stored only encrypted.
_PERSONAL = ("receiver", "encrypt_", "post_tel", "post_addr", "mask_")
_PERSONAL_KEYS = {"name", "tel", "phone", "mobile", "addr", "address", "detail", "id_card_no"}


class Douyin:
    """POST of a JSON array of {tag, msg_id, data: JSON text}, signed over the raw bytes."""

    content_type = b"application/json"
    success = b'{"code":0,"msg":"success"}'

    def app_key(self, headers: Mapping[bytes, bytes]) -> str:
        """Header ``app-id``."""
        return headers.get(b"app-id", b"").decode("latin-1").strip()

    def is_signed(
        self, headers: Mapping[bytes, bytes], raw: bytes, app_key: str, secret: str
    ) -> bool:
        """Header ``event-sign``: MD5 over app key, raw body and secret."""
        given = headers.get(b"event-sign", b"").decode("latin-1")
        return signature.verify_event(app_key, secret, raw, given)

    def split(self, raw: bytes) -> list[Event]:
        """The events; a test ping (tag and number "0") is none."""
        items = _load(raw)
        if not isinstance(items, list) or not 0 < len(items) <= MAX_EVENTS:
            raise Refusal("malformed")
        return [event for event in map(_event, items) if event is not None]

    def failure(self, reason: str) -> bytes:
        """Doudian's failure body; it sends the push again later."""
        return b'{"code":1,"msg":"%s"}' % reason.encode()


def _event(item: Any) -> Event | None:
    if not isinstance(item, dict):
        raise Refusal("malformed")
    tag, msg_id, data = _word(item.get("tag")), _word(item.get("msg_id")), item.get("data")
    if not tag or not msg_id:
        raise Refusal("malformed")
    if tag == msg_id == "0":
        return None
    fields = _load(data) if isinstance(data, str) else data
    if not isinstance(fields, dict):
        raise Refusal("malformed")
    if _says_who(fields) or not isinstance(data, str):
        data = json.dumps(_impersonal(fields), ensure_ascii=False, separators=(",", ":"))
    return Event(
        _word(fields.get("shop_id")) or "",
        tag,
        msg_id,
        _word(fields.get("p_id")),
        _word(fields.get("aftersale_id")),
        data,
    )


def _load(text: bytes | str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:  # not UTF-8, not JSON, or nested a thousand levels deep
        raise Refusal("malformed") from None


def _word(value: Any) -> str | None:
    """An id as text. Floats are none: their last digits are lost already."""
    if type(value) is str:
        return value if _WORD.fullmatch(value) else None
    return str(value) if type(value) is int and value >= 0 else None


def _says_who(value: Any, depth: int = 1) -> bool:
    """Whether something personal stands in a dict or list.

    :raises Refusal: ``malformed`` when it is nested too deeply
    """
    if depth > MAX_DEPTH:
        raise Refusal("malformed")
    found = False
    if type(value) is dict:
        for key in value:
            found = found or _is_personal(key)
        value = value.values()
    for item in value:
        if type(item) in _NESTED:
            found = _says_who(item, depth + 1) or found
    return found


def _impersonal(value: Any) -> Any:
    """A copy without what is personal."""
    if isinstance(value, dict):
        return {k: "" if _is_personal(k) else _impersonal(v) for k, v in value.items()}
    return [_impersonal(item) for item in value] if isinstance(value, list) else value


@functools.lru_cache(maxsize=1024)
def _is_personal(key: str) -> bool:
    return key in _PERSONAL_KEYS or any(part in key for part in _PERSONAL)
