"""Requests to WeChat Pay over HTTP: signed, with a cap on time and bytes, without redirects."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError  # comes through while a body is read

from .answers import Answer, Untrusted
from .states import Said
from .wechat import ADD_RECEIVER, ORDERS, authorization, query_path, read, verify

MAX_BYTES = 512 * 1024
SECONDS = 20


@dataclass(frozen=True)
class Account:
    """Who asks, and whose answers are believed.

    :ivar key: the merchant's private key; ``serial``: of its certificate
    :ivar channel_key: the channel's public key; ``channel_serial``: its name
    """

    url: str
    merchant: str
    serial: str
    key: object = field(repr=False)
    channel_key: object = field(repr=False)
    channel_serial: str = ""


class Silent(OSError):
    """There was no answer that can be read; what was asked may have been done."""


def call(account: Account, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """A request and its answer, verified.

    :raises Silent: no answer; ``Untrusted``: one that cannot be shown to be the channel's
    """
    now = int(time.time())
    asked = (method, path, body)
    headers = {
        "Authorization": authorization(
            account.key, (account.merchant, account.serial), asked, now, secrets.token_hex(16)
        ),
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Wechatpay-Serial": account.channel_serial,
    }
    try:
        with requests.request(
            method, account.url + path, data=body or None, headers=headers, timeout=SECONDS,
            allow_redirects=False, stream=True,
        ) as answer:  # fmt: skip
            raw = answer.raw.read(MAX_BYTES + 1, decode_content=True)
            status, told = answer.status_code, answer.headers
    except (requests.RequestException, HTTPError, OSError) as error:
        raise Silent(type(error).__name__) from None
    if len(raw) > MAX_BYTES:
        raise Untrusted("an answer that is too large")
    verify(
        account.channel_key, account.channel_serial,
        {name.lower(): value for name, value in told.items()}, raw, int(time.time()),
    )  # fmt: skip
    return status, raw


def send_split(account: Account, number: str, body: bytes) -> Answer:
    """Ask for a split; silence and what cannot be trusted leave its outcome unknown."""
    return _answered(account, number, "POST", ORDERS, body)


def ask_split(account: Account, number: str, transaction: str) -> Answer:
    """Ask what became of a split."""
    return _answered(account, number, "GET", query_path(number, transaction))


def add_receiver(account: Account, body: bytes) -> str:
    """Register a receiver; empty, or why it was refused.

    :raises Silent: no answer; ``Untrusted``: one that cannot be believed
    """
    status, raw = call(account, "POST", ADD_RECEIVER, body)
    if status == 200:
        return ""
    answer = read(status, raw, "", question=False)
    return f"{answer.code} {answer.text}".strip() or f"HTTP {status}"


def _answered(account, number, method, path, body=b""):
    try:
        status, raw = call(account, method, path, body)
        return read(status, raw, number, question=method == "GET")
    except (Silent, Untrusted) as error:
        return Answer(Said.SILENT, text=str(error))
