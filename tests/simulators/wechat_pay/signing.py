"""WECHATPAY2-SHA256-RSA2048, as the channel sees it: requests verified, answers signed."""

import base64
import re
import secrets
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SCHEME = "WECHATPAY2-SHA256-RSA2048"
FRESH = 300  # seconds


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip


def verified(merchants: dict[str, str], method: str, url: str, header: str, body: bytes) -> str:
    """The merchant number of a signed request; empty when it is not signed as it must be.

    :param merchants: PEM of the public key by merchant number
    """
    scheme, _, rest = header.partition(" ")
    fields = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    merchant = fields.get("mchid", "")
    try:
        late = abs(time.time() - int(fields["timestamp"])) > FRESH
        key = serialization.load_pem_public_key(merchants[merchant].encode())
        text = "\n".join([method, url, fields["timestamp"], fields["nonce_str"], ""]).encode()
        signature = base64.b64decode(fields["signature"])
        key.verify(signature, text + body + b"\n", padding.PKCS1v15(), hashes.SHA256())
    except (KeyError, ValueError, InvalidSignature):
        return ""
    return "" if late or scheme != SCHEME else merchant


def answer_headers(key: rsa.RSAPrivateKey, serial: str, body: bytes, wrong: bool) -> dict[str, str]:
    """The signature of an answer over its raw bytes; ``wrong``: over other ones."""
    stamp, nonce = str(int(time.time())), secrets.token_hex(16)
    text = f"{stamp}\n{nonce}\n".encode() + body + (b"x\n" if wrong else b"\n")
    signature = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": SCHEME,
    }


def decrypted(key: rsa.RSAPrivateKey, text: str) -> str:
    """A name as RSA-OAEP with SHA-1 carries it.

    :raise ValueError: it is not for this key
    """
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    return key.decrypt(base64.b64decode(text), oaep).decode()
