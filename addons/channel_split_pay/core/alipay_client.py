"""Talks to Alipay: signed requests, verified answers. The sibling of ``wechat_client``."""

from __future__ import annotations

import time
from collections.abc import Sequence

from . import alipay
from .alipay import ADDRESSES as ADDRESSES
from .alipay import KINDS as KINDS
from .alipay import is_address as is_address
from .answers import Answer, Share, Untrusted, values_of
from .limits import ALIPAY_ASYNC
from .states import Said
from .transport import Account, Silent, fetch

LIMITS = ALIPAY_ASYNC
TAKES_BACK = False  # only together with the refund to the buyer, which whoever refunds sends
SECRETS = ()
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


def call(account: Account, method: str, content: bytes) -> bytes:
    """A request; the node of its answer, verified.

    :raises Silent: no answer; ``Untrusted``: one that cannot be shown to be the channel's
    """
    body = alipay.request(account.key, account.app, method, content, int(time.time()))
    status, _told, raw = fetch("POST", account.url, body, FORM)
    if status != 200:
        raise Silent(f"HTTP {status}")
    return alipay.verify(account.channel_key, method, raw)


def split_body(_account: Account, transaction: str, number: str, shares: Sequence[Share]) -> bytes:
    """What ``send_split`` sends; the same arguments give the same bytes."""
    return alipay.split_body(transaction, number, shares)


def send_split(account: Account, transaction: str, number: str, body: bytes) -> Answer:
    """Ask for a split; silence and what cannot be trusted leave its outcome unknown."""
    return _answered(account, alipay.SETTLE, body, (number, transaction))


def ask_split(account: Account, transaction: str, number: str) -> Answer:
    """Ask what became of a split."""
    body = alipay.query_body(number, transaction)
    return _answered(account, alipay.QUERY, body, (number, transaction))


def add_receiver(account: Account, number: str, share: Share, name: str, relation: str) -> str:
    """Register a receiver; empty, or why it was refused.

    :param number: of this request
    :param share: whose ``kind`` and ``account`` are registered
    :raises Silent: no answer; ``Untrusted``: one that cannot be believed
    """
    body = alipay.receiver_body(number, share.kind, share.account, name)
    values = values_of(call(account, alipay.BIND, body))
    if values.get("code") == alipay.DONE and values.get("result_code") == "SUCCESS":
        return ""
    told = (values.get("sub_code") or values.get("code"), values.get("sub_msg"))
    return " ".join(str(each) for each in told if each) or "FAIL"


def _answered(account: Account, method: str, body: bytes, names: tuple[str, str]) -> Answer:
    try:
        return alipay.read(call(account, method, body), *names, question=method == alipay.QUERY)
    except (Silent, Untrusted) as error:
        return Answer(Said.SILENT, text=str(error))
