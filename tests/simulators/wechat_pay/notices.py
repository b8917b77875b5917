"""Notifications of splits (动账通知): encrypted for the merchant, posted to its address."""

import base64
import http.client
import json
import secrets
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .books import Books

BEIJING = timezone(timedelta(hours=8))
SECONDS = 5  # how long an answer is waited for


def text_of(books: Books, row) -> bytes:
    """The body of a notification; its number is the same each time, its nonce is not."""
    part = books.one(
        "SELECT p.*, o.number, o.payment FROM parts p JOIN orders o ON o.entry = p.split"
        " WHERE p.entry=?",
        row["part"],
    )
    when = datetime.fromtimestamp(row["done_at"], UTC).astimezone(BEIJING).isoformat()
    plain = {
        "mchid": row["merchant"],
        "transaction_id": part["payment"],
        "order_id": f"30{part['split']:026d}",
        "out_order_no": part["number"],
        "receiver": {name: part[name] for name in ("type", "account", "amount", "description")},
        "success_time": when,
    }
    nonce, associated = secrets.token_hex(6), "profitsharing"
    text = json.dumps(plain, ensure_ascii=False).encode()
    sealed = AESGCM(row["key"].encode()).encrypt(nonce.encode(), text, associated.encode())
    notice = {
        "id": f"notice-{row['entry']:08d}",
        "create_time": when,
        "event_type": "TRANSACTION.SUCCESS",
        "resource_type": "encrypt-resource",
        "summary": "分账",
        "resource": {
            "algorithm": "AEAD_AES_256_GCM",
            "original_type": "profitsharing",
            "ciphertext": base64.b64encode(sealed).decode(),
            "nonce": nonce,
            "associated_data": associated,
        },
    }
    return json.dumps(notice, ensure_ascii=False).encode()


def post(url: str, headers: dict[str, str], text: bytes) -> int:
    """The status that an address on this machine answers; 0 when it answers nothing."""
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1":
        raise ValueError("notifications stay on this machine")
    connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
    try:
        json_ = {"Content-Type": "application/json; charset=utf-8"}
        connection.request(
            "POST", url.removeprefix(f"http://{parts.netloc}") or "/", text, headers | json_
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
