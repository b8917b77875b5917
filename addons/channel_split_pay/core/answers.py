"""What the connectors of all payment channels share: shares, answers, keys, signatures.

Amounts in fen. Signatures are RSA PKCS#1 v1.5 with SHA-256, base64 (reference facts §10).
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .states import Said

# what became of one receiver's part, in WeChat Pay's words
PENDING, SUCCESS, CLOSED = "PENDING", "SUCCESS", "CLOSED"


class Untrusted(ValueError):
    """An answer that cannot be shown to come from the channel, or cannot be read."""


@dataclass(frozen=True)
class Share:
    """What one receiver is to get."""

    kind: str
    account: str
    fen: int
    description: str


@dataclass(frozen=True)
class Result:
    """What became of one receiver's part."""

    account: str
    fen: int
    result: str
    fail_reason: str
    detail_ref: str


@dataclass(frozen=True)
class Answer:
    """What an answer says, in a form the states understand."""

    said: Said
    code: str = ""
    text: str = ""
    results: tuple[Result, ...] = ()


def is_address(url: str, addresses: Collection[str], path: str = "") -> bool:
    """Whether requests may go to ``url``: the channel itself, or a simulator on this machine.

    :param path: what a simulator's address ends with
    """
    if url in addresses:
        return True
    try:
        parts = urlsplit(url)
        _port = parts.port
        inside = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
    plain = parts.scheme == "http" and url == f"http://{parts.netloc}{path}"
    return inside and plain and not parts.username


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """:raises ValueError: for what is no private RSA key"""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def public_key(pem: str) -> rsa.RSAPublicKey:
    """:raises ValueError: for what is no public RSA key"""
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def sign(key: rsa.RSAPrivateKey, text: bytes) -> str:
    """The signature of exactly these bytes."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def check(key: rsa.RSAPublicKey, signature: str, text: bytes) -> None:
    """:raises Untrusted: unless the key's owner signed exactly these bytes"""
    try:
        signed = base64.b64decode(signature, validate=True)
        key.verify(signed, text, padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature) as error:
        raise Untrusted("wrong signature") from error


def written(values: Mapping) -> bytes:
    """JSON; the same values give the same bytes."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def values_of(body: bytes) -> Mapping:
    """A JSON object; :raises Untrusted: for anything else"""
    try:
        values = json.loads(body)
    except ValueError as error:
        raise Untrusted("an answer that is no JSON") from error
    if not isinstance(values, dict):
        raise Untrusted("an answer that is no JSON object")
    return values


def outcome(results: Sequence[Result]) -> Said:
    """What the results of all receivers of a request say together."""
    ends = {result.result for result in results}
    if not ends or ends - {SUCCESS, CLOSED}:
        return Said.RUNNING
    said = {frozenset({SUCCESS}): Said.DONE, frozenset({CLOSED}): Said.NONE_PAID}
    return said.get(frozenset(ends), Said.PARTLY)
