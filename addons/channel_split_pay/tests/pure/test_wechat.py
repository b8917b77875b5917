"""WeChat Pay v3: signatures over raw bytes, bodies, answers."""

import base64
import json
import re

import pytest
from channel_split_pay.core import wechat
from channel_split_pay.core.states import Said
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

NOW = 1_795_000_000
OURS = rsa.generate_private_key(65537, 2048)
THEIRS = rsa.generate_private_key(65537, 2048)
SERIAL = "PUB_KEY_ID_01"
BODY = '{"state":"FINISHED","备注":"甲"}'.encode()


def signed(body=BODY, key=THEIRS, stamp=NOW, **headers):
    text = b"%d\nnonce\n%s\n" % (stamp, body)
    signature = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return {
        "wechatpay-timestamp": str(stamp),
        "wechatpay-nonce": "nonce",
        "wechatpay-serial": SERIAL,
        "wechatpay-signature": base64.b64encode(signature).decode(),
    } | headers


def check(headers, body=BODY):
    wechat.verify(THEIRS.public_key(), SERIAL, headers, body, NOW)


def test_authorization_signs_the_five_lines():
    header = wechat.authorization(OURS, ("1900", "AB"), ("POST", "/v3/x?a=1", BODY), NOW, "n1")
    scheme, _, rest = header.partition(" ")
    values = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    assert (values["mchid"], values["serial_no"], values["nonce_str"]) == ("1900", "AB", "n1")
    text = b"POST\n/v3/x?a=1\n%d\nn1\n%s\n" % (NOW, BODY)
    key, signature = OURS.public_key(), base64.b64decode(values["signature"])
    key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, text + b" ", padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("stamp", [NOW - 300, NOW, NOW + 300])
def test_a_fresh_answer_is_trusted(stamp):
    check(signed(stamp=stamp))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(key=OURS),
        signed(stamp=NOW - 301),
        signed(stamp=NOW + 301),
        signed(**{"wechatpay-serial": "PUB_KEY_ID_02"}),
        signed(**{"wechatpay-nonce": "other"}),
        signed(**{"wechatpay-signature": "WECHATPAY/SIGNTEST/abc"}),
        signed(**{"wechatpay-timestamp": "now"}),
    ],
)
def test_anything_else_is_not(headers):
    with pytest.raises(wechat.Untrusted):
        check(headers)


def test_one_changed_byte_is_noticed():
    with pytest.raises(wechat.Untrusted):
        check(signed(), BODY + b" ")


def test_names_are_encrypted_for_the_channel():
    token = wechat.encrypt_name(THEIRS.public_key(), "张三")
    scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    assert THEIRS.decrypt(base64.b64decode(token), scheme).decode() == "张三"


def test_split_body_says_amounts_in_fen():
    shares = [wechat.Share("merchant", "1900", 1, "甲"), wechat.Share("personal", "oX", 30, "b")]
    body = wechat.split_body("wx1", "4200", "QD-1", shares)
    assert body == wechat.split_body("wx1", "4200", "QD-1", shares)
    assert json.loads(body) == {
        "appid": "wx1",
        "transaction_id": "4200",
        "out_order_no": "QD-1",
        "receivers": [
            {"type": "MERCHANT_ID", "account": "1900", "amount": 1, "description": "甲"},
            {"type": "PERSONAL_OPENID", "account": "oX", "amount": 30, "description": "b"},
        ],
        "unfreeze_unsplit": False,
    }


def answer(state, *results, number="QD-1"):
    rows = [{"account": "1900", "amount": 5, "result": result} for result in results]
    return json.dumps({"out_order_no": number, "state": state, "receivers": rows}).encode()


@pytest.mark.parametrize(
    "status,body,question,said",
    [
        (200, answer("PROCESSING", "PENDING"), False, Said.RUNNING),
        (200, answer("FINISHED", "SUCCESS", "SUCCESS"), True, Said.DONE),
        (200, answer("FINISHED", "SUCCESS", "CLOSED"), True, Said.PARTLY),
        (200, answer("FINISHED", "CLOSED"), True, Said.NONE_PAID),
        (200, answer("FINISHED", "SUCCESS", "PENDING"), True, Said.RUNNING),
        (200, answer("FINISHED"), True, Said.RUNNING),
        (200, answer("SOMETHING", "SUCCESS"), True, Said.RUNNING),
        (404, b'{"code":"RESOURCE_NOT_EXISTS"}', True, Said.NOT_FOUND),
        (404, b'{"code":"RESOURCE_NOT_EXISTS"}', False, Said.SILENT),
        (404, b"{}", True, Said.SILENT),  # a wrong path is no proof
        (403, b'{"code":"NOT_ENOUGH"}', False, Said.REFUSED),
        (403, b'{"code":"NO_AUTH"}', True, Said.SILENT),
        (400, b'{"code":"PARAM_ERROR"}', False, Said.REFUSED),
        (429, b'{"code":"FREQUENCY_LIMITED"}', False, Said.LATER),
        (500, b'{"code":"SYSTEM_ERROR"}', False, Said.SILENT),
        (500, b'{"code":"SYSTEM_ERROR"}', True, Said.SILENT),
        (202, b"{}", False, Said.SILENT),
    ],
)
def test_what_an_answer_says(status, body, question, said):
    assert wechat.read(status, body, "QD-1", question=question).said is said


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b'{"out_order_no":"QD-1","receivers":[{}]}',
        answer("FINISHED", number="QD-2"),
    ],
)
def test_what_cannot_be_read_proves_nothing(body):
    with pytest.raises(wechat.Untrusted):
        wechat.read(200, body, "QD-1", question=True)


def test_reasons_and_numbers_are_kept():
    row = {
        "account": "1",
        "amount": 5,
        "result": "CLOSED",
        "fail_reason": "NO_RELATION",
        "detail_id": "36",
    }
    body = json.dumps({"out_order_no": "QD-1", "state": "FINISHED", "receivers": [row]}).encode()
    assert wechat.read(200, body, "QD-1", question=True).results == (
        wechat.Result("1", 5, "CLOSED", "NO_RELATION", "36"),
    )


@pytest.mark.parametrize(
    "url,allowed",
    [
        ("https://api.mch.weixin.qq.com", True),
        ("http://127.0.0.1:8123", True),
        ("http://[::1]:8123", True),
        ("http://api.mch.weixin.qq.com", False),
        ("https://api.mch.weixin.qq.com.evil.example", False),
        ("https://evil.example", False),
        ("http://a@127.0.0.1:1", False),
        ("http://127.0.0.1:1/path", False),
        ("http://127.0.0.1:x", False),
        ("file:///etc", False),
        ("", False),
    ],
)
def test_where_requests_may_go(url, allowed):
    assert wechat.is_address(url) is allowed


def test_the_path_of_a_question_is_quoted():
    assert (
        wechat.query_path("A|1", "42&x") == "/v3/profitsharing/orders/A%7C1?transaction_id=42%26x"
    )


def test_keys_are_rsa():
    pem = OURS.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    assert wechat.private_key(pem).private_numbers() == OURS.private_numbers()
    with pytest.raises(ValueError):
        wechat.public_key(pem)


def test_a_return_names_the_split_the_receiver_and_fen():
    body = wechat.return_body("QD1-1", "QDR7-1", "19001", 600, "订单 1")
    assert json.loads(body) == {
        "out_order_no": "QD1-1",
        "out_return_no": "QDR7-1",
        "return_mchid": "19001",
        "amount": 600,
        "description": "订单 1",
    }
    assert body == wechat.return_body("QD1-1", "QDR7-1", "19001", 600, "订单 1")
    path = wechat.return_path("QD1|1", "QDR7@1")
    assert path == "/v3/profitsharing/return-orders/QDR7%401?out_order_no=QD1%7C1"


@pytest.mark.parametrize(
    "result,said",
    [
        ("SUCCESS", Said.DONE),
        ("PROCESSING", Said.RUNNING),
        ("FAILED", Said.NONE_PAID),
        ("FAIL", Said.NONE_PAID),
        ("SOMETHING", Said.RUNNING),
        (None, Said.RUNNING),
    ],
)
@pytest.mark.parametrize("question", [True, False])
def test_what_became_of_a_return(result, said, question):
    body = json.dumps({"out_return_no": "R1", "result": result}).encode()
    assert wechat.read_return(200, body, "R1", question=question).said is said


def test_an_answer_about_another_return_is_none():
    body = json.dumps({"out_return_no": "R2", "result": "SUCCESS"}).encode()
    with pytest.raises(wechat.Untrusted):
        wechat.read_return(200, body, "R1", question=True)


@pytest.mark.parametrize(
    "status,code,question,said",
    [
        (404, "RESOURCE_NOT_EXISTS", True, Said.NOT_FOUND),
        (404, "RESOURCE_NOT_EXISTS", False, Said.REFUSED),  # there is no such split
        (404, "OTHER", True, Said.SILENT),
        (403, "NOT_ENOUGH", False, Said.REFUSED),
        (403, "NO_AUTH", True, Said.SILENT),
        (429, "FREQUENCY_LIMITED", False, Said.LATER),
        (500, "SYSTEM_ERROR", False, Said.SILENT),
        (401, "SIGN_ERROR", False, Said.SILENT),
    ],
)
def test_what_is_no_return(status, code, question, said):
    body = json.dumps({"code": code, "message": "x"}).encode()
    assert wechat.read_return(status, body, "R1", question=question).said is said
