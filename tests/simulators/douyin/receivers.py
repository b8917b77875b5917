"""Receivers: made-up people, masks, search index and cipher text of their data."""

import hashlib
import hmac
import json
import random
import secrets
from base64 import b64decode, b64encode
from functools import lru_cache
from typing import NamedTuple

from .books import Books
from .regions import REGIONS, Region

ADDRESS, NAME, PHONE = 1, 2, 3  # encrypt_type of order.BatchSearchIndex
MARKS = {PHONE: "%%cipher-tel%%", NAME: "%%cipher-name%%", ADDRESS: "%%cipher-detail%%"}

_SURNAMES = [
    *"王李张刘陈杨赵黄周吴徐孙马朱胡郭何林罗高龘䶮㛃𠮷区仇尉朴冼逄亓",
    *("欧阳", "司马", "尉迟", "万俟"),
]
_GIVEN = [
    *"伟芳娜敏静丽强磊洋艳勇军杰娟涛明超兰霞平刚喆垚翯赟䒕㼆𬸚𫘦囍",
    *("秀英", "桂英", "昊天", "梓涵", "子轩", "欣怡", "宇航", "鑫淼", "犇犇"),
]
_WHOLE_NAMES = ["迪丽努尔·买买提江", "扎西次仁", "Anna Li", "阿不都热依木·艾尼", "乌日娜", "小鹿🦌"]
_ROADS = ["人民路", "中山路", "解放路", "建设路", "文化路", "学府路", "滨江路", "迎宾大道"]


class Receiver(NamedTuple):
    """A person at an address; the text is plain and never leaves except by batchDecrypt."""

    receiver_id: int
    name: str
    phone: str
    detail: str
    region: Region

    def plain(self, kind: int) -> str:
        """Return the plain text of one encrypted kind."""
        return {ADDRESS: self.detail, NAME: self.name, PHONE: self.phone}[kind]


def random_receiver(rng: random.Random) -> dict:
    """Return a made-up receiver as the keyword dict that ``buy`` takes."""
    name = rng.choice(_SURNAMES) + rng.choice(_GIVEN)
    if rng.random() < 0.05:
        name = rng.choice(_WHOLE_NAMES)
    detail = (
        f"{rng.choice(_ROADS)}{rng.randint(1, 899)}号{rng.randint(1, 30)}栋"
        f"{rng.randint(1, 6)}单元{rng.randint(101, 3204)}室"
    )
    phone = f"1{rng.choice('356789')}{rng.randint(0, 999_999_999):09d}"
    return {"name": name, "phone": phone, "detail": detail, "region": rng.randrange(len(REGIONS))}


def mask_name(name: str) -> str:
    """Keep the first character."""
    return name[:1] + "*" * max(1, min(len(name) - 1, 5))


def mask_phone(phone: str) -> str:
    """Keep the first and the two last digits."""
    return phone[:1] + "*" * max(1, len(phone) - 3) + phone[-2:]


def mask_detail(detail: str) -> str:
    """Keep the first two characters."""
    return detail[:2] + "*" * 6


class Receivers:
    """The receivers in the books and the platform's cryptography over them."""

    def __init__(self, books: Books, shop_id: int):
        self._books = books
        self._shop_id = shop_id
        if not books.meta("cipher_key"):
            books.set_meta("cipher_key", secrets.token_hex(32))
        self._key = bytes.fromhex(books.meta("cipher_key"))
        self.index = lru_cache(maxsize=200_000)(self._index)
        self.get = lru_cache(maxsize=200_000)(self._get)  # a stored receiver never changes

    def keep(self, name: str, phone: str, detail: str, region: int | dict | None = None) -> int:
        """Store a receiver (the same one once) and return its id.

        :param region: position in :data:`REGIONS`, or the fields of a :class:`Region`
        """
        place = Region(**region) if isinstance(region, dict) else REGIONS[region or 0]
        key = json.dumps([name, phone, detail, *place], ensure_ascii=False)
        with self._books.transaction():
            row = self._books.one("SELECT receiver_id FROM receivers WHERE key = ?", (key,))
            if row is None:
                self._books.execute(
                    "INSERT INTO receivers (key, name, phone, detail, region) VALUES (?,?,?,?,?)",
                    (key, name, phone, detail, json.dumps(place, ensure_ascii=False)),
                )
                row = self._books.one("SELECT last_insert_rowid()")
            return row[0]

    def _get(self, receiver_id: int) -> Receiver:
        """Return a stored receiver."""
        row = self._books.one("SELECT * FROM receivers WHERE receiver_id = ?", (receiver_id,))
        region = Region(*json.loads(row["region"]))
        return Receiver(receiver_id, row["name"], row["phone"], row["detail"], region)

    def _index(self, kind: int, plain: str) -> str:
        digest = hmac.digest(self._key, f"{kind}:{plain}".encode(), "sha256")
        return b64encode(digest).decode()

    def open_address_id(self, receiver: Receiver) -> str:
        """Return the text shared by all orders of a shop to one name, phone and address."""
        text = json.dumps([self._shop_id, receiver[1:]], ensure_ascii=False)
        return "#" + b64encode(hmac.digest(self._key, text.encode(), "sha384")).decode()

    def encrypt(self, kind: int, plain: str, order_id: str) -> str:
        """Return index and fresh cipher text; only the same order id opens it again."""
        data = f"{kind} {order_id} {plain}".encode()
        nonce = secrets.token_bytes(12)
        body = _xor(data, self._stream(nonce, len(data)))
        tag = hmac.digest(self._key, nonce + body, "sha256")[:8]
        cipher = b64encode(nonce + tag + body).decode()
        if kind == PHONE:
            return f"$${self.index(kind, plain)}*{cipher}$1$$"
        return f"##{self.index(kind, plain)}*{cipher}#1##"

    def decrypt(self, cipher_text: str, order_id: str) -> tuple[int, str]:
        """Return kind and plain text.

        :raises ValueError: when the text is not ours or belongs to another order
        """
        raw = b64decode(cipher_text.strip("#$").rpartition("*")[2][:-2], validate=True)
        nonce, tag, body = raw[:12], raw[12:20], raw[20:]
        if hmac.digest(self._key, nonce + body, "sha256")[:8] != tag:
            raise ValueError("cipher text is not of this platform")
        text = _xor(body, self._stream(nonce, len(body))).decode()
        kind, owner, plain = text.split(" ", 2)
        if owner != order_id:
            raise ValueError("cipher text belongs to another order")
        return int(kind), plain

    def _stream(self, nonce: bytes, length: int) -> bytes:
        return hashlib.shake_256(self._key + nonce).digest(length)

    def fill(self, text: str, receiver: Receiver, order_id: str) -> str:
        """Replace the marks in a stored order by cipher text made for this one answer."""
        for kind, mark in MARKS.items():
            text = text.replace(mark, self.encrypt(kind, receiver.plain(kind), order_id))
        return text

    def fields(self, receiver: Receiver) -> dict:
        """Return the receiver's fields of an order, with marks where cipher text belongs."""
        region = receiver.region
        place = {
            level: {"name": getattr(region, level), "id": getattr(region, f"{level}_id")}
            for level in ("province", "city", "town", "street")
        }
        return {
            "post_receiver": "",
            "post_tel": "",
            "encrypt_post_receiver": MARKS[NAME],
            "encrypt_post_tel": MARKS[PHONE],
            "mask_post_receiver": mask_name(receiver.name),
            "mask_post_tel": mask_phone(receiver.phone),
            "post_addr": {**place, "detail": "", "encrypt_detail": MARKS[ADDRESS]},
            "mask_post_addr": {**place, "detail": mask_detail(receiver.detail)},
            "open_address_id": self.open_address_id(receiver),
        }


def _xor(left: bytes, right: bytes) -> bytes:
    size = len(left)
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(size, "big")
