"""Requests to a payment channel over HTTP: a cap on time and bytes, no redirects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError  # comes through while a body is read

from .answers import Untrusted

MAX_BYTES = 512 * 1024
SECONDS = 20


@dataclass(frozen=True)
class Account:
    """Who asks, and whose answers are believed.

    :ivar app: the application's number at the channel; ``merchant``: our number there
    :ivar key: our private key; ``serial``: of its certificate
    :ivar channel_key: the channel's public key; ``channel_serial``: its name
    """

    url: str
    app: str
    merchant: str
    key: object = field(repr=False)
    channel_key: object = field(repr=False)
    serial: str = ""
    channel_serial: str = ""


class Silent(OSError):
    """There was no answer that can be read; what was asked may have been done."""


def fetch(
    method: str, url: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (names in small letters) and body of an answer; nothing is verified.

    :raises Silent: no answer; ``Untrusted``: one that is too large
    """
    try:
        with requests.request(
            method, url, data=body or None, headers=headers, timeout=SECONDS,
            allow_redirects=False, stream=True,
        ) as answer:  # fmt: skip
            raw = answer.raw.read(MAX_BYTES + 1, decode_content=True)
            status, told = answer.status_code, answer.headers
    except (requests.RequestException, HTTPError, OSError) as error:
        raise Silent(type(error).__name__) from None
    if len(raw) > MAX_BYTES:
        raise Untrusted("an answer that is too large")
    return status, {name.lower(): value for name, value in told.items()}, raw
