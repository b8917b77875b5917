"""Alipay split (分账): what is signed, sent and read. Amounts in fen here, in yuan on the wire.

Source: reference facts §10.2 (RSA2) and §12 (split). Which sub codes mean "not found" is our
reading of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric import rsa

from . import answers
from .answers import CLOSED, PENDING, SUCCESS, Answer, Result, Share, Untrusted
from .states import Said

ADDRESSES = ("https://openapi.alipay.com/gateway.do",)
BIND = "alipay.trade.royalty.relation.bind"
SETTLE = "alipay.trade.order.settle"
QUERY = "alipay.trade.order.settle.query"
REFUND = "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"

BEIJING = timezone(timedelta(hours=8))
KINDS = {"user": "userId", "login": "loginName"}
STATES = {"SUCCESS": SUCCESS, "FAIL": CLOSED}
DONE, LIMITED = "10000", "40005"
REFUSALS = ("40001", "40002", "40003", "40004", "40006")
DECODER, SPACE = json.JSONDecoder(), re.compile(r"[ \t\n\r]*")
NOT_THERE = ("ACQ.SETTLE_NOT_EXIST", "ACQ.TRADE_NOT_EXIST")


def is_address(url: str) -> bool:
    """Whether requests may go to ``url``: the channel itself, or a simulator on this machine."""
    return answers.is_address(url, ADDRESSES, "/gateway.do")


def request(
    key: rsa.RSAPrivateKey, app_id: str, method: str, content: bytes, timestamp: int
) -> bytes:
    """A signed request, form-encoded as it is posted.

    :param content: what one of the ``…_body`` functions gives
    :param timestamp: seconds since 1970; the channel wants it in Beijing's time
    """
    fields = {
        "app_id": app_id,
        "method": method,
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": f"{datetime.fromtimestamp(timestamp, BEIJING):%Y-%m-%d %H:%M:%S}",
        "version": "1.0",
        "biz_content": content.decode(),
    }
    return urlencode(fields | {"sign": answers.sign(key, _signed(fields.items()))}).encode()


def verify(key: rsa.RSAPublicKey, method: str, body: bytes) -> bytes:
    """The node of an answer that the channel signed, exactly as it was sent.

    :param method: what was asked; an answer to anything else is none
    :raises Untrusted: when it is not the channel's
    """
    members = _members(body)
    node = members.get(method.replace(".", "_") + "_response")
    if node is None or "sign" not in members:
        raise Untrusted("an answer without its node or its signature")
    signature = json.loads(members["sign"])
    if not isinstance(signature, str):
        raise Untrusted("wrong signature")
    answers.check(key, signature, node.encode())
    return node.encode()


def verify_notice(key: rsa.RSAPublicKey, app_id: str, body: bytes) -> Mapping[str, str]:
    """The fields of an asynchronous notification (notify), which is answered ``success``.

    The caller compares what it is about, and takes each ``notify_id`` once.

    :param body: form-encoded, as it was posted
    :raises Untrusted: when it is not the channel's, or for another application
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Untrusted("a notification that is no text") from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Untrusted("a field is there twice")
    signed = [pair for pair in pairs if pair[0] != "sign_type"]
    answers.check(key, fields.get("sign", ""), _signed(signed))
    if fields.get("app_id") != app_id or not fields.get("notify_id"):
        raise Untrusted("a notification for another application, or without its number")
    return fields


def receiver_body(number: str, kind: str, account: str, name: str) -> bytes:
    """The content that registers a receiver (:data:`BIND`).

    :param name: the real name, which the channel compares; may be empty
    """
    receiver = {"type": KINDS[kind], "account": account} | ({"name": name} if name else {})
    return answers.written({"out_request_no": number, "receiver_list": [receiver]})


def split_body(
    transaction: str,
    number: str,
    shares: Sequence[Share],
    *,
    unfreeze: bool = False,
    mode: str = "async",
) -> bytes:
    """The content of a split (:data:`SETTLE`); the same arguments give the same bytes.

    :param unfreeze: give the seller the rest; nothing can be split of the payment afterwards
    :param mode: ``sync`` is all or nothing, ``async`` each receiver by itself
    """
    return answers.written(
        {
            "out_request_no": number,
            "trade_no": transaction,
            "royalty_parameters": [
                {
                    "royalty_type": "transfer",
                    "trans_in_type": KINDS[share.kind],
                    "trans_in": share.account,
                    "amount": _yuan(share.fen),
                    "desc": share.description,
                }
                for share in shares
            ],
            "royalty_mode": mode,
            "extend_params": {"royalty_finish": "true" if unfreeze else "false"},
        }
    )


def query_body(number: str, transaction: str) -> bytes:
    """The content that asks what became of a split (:data:`QUERY`) or of a refund
    (:data:`REFUND_QUERY`)."""
    return answers.written({"out_request_no": number, "trade_no": transaction})


def refund_body(transaction: str, number: str, fen: int, takings: Sequence[Share]) -> bytes:
    """The content of a refund to the buyer that takes back from receivers (:data:`REFUND`).

    :param takings: what each receiver gives back
    """
    return answers.written(
        {
            "trade_no": transaction,
            "out_request_no": number,
            "refund_amount": _yuan(fen),
            "refund_royalty_parameters": [
                {
                    "royalty_type": "transfer",
                    "trans_out_type": KINDS[share.kind],
                    "trans_out": share.account,
                    "amount": _yuan(share.fen),
                    "desc": share.description,
                }
                for share in takings
            ],
        }
    )


def read(node: bytes, number: str, transaction: str, *, question: bool) -> Answer:
    """What a verified node says about a split.

    The answer to a split only says that it was taken; who got what is asked for.

    :param number: the request's own number, which the answer to a question must name
    :param transaction: the payment, which the answer to a split must name
    :param question: whether it answers a question; only then can a number be not found
    :raises Untrusted: when it cannot be read, or is about another request
    """
    values = answers.values_of(node)
    if values.get("code") != DONE:
        return _undone(values, question=question)
    if not question:
        _must_name(values, "trade_no", transaction)
        return Answer(Said.RUNNING)
    _must_name(values, "out_request_no", number)
    try:
        results = tuple(
            Result(
                str(row["trans_in"]),
                _fen(row["amount"]),
                STATES.get(row["state"], PENDING),
                str(row.get("error_code", "")),
                str(row.get("detail_id", "")),
            )
            for row in values.get("royalty_detail_list") or ()
            if row["operation_type"] == "transfer"
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Untrusted("an answer whose receivers cannot be read") from error
    return Answer(answers.outcome(results), results=results)


def read_refund(node: bytes, number: str, transaction: str, *, question: bool) -> Answer:
    """What a verified node says about a refund, which is done whole or not at all.

    :raises Untrusted: when it cannot be read, or is about another request
    """
    values = answers.values_of(node)
    if values.get("code") != DONE:
        return _undone(values, question=question)
    _must_name(values, "trade_no", transaction)
    if not question:
        return Answer(Said.DONE if values.get("fund_change") == "Y" else Said.RUNNING)
    if "refund_status" not in values and "refund_amount" not in values:
        return Answer(Said.NOT_FOUND)
    _must_name(values, "out_request_no", number)
    done = values.get("refund_status") == "REFUND_SUCCESS"
    return Answer(Said.DONE if done else Said.RUNNING)


def _undone(values: Mapping, *, question: bool) -> Answer:
    """What an answer without success says; after a system error anything may have happened."""
    code, sub_code = str(values.get("code", "")), str(values.get("sub_code", ""))
    said = Said.SILENT
    if code == LIMITED:
        said = Said.LATER
    elif question and sub_code in NOT_THERE:
        said = Said.NOT_FOUND
    elif not question and code in REFUSALS and not sub_code.endswith("SYSTEM_ERROR"):
        said = Said.REFUSED
    return Answer(said, sub_code or code, str(values.get("sub_msg") or values.get("msg", "")))


def _must_name(values: Mapping, field: str, expected: str) -> None:
    if values.get(field) != expected:
        raise Untrusted("an answer about another request")


def _signed(pairs: Iterable[tuple[str, str]]) -> bytes:
    """What is signed: without ``sign`` and empty values, sorted, raw."""
    kept = sorted((name, value) for name, value in pairs if value and name != "sign")
    return "&".join(f"{name}={value}" for name, value in kept).encode()


def _members(body: bytes) -> dict[str, str]:
    """The members of a JSON object, each value as the text that was sent.

    :raises Untrusted: for what is no object, or has a member twice
    """
    members: dict[str, str] = {}
    try:
        text = body.decode().strip()
        place = _after(text, 0, "{")
        while place < len(text):
            name, place = DECODER.raw_decode(text, _start(text, place))
            start = _start(text, _after(text, place, ":"))
            _value, place = DECODER.raw_decode(text, start)
            if not isinstance(name, str) or name in members:
                raise ValueError("a member without a name of its own")
            members[name] = text[start:place]
            last = text[_start(text, place) :] == "}"
            place = len(text) if last else _after(text, place, ",")
    except (ValueError, RecursionError) as error:
        raise Untrusted("an answer that cannot be taken apart") from error
    return members


def _start(text: str, place: int) -> int:
    """Where the next token begins."""
    return SPACE.match(text, place).end()


def _after(text: str, place: int, mark: str) -> int:
    """The place behind ``mark``; :raises ValueError: when something else is there"""
    place = _start(text, place)
    if not text.startswith(mark, place):
        raise ValueError(f"{mark} is missing")
    return place + 1


def _yuan(fen: int) -> str:
    """:raises ValueError: for what is no positive amount"""
    if fen <= 0:
        raise ValueError("an amount must be positive")
    return f"{fen // 100}.{fen % 100:02d}"


def _fen(yuan: object) -> int:
    """Exactly, from text or number; :raises ValueError: for anything that is no whole fen"""
    try:
        fen = Decimal(str(yuan)) * 100
    except InvalidOperation as error:
        raise ValueError("no amount") from error
    if not fen.is_finite() or fen != int(fen):
        raise ValueError("no whole fen")
    return int(fen)
