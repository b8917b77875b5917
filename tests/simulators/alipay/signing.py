"""RSA2 as the channel sees it: requests verified, answers signed."""

import base64
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip


def verified(pem: str, fields: Mapping[str, str]) -> bool:
    """Whether a request's ``sign`` covers its other fields: sorted, without empty ones, raw."""
    pairs = sorted(item for item in fields.items() if item[0] != "sign" and item[1])
    text = "&".join(f"{name}={value}" for name, value in pairs)
    key = serialization.load_pem_public_key(pem.encode())
    try:
        signature = base64.b64decode(fields.get("sign", ""), validate=True)
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True


def sign(key: rsa.RSAPrivateKey, text: str) -> str:
    """The signature of a node of an answer, exactly as it is sent."""
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode()
