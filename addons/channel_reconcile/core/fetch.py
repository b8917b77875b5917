"""What is asked of a channel for a day's bill, what it answers, and whether the file is the one.

Signing and checking are those of ``channel_split_pay``. Source: reference facts §2, §3 (official),
§4, §5 (secondary); the codes for a bill that is not there are our reading of the channels' lists.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from urllib.parse import urlencode, urlsplit

from odoo.addons.channel_split_pay.core import wechat
from odoo.addons.channel_split_pay.core.answers import Untrusted, is_address, values_of, written

from . import source

READY = time(10)  # the day after, China's time
LIVES_SECONDS = 30  # a download's address, from the answer on
WECHAT_TRADE, WECHAT_FUNDS = "/v3/bill/tradebill", "/v3/bill/fundflowbill"
ALIPAY_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
ALIPAY_TYPES = ("trade", "signcustomer")
_ALIPAY_HOST = ".alipay.com"
_LATER = {"STATEMENT_CREATING"}
_NONE = {"NO_STATEMENT_EXIST", "BILL_NOT_EXIST"}
_GZIP = 31  # zlib: with gzip's head


class NoBill(Exception):
    """The channel has no such bill; ``later``: not yet."""

    def __init__(self, code: str, *, later: bool) -> None:
        super().__init__(code)
        self.code, self.later = code, later


@dataclass(frozen=True, slots=True)
class Download:
    """Where a bill is, for ``LIVES_SECONDS``.

    :ivar path: with its query, as WeChat wants it signed
    :ivar sha1: of the unpacked content; empty where the channel tells none
    """

    url: str
    path: str
    sha1: str = ""


def ready_at(day: date) -> datetime:
    """When a day's bill is there, China's time."""
    return datetime.combine(day + timedelta(days=1), READY)


def next_try(day: date, now: datetime) -> datetime:
    """When to ask (again) for a day's bill: when it is ready, after that once a day."""
    ready = ready_at(day)
    if now < ready:
        return ready
    again = datetime.combine(now.date(), READY)
    return again if again > now else again + timedelta(days=1)


def wechat_trade(day: date, kind: str = "ALL", sub_merchant: str = "") -> str:
    """Path and query of a trade bill; ``kind``: ALL, SUCCESS or REFUND."""
    query = {"bill_date": day.isoformat(), "bill_type": kind, "tar_type": "GZIP"}
    if sub_merchant:
        query["sub_mchid"] = sub_merchant
    return f"{WECHAT_TRADE}?{urlencode(query)}"


def wechat_funds(day: date, account: str = "BASIC") -> str:
    """Path and query of a fund flow; ``account``: BASIC, OPERATION or FEES. At most 3 a second."""
    query = {"bill_date": day.isoformat(), "account_type": account, "tar_type": "GZIP"}
    return f"{WECHAT_FUNDS}?{urlencode(query)}"


def wechat_answer(status: int, body: bytes) -> Download:
    """Where WeChat has the bill.

    :param body: of an answer whose signature was verified
    :raises NoBill: when there is none, or none yet
    :raises Untrusted: for an answer that cannot be read, or an address that is not the channel's
    """
    values = values_of(body)
    if status != 200:
        raise _no_bill(str(values.get("code", "")))
    sha1 = str(values.get("hash_value", "")).lower()
    if values.get("hash_type") != "SHA1" or len(sha1) != 40:
        raise Untrusted("a bill without its hash")
    url = str(values.get("download_url", ""))
    parts = urlsplit(url)
    if not wechat.is_address(f"{parts.scheme}://{parts.netloc}"):
        raise Untrusted("a bill at another address")
    return Download(url, f"{parts.path}?{parts.query}" if parts.query else parts.path, sha1)


def alipay_content(kind: str, day: date) -> bytes:
    """What is asked of Alipay (:data:`ALIPAY_METHOD`).

    :raises ValueError: for a kind that no reader here knows
    """
    if kind not in ALIPAY_TYPES:
        raise ValueError(f"not a kind of bill: {kind}")
    return written({"bill_type": kind, "bill_date": day.isoformat()})


def alipay_answer(node: bytes) -> Download:
    """Where Alipay has the bill.

    :param node: verified
    :raises NoBill: when there is none, or none yet: Alipay does not tell which
    :raises Untrusted: for an answer that cannot be read, or an address that is not the channel's
    """
    values = values_of(node)
    if values.get("code") != "10000":
        raise _no_bill(str(values.get("sub_code") or values.get("code", "")))
    url = str(values.get("bill_download_url", ""))
    parts = urlsplit(url)
    host = parts.netloc.lower()
    inside = is_address(f"{parts.scheme}://{parts.netloc}", ())
    if not inside and not (parts.scheme == "https" and host.endswith(_ALIPAY_HOST)):
        raise Untrusted("a bill at another address")
    return Download(url, f"{parts.path}?{parts.query}")


def _no_bill(code: str) -> Exception:
    word = code.upper().rpartition(".")[2]
    if word in _LATER or word in _NONE:
        return NoBill(code, later=word in _LATER or "." in code)
    return Untrusted(f"no bill: {code[:60]}")


def save(pieces: Iterable[bytes], target: BinaryIO, sha1: str = "", *, packed: bool) -> None:
    """Write a download, unpacked, and compare it with what the channel told of it.

    :param packed: whether it comes as gzip
    :raises Untrusted: for another content, a damaged one, or one larger than a bill may be
    """
    digest, size = hashlib.sha1(usedforsecurity=False), 0
    unpack = zlib.decompressobj(_GZIP) if packed else None
    try:
        for piece in pieces:
            while piece:
                content = unpack.decompress(piece, source.BLOCK) if unpack else piece
                piece = unpack.unconsumed_tail if unpack else b""
                size += len(content)
                if size > source.MAX_BYTES:
                    raise Untrusted("a bill that is too large")
                digest.update(content)
                target.write(content)
    except zlib.error as error:
        raise Untrusted("a damaged bill") from error
    if unpack and (not unpack.eof or unpack.unused_data):
        raise Untrusted("a damaged bill")
    if sha1 and digest.hexdigest() != sha1:
        raise Untrusted("another bill than the channel told")


def unionpay_archive(content: str, target: BinaryIO) -> None:
    """Write the ZIP that a file transfer answers as base64 of deflated bytes.

    :raises Untrusted: when it cannot be unpacked
    """
    try:
        packed = base64.b64decode(content, validate=True)
        unpack = zlib.decompressobj()
        archive = unpack.decompress(packed, source.MAX_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Untrusted("a damaged file") from error
    if not unpack.eof:
        raise Untrusted("a damaged file")
    target.write(archive)
