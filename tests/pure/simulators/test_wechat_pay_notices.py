"""Notifications of splits (动账通知): sent by the simulated channel, read by the connector."""

import base64
import json
import time

import pytest
from channel_split_pay.core import wechat
from channel_split_pay.core.answers import Share
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from simulators.wechat_pay import WechatPaySimulator, rules
from simulators.wechat_pay.simulator import SERIAL

MERCHANT, HOST = "1900000001", "19001"
API_KEY = "0123456789abcdef0123456789abcdef"
CHANNEL_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def channel(tmp_path, receiver):
    """A channel that split 10.00 yuan and failed to split 5.00 to one it does not know."""
    with WechatPaySimulator(tmp_path / "books", {MERCHANT: ""}, key=CHANNEL_KEY) as channel:
        channel.pay("T1", MERCHANT, 10_000, fee=60)
        channel.listen(MERCHANT, receiver.url, API_KEY)
        shares = [Share("merchant", HOST, 1000, "提成"), Share("merchant", "19002", 500, "x")]
        body = json.loads(wechat.split_body("wx1", "T1", "QD-1", shares))
        with channel._books.transaction() as books:
            books.all("INSERT INTO receivers VALUES (?, 'MERCHANT_ID', ?, '')", MERCHANT, HOST)
            rules.split(books, MERCHANT, body, channel.now(), channel.ratio)
        channel.settle()
        yield channel
        channel.check()


def read(channel, post, api_key=API_KEY):
    headers = {name.lower(): value for name, value in post.headers.items()}
    key = wechat.public_key(channel.public_key)
    wechat.verify(key, SERIAL, headers, post.body, int(time.time()))
    return wechat.read_notice(api_key, post.body)


def test_a_part_that_was_split_is_told(channel, receiver):
    assert channel.notify() == [200]
    notice = read(channel, receiver.posts[0])
    assert notice == wechat.Notice(notice.ref, MERCHANT, "T1", "QD-1", HOST, 1000)
    assert notice.ref
    assert channel.notify() == []


def test_it_opens_without_the_connector_too(channel, receiver):
    channel.notify()
    [post] = receiver.posts
    stamp, nonce = post.headers["Wechatpay-Timestamp"], post.headers["Wechatpay-Nonce"]
    signature = base64.b64decode(post.headers["Wechatpay-Signature"])
    text = f"{stamp}\n{nonce}\n".encode() + post.body + b"\n"
    key = serialization.load_pem_public_key(channel.public_key.encode())
    key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, text[1:], padding.PKCS1v15(), hashes.SHA256())
    sealed = json.loads(post.body)["resource"]
    opened = AESGCM(API_KEY.encode()).decrypt(
        sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), b"profitsharing"
    )
    assert json.loads(opened)["receiver"]["amount"] == 1000


def test_it_is_repeated_with_its_number_until_it_is_received(channel, receiver):
    receiver.answers = [(500, b""), (0, b""), (204, b"")]
    assert [channel.notify() for _ in range(4)] == [[500], [0], [204], []]
    first, *others = (read(channel, post) for post in receiver.posts)
    assert others == [first, first]


def test_it_comes_twice_on_demand(channel, receiver):
    assert [channel.notify(), channel.notify(again=True)] == [[200], [200]]
    first, second = receiver.posts
    assert first.body != second.body  # encrypted anew
    assert read(channel, first) == read(channel, second)


def test_a_wrong_signature_is_not_believed(channel, receiver):
    channel.notify(wrong_signature=True)
    with pytest.raises(wechat.Untrusted):
        read(channel, receiver.posts[0])


def test_notifications_stay_on_this_machine(channel):
    channel.listen(MERCHANT, "http://example.com/", API_KEY)
    with pytest.raises(ValueError):
        channel.notify()


def changed(body, **values):
    notice = json.loads(body)
    return json.dumps(notice | {"resource": notice["resource"] | values}).encode()


def sealed(plain, **more):
    """A notification with another content, encrypted as it should be."""
    cipher = AESGCM(API_KEY.encode()).encrypt(b"012345678901", json.dumps(plain).encode(), b"")
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": "012345678901",
        "ciphertext": base64.b64encode(cipher).decode(),
    }
    return json.dumps({"id": "N1", "resource": resource} | more).encode()


PLAIN = {
    "mchid": MERCHANT,
    "transaction_id": "T1",
    "out_order_no": "QD-1",
    "receiver": {"account": HOST, "amount": 5},
}


def test_associated_data_may_be_missing():
    found = wechat.read_notice(API_KEY, sealed(PLAIN))
    assert found == wechat.Notice("N1", MERCHANT, "T1", "QD-1", HOST, 5)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"{}",
        b'{"resource": []}',
        sealed(PLAIN, resource=None),
        sealed(PLAIN | {"receiver": {"account": HOST}}),
        sealed(PLAIN | {"receiver": {"account": HOST, "amount": None}}),
        sealed([PLAIN]),
        sealed({}),
        changed(sealed(PLAIN), nonce="012345678902"),
        changed(sealed(PLAIN), nonce="short"),
        changed(sealed(PLAIN), nonce=1),
        changed(sealed(PLAIN), associated_data="x"),
        changed(sealed(PLAIN), algorithm="AEAD_SM4_GCM"),
        changed(sealed(PLAIN), ciphertext="AAAA"),
        changed(sealed(PLAIN), ciphertext="!"),
    ],
)
def test_what_cannot_be_opened_proves_nothing(body):
    with pytest.raises(wechat.Untrusted):
        wechat.read_notice(API_KEY, body)


@pytest.mark.parametrize("key", ["f" * 32, "short", ""])
def test_only_the_merchants_key_opens_it(key):
    with pytest.raises(wechat.Untrusted):
        wechat.read_notice(key, sealed(PLAIN))
