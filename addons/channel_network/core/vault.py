"""Receiver data at rest: encrypted text, and keyed hashes to find and compare it.

One secret, several keys: HKDF-SHA256 derives a key for encryption and one for each kind of
hash, so that a phone and a name with the same text never share a hash, and nobody without
the secret can test guesses (a phone number has too few values for a plain hash).
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MIN_KEY_BYTES = 16
PREFIX = "q1."
_NONCE_BYTES = 12
_HASH_BYTES = 18  # 144 bits: 24 url-safe characters, no padding


class VaultError(Exception):
    """The text cannot be decrypted: other key, or damaged."""


class Vault:
    """Encrypts, decrypts and hashes with keys derived from one secret."""

    __slots__ = ("_cipher", "_key", "_keyed")

    def __init__(self, key: bytes):
        """:raises ValueError: when the secret is shorter than 16 bytes"""
        if len(key) < MIN_KEY_BYTES:
            raise ValueError(f"the data key needs at least {MIN_KEY_BYTES} bytes")
        self._key = key
        self._cipher = AESGCM(self._derive("encrypt"))
        self._keyed: dict[str, hmac.HMAC] = {}

    def __repr__(self) -> str:
        return "<Vault>"

    def _derive(self, use: str) -> bytes:
        kdf = HKDF(hashes.SHA256(), length=32, salt=b"qudao.vault", info=use.encode())
        return kdf.derive(self._key)

    def encrypt(self, text: str) -> str:
        """Return a token; the same text gives another token each time."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), PREFIX.encode())
        return PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, token: str) -> str:
        """Return the text of a token.

        :raises VaultError: when the key is another one or the token was changed
        """
        if not token.startswith(PREFIX):
            raise VaultError("this is not encrypted text of this system")
        try:
            raw = base64.b64decode(token[len(PREFIX) :], altchars=b"-_", validate=True)
            return self._cipher.decrypt(
                raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], PREFIX.encode()
            ).decode()
        except (InvalidTag, ValueError) as error:
            raise VaultError("the data key does not fit this text, or it is damaged") from error

    def keyed_hash(self, kind: str, text: str) -> str:
        """Return the hash of a text for one use ('phone', 'name', 'address', 'merge'…).

        The same text has the same hash under the same secret and kind. Normalise first.
        """
        keyed = self._keyed.get(kind)
        if keyed is None:
            keyed = self._keyed[kind] = hmac.new(self._derive("hash:" + kind), digestmod="sha256")
        # a copy spares the work on the key, which is half of a short text's
        mac = keyed.copy()
        mac.update(text.encode())
        return base64.urlsafe_b64encode(mac.digest()[:_HASH_BYTES]).decode()


_MOBILE_DIGITS = 11
_EXTENSION = re.compile(r"转|[xX]|ext\.?")
_VIRTUAL = re.compile(r"\s*(?:\+?86|0086)?[\s-]*(1[0-9]{10})\s*-\s*([0-9]{1,6})\s*")
_COUNTRY_CODE = re.compile(r"^(?:(?:00)?86)+(?=[0-9]{10,})")
_SEPARATORS = re.compile(r"[\s\-‐-―()（）.·_]+")
_ADDRESS_NOISE = re.compile(r"[\s\-‐-―()（）,，.。;；:：、#·_|/\\\"'“”‘’<>《》\[\]【】]+")


def _clean(text: str) -> str:
    """Full-width to plain, no control or invisible characters."""
    text = unicodedata.normalize("NFKC", text or "")
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})


def normalise_phone(text: str) -> str:
    """Return a Chinese number as bare digits, without +86 or 0086.

    Platforms give virtual numbers as '13800138000-1234' (or '转1234'): the extension is a part
    of the identity, so it stays, after a comma.
    """
    text = _EXTENSION.sub(",", _clean(text))
    head, _comma, extension = text.partition(",")
    if not extension and (virtual := _VIRTUAL.fullmatch(head)):
        head, extension = virtual.groups()
    digits = re.sub(r"[^0-9]", "", head)
    if len(digits) > _MOBILE_DIGITS:
        digits = _COUNTRY_CODE.sub("", digits)
    extension = re.sub(r"[^0-9]", "", extension)
    return f"{digits},{extension}" if digits and extension else digits or extension


def normalise_name(text: str) -> str:
    """Return a name without spaces and marks, in lower case."""
    return _fold(text, _SEPARATORS)


def normalise_address(text: str) -> str:
    """Return an address without punctuation and spaces, in lower case."""
    return _fold(text, _ADDRESS_NOISE)


def _fold(text: str, noise: re.Pattern) -> str:
    """Remove noise until nothing changes: a removed space can let an accent join its letter."""
    before = None
    while text != before:
        before, text = text, noise.sub("", _clean(text)).casefold()
    return text
