"""WeChat Pay v3 profit sharing (分账): what is signed, sent and read. Amounts in fen.

Source: reference facts §10.1 (signatures) and §11 (profit sharing).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import answers
from .answers import Answer, Result, Share, Untrusted, written
from .answers import private_key as private_key
from .answers import public_key as public_key
from .states import Said

ADDRESSES = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")
SCHEME = "WECHATPAY2-SHA256-RSA2048"
ORDERS = "/v3/profitsharing/orders"
RETURNS = "/v3/profitsharing/return-orders"
ADD_RECEIVER = "/v3/profitsharing/receivers/add"
FRESH_SECONDS = 300
RETURNED = {"SUCCESS": Said.DONE, "FAILED": Said.NONE_PAID, "FAIL": Said.NONE_PAID}
KINDS = {"merchant": "MERCHANT_ID", "personal": "PERSONAL_OPENID"}


@dataclass(frozen=True)
class Notice:
    """A receiver got its part of a split."""

    ref: str
    merchant: str
    transaction: str
    number: str
    account: str
    fen: int


def is_address(url: str) -> bool:
    """Whether requests may go to ``url``: the channel itself, or a simulator on this machine."""
    return answers.is_address(url, ADDRESSES)


def authorization(
    key: rsa.RSAPrivateKey,
    merchant: tuple[str, str],
    request: tuple[str, str, bytes],
    timestamp: int,
    nonce: str,
) -> str:
    """The Authorization header.

    :param merchant: merchant number and the serial number of its certificate
    :param request: method, path with query, body exactly as it leaves
    """
    method, path, body = request
    signed = b"%s\n%s\n%d\n%s\n%s\n" % (
        method.encode(), path.encode(), timestamp, nonce.encode(), body,
    )  # fmt: skip
    number, serial = merchant
    return (
        f'{SCHEME} mchid="{number}",nonce_str="{nonce}",signature="{answers.sign(key, signed)}",'
        f'timestamp="{timestamp}",serial_no="{serial}"'
    )


def verify(
    key: rsa.RSAPublicKey, serial: str, headers: Mapping[str, str], body: bytes, now: int
) -> None:
    """Check that an answer is the channel's, over its raw bytes.

    Probes with a deliberately wrong signature fail like any other.

    :param headers: names in small letters
    :raises Untrusted: when it is not, is stale, or was signed with another key
    """
    stamp, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
    if headers.get("wechatpay-serial") != serial:
        raise Untrusted("signed with another key")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > FRESH_SECONDS:
        raise Untrusted("not fresh")
    signed = b"%s\n%s\n%s\n" % (stamp.encode(), nonce.encode(), body)
    answers.check(key, headers.get("wechatpay-signature", ""), signed)


def read_notice(api_key: str, body: bytes) -> Notice:
    """What a verified notification says (动账通知); it is only a reason to ask.

    The channel repeats one until it is answered with 200 or 204: its number is taken once.

    :param api_key: the merchant's APIv3 key, 32 bytes
    :raises Untrusted: when it was not encrypted with this key, or cannot be read
    """
    notice = answers.values_of(body)
    try:
        resource = notice["resource"]
        if resource["algorithm"] != "AEAD_AES_256_GCM":
            raise Untrusted("a notification in an unknown cipher")
        plain = AESGCM(api_key.encode()).decrypt(
            resource["nonce"].encode(),
            base64.b64decode(resource["ciphertext"], validate=True),
            resource.get("associated_data", "").encode(),
        )
        values = answers.values_of(plain)
        receiver = values["receiver"]
        return Notice(
            str(notice["id"]),
            str(values["mchid"]),
            str(values["transaction_id"]),
            str(values["out_order_no"]),
            str(receiver["account"]),
            int(receiver["amount"]),
        )
    except (AttributeError, InvalidTag, KeyError, TypeError, ValueError) as error:
        raise Untrusted("a notification that cannot be read") from error


def encrypt_name(key: rsa.RSAPublicKey, name: str) -> str:
    """A name as the channel wants it: RSA-OAEP with SHA-1, base64."""
    scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    return base64.b64encode(key.encrypt(name.encode(), scheme)).decode()


def split_body(
    app_id: str, transaction: str, number: str, shares: Sequence[Share], *, unfreeze: bool = False
) -> bytes:
    """The body of a split request; the same arguments give the same bytes."""
    return written(
        {
            "appid": app_id,
            "transaction_id": transaction,
            "out_order_no": number,
            "receivers": [
                {
                    "type": KINDS[share.kind],
                    "account": share.account,
                    "amount": share.fen,
                    "description": share.description,
                }
                for share in shares
            ],
            "unfreeze_unsplit": unfreeze,
        }
    )


def receiver_body(app_id: str, kind: str, account: str, name: str, relation: str) -> bytes:
    """The body that registers a receiver.

    :param name: already encrypted, or empty
    """
    values = {"appid": app_id, "type": KINDS[kind], "account": account, "relation_type": relation}
    return written(values | ({"name": name} if name else {}))


def query_path(number: str, transaction: str) -> str:
    """The path that asks what became of a split request."""
    return f"{ORDERS}/{quote(number, safe='')}?transaction_id={quote(transaction, safe='')}"


def return_body(split: str, number: str, account: str, fen: int, description: str) -> bytes:
    """The body that takes back what a merchant got by a split; the same arguments, the same bytes.

    :param split: the number of the split request
    """
    return written(
        {
            "out_order_no": split,
            "out_return_no": number,
            "return_mchid": account,
            "amount": fen,
            "description": description,
        }
    )


def return_path(split: str, number: str) -> str:
    """The path that asks what became of a return."""
    return f"{RETURNS}/{quote(number, safe='')}?out_order_no={quote(split, safe='')}"


def read_return(status: int, body: bytes, number: str, *, question: bool) -> Answer:
    """What a verified answer about a return says; see ``read``."""
    values = answers.values_of(body)
    if status != 200:
        return _undone(status, values, question=question, refusals=(400, 403, 404))
    if values.get("out_return_no") != number:
        raise Untrusted("an answer about another request")
    said = RETURNED.get(str(values.get("result")), Said.RUNNING)
    return Answer(said, text=str(values.get("fail_reason") or ""))


def read(status: int, body: bytes, number: str, *, question: bool) -> Answer:
    """What a verified answer about a split request says.

    :param number: the request's own number, which the answer must name
    :param question: whether it answers a question; only then can a number be not found
    :raises Untrusted: when it cannot be read, or is about another request
    """
    values = answers.values_of(body)
    if status == 200:
        return _split(values, number)
    return _undone(status, values, question=question, refusals=(400, 403))


def _undone(status: int, values: Mapping, *, question: bool, refusals: tuple[int, ...]) -> Answer:
    """What an answer without success says; after a server error anything may have happened."""
    code, text = str(values.get("code", "")), str(values.get("message", ""))
    said = Said.SILENT
    if status == 429:
        said = Said.LATER
    elif question and status == 404 and code in ("RESOURCE_NOT_EXISTS", "ORDER_NOT_EXIST"):
        said = Said.NOT_FOUND
    elif not question and status in refusals:
        said = Said.REFUSED
    return Answer(said, code, text)


def _split(values: Mapping, number: str) -> Answer:
    if values.get("out_order_no") != number:
        raise Untrusted("an answer about another request")
    try:
        results = tuple(
            Result(
                str(row["account"]),
                int(row["amount"]),
                str(row["result"]),
                str(row.get("fail_reason", "")),
                str(row.get("detail_id", "")),
            )
            for row in values.get("receivers") or ()
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Untrusted("an answer whose receivers cannot be read") from error
    finished = values.get("state") == "FINISHED"
    return Answer(answers.outcome(results) if finished else Said.RUNNING, results=results)
