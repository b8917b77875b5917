"""Call signature of the open platform, verified over the raw request body."""

import hashlib
import hmac
from calendar import timegm
from time import strptime

HMAC_SHA256 = "hmac-sha256"
MD5 = "md5"
_SHANGHAI_OFFSET = 8 * 3600  # seconds


def method_of(path: str) -> str:
    """Return the method name of a URL path: ``/order/searchList`` is ``order.searchList``."""
    return path.strip("/").replace("/", ".")


def string_to_sign(app_key: str, secret: str, method: str, body: bytes, timestamp: str) -> bytes:
    """Return the signed bytes: the pattern with the secret on both ends."""
    head = f"{secret}app_key{app_key}method{method}param_json".encode()
    return head + body + f"timestamp{timestamp}v2{secret}".encode()


def sign(
    app_key: str,
    secret: str,
    method: str,
    body: bytes,
    timestamp: str,
    sign_method: str = HMAC_SHA256,
) -> str:
    """Return the lowercase hex signature; an empty ``sign_method`` is the legacy MD5."""
    message = string_to_sign(app_key, secret, method, body, timestamp)
    if sign_method == HMAC_SHA256:
        return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    if sign_method in ("", MD5):
        return hashlib.md5(message).hexdigest()
    raise ValueError(f"unknown sign_method {sign_method!r}")


def verify(
    given: str,
    app_key: str,
    secret: str,
    method: str,
    body: bytes,
    timestamp: str,
    sign_method: str,
) -> bool:
    """Tell whether ``given`` signs this call; compares in constant time."""
    try:
        expected = sign(app_key, secret, method, body, timestamp, sign_method)
    except ValueError:
        return False
    return hmac.compare_digest(expected.encode(), given.encode())


def parse_timestamp(text: str) -> int:
    """Return unix seconds of ``1700000000`` or ``2023-11-15 06:13:20`` (Asia/Shanghai).

    :raises ValueError: when the text is neither
    """
    if text.isascii() and text.isdigit() and len(text) <= 11:
        return int(text)
    return timegm(strptime(text, "%Y-%m-%d %H:%M:%S")) - _SHANGHAI_OFFSET
