"""Doudian's signatures (platforms.md §3.1 and §3.3): pure functions over text and bytes."""

import hashlib
import hmac
import json
from typing import Any

HMAC_SHA256 = "hmac-sha256"
MD5 = "md5"


def canonical_json(value: Any) -> str:
    """Compact JSON, keys sorted at every level, nothing escaped that need not be.

    ``<``, ``>``, ``&`` and Chinese stay literal, integers stay exact.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def method_name(path: str) -> str:
    """``/order/searchList`` → ``order.searchList``."""
    return path.strip("/").replace("/", ".")


def call_pattern(app_key: str, method: str, param_json: str, timestamp: str) -> str:
    """The text between the two secrets of a call's signature."""
    return f"app_key{app_key}method{method}param_json{param_json}timestamp{timestamp}v2"


def sign_call(
    secret: str,
    app_key: str,
    method: str,
    param_json: str,
    timestamp: str,
    sign_method: str = HMAC_SHA256,
) -> str:
    """Signature of a call we make: lower-case hex, HMAC-SHA256, or MD5 in the legacy form."""
    text = f"{secret}{call_pattern(app_key, method, param_json, timestamp)}{secret}".encode()
    if sign_method == HMAC_SHA256:
        return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    if sign_method == MD5:
        return hashlib.md5(text, usedforsecurity=False).hexdigest()
    raise ValueError(f"unknown sign_method {sign_method!r}")


def event_sign(app_key: str, secret: str, raw_body: bytes) -> str:
    """``event-sign`` of a push: MD5 over the raw bytes, exactly as received."""
    text = app_key.encode() + raw_body + secret.encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def verify_event(app_key: str, secret: str, raw_body: bytes, given: str) -> bool:
    """Whether ``given`` signs ``raw_body``: any letter case, compared in constant time."""
    expected = event_sign(app_key, secret, raw_body).encode()
    return hmac.compare_digest(expected, given.strip().lower().encode("utf-8", "replace"))
