"""Talks to WeChat Pay: signed requests, verified answers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence

from . import wechat
from .answers import Answer, Share, Untrusted
from .limits import WECHAT
from .states import Said
from .transport import Account, Silent, fetch
from .wechat import ADDRESSES as ADDRESSES
from .wechat import KINDS as KINDS
from .wechat import is_address as is_address
from .wechat import return_body as return_body

LIMITS = WECHAT
TAKES_BACK = True
SECRETS = ("SERIAL", "CHANNEL_SERIAL")  # beside the keys


def call(account: Account, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """A request and its answer, verified.

    :raises Silent: no answer; ``Untrusted``: one that cannot be shown to be the channel's
    """
    merchant, asked = (account.merchant, account.serial), (method, path, body)
    headers = {
        "Authorization": wechat.authorization(
            account.key, merchant, asked, int(time.time()), secrets.token_hex(16)
        ),
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Wechatpay-Serial": account.channel_serial,
    }
    status, told, raw = fetch(method, account.url + path, body, headers)
    wechat.verify(account.channel_key, account.channel_serial, told, raw, int(time.time()))
    return status, raw


def split_body(account: Account, transaction: str, number: str, shares: Sequence[Share]) -> bytes:
    """What ``send_split`` sends; the same arguments give the same bytes."""
    return wechat.split_body(account.app, transaction, number, shares)


def send_split(account: Account, transaction: str, number: str, body: bytes) -> Answer:
    """Ask for a split; silence and what cannot be trusted leave its outcome unknown."""
    return _answered(wechat.read, account, "POST", wechat.ORDERS, body, number)


def ask_split(account: Account, transaction: str, number: str) -> Answer:
    """Ask what became of a split."""
    path = wechat.query_path(number, transaction)
    return _answered(wechat.read, account, "GET", path, b"", number)


def send_return(account: Account, number: str, body: bytes) -> Answer:
    """Ask for a return; ``body`` by ``return_body``."""
    return _answered(wechat.read_return, account, "POST", wechat.RETURNS, body, number)


def ask_return(account: Account, split: str, number: str) -> Answer:
    """Ask what became of a return of a split."""
    path = wechat.return_path(split, number)
    return _answered(wechat.read_return, account, "GET", path, b"", number)


def add_receiver(account: Account, number: str, share: Share, name: str, relation: str) -> str:
    """Register a receiver; empty, or why it was refused.

    :param share: whose ``kind`` and ``account`` are registered
    :raises Silent: no answer; ``Untrusted``: one that cannot be believed
    """
    sealed = name and wechat.encrypt_name(account.channel_key, name)
    body = wechat.receiver_body(account.app, share.kind, share.account, sealed, relation)
    status, raw = call(account, "POST", wechat.ADD_RECEIVER, body)
    if status == 200:
        return ""
    answer = wechat.read(status, raw, "", question=False)
    return f"{answer.code} {answer.text}".strip() or f"HTTP {status}"


def _answered(
    read: Callable[..., Answer], account: Account, method: str, path: str, body: bytes, number: str
) -> Answer:
    try:
        status, raw = call(account, method, path, body)
        return read(status, raw, number, question=method == "GET")
    except (Silent, Untrusted) as error:
        return Answer(Said.SILENT, text=str(error))
