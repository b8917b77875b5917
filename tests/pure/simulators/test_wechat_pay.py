"""The simulated WeChat Pay against an independent little client."""

import base64
import http.client
import json
import time
from urllib.parse import urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from simulators.wechat_pay import WechatPaySimulator

MERCHANT = "1900000001"


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def channel_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def channel(tmp_path, key, channel_key):
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    merchants = {MERCHANT: pem.decode()}
    with WechatPaySimulator(tmp_path / "books", merchants, key=channel_key) as channel:
        channel.pay("T1", MERCHANT, 10_000, fee=60)
        channel.receiver("19001")
        yield channel
        channel.check()


@pytest.fixture
def ask(channel, key):
    """Send a signed request; (status, answer), the answer's signature verified."""

    def send(method, path, body=None, stamp=None, signer=key):
        text = json.dumps(body).encode() if body is not None else b""
        stamp = str(stamp or int(time.time()))
        signed = f"{method}\n{path}\n{stamp}\nn1\n".encode() + text + b"\n"
        signature = base64.b64encode(signer.sign(signed, padding.PKCS1v15(), hashes.SHA256()))
        header = (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{MERCHANT}",nonce_str="n1",'
            f'signature="{signature.decode()}",timestamp="{stamp}",serial_no="S1"'
        )
        connection = http.client.HTTPConnection(urlsplit(channel.url).netloc, timeout=10)
        try:
            connection.request(method, path, text, {"Authorization": header})
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        proof = f"{answer.headers['Wechatpay-Timestamp']}\n{answer.headers['Wechatpay-Nonce']}\n"
        serialization.load_pem_public_key(channel.public_key.encode()).verify(
            base64.b64decode(answer.headers["Wechatpay-Signature"]),
            proof.encode() + raw + b"\n", padding.PKCS1v15(), hashes.SHA256(),
        )  # fmt: skip
        return answer.status, json.loads(raw)

    status, _answer = send("POST", "/v3/profitsharing/receivers/add", receiver())
    assert status == 200
    return send


def receiver(account="19001", kind="MERCHANT_ID", **more):
    return {"type": kind, "account": account, "relation_type": "PARTNER"} | more


def order(number="S1", *parts, payment="T1", **more):
    parts = parts or ((1000, "19001"),)
    return {
        "appid": "wx1", "transaction_id": payment, "out_order_no": number,
        "receivers": [
            {"type": "MERCHANT_ID", "account": account, "amount": fen, "description": "share"}
            for fen, account in parts
        ],
        "unfreeze_unsplit": False,
    } | more  # fmt: skip


def split(ask, *args, **more):
    return ask("POST", "/v3/profitsharing/orders", order(*args, **more))


def test_a_split_is_accepted_then_done(ask, channel):
    status, told = split(ask)
    assert (status, told["state"], told["receivers"][0]["result"]) == (200, "PROCESSING", "PENDING")
    assert channel.balance("19001") == 0
    assert channel.settle() == 1
    status, told = ask("GET", "/v3/profitsharing/orders/S1?transaction_id=T1")
    assert (told["state"], told["receivers"][0]["result"]) == ("FINISHED", "SUCCESS")
    assert channel.balance("19001") == 1000
    assert ask("GET", "/v3/profitsharing/transactions/T1/amounts")[1]["unsplit_amount"] == 8940


def test_the_same_number_is_the_same_request(ask, channel):
    assert split(ask) == split(ask)
    status, told = split(ask, "S1", (999, "19001"))
    assert (status, told["code"]) == (400, "INVALID_REQUEST")
    channel.settle()
    assert channel.balance("19001") == 1000


@pytest.mark.parametrize(
    "number, parts, code",
    [
        ("S2", ((3001, "19001"),), "RULE_LIMIT"),
        ("S2", ((0, "19001"),), "PARAM_ERROR"),
        ("S2", ((1, "19001"),) * 51, "PARAM_ERROR"),
        ("S 2", ((1, "19001"),), "PARAM_ERROR"),
    ],
)
def test_what_the_limits_refuse(ask, number, parts, code):
    assert split(ask, number, *parts)[1]["code"] == code


def test_the_ratio_counts_all_requests(ask):
    assert split(ask, "S1", (2000, "19001"))[0] == 200
    assert split(ask, "S2", (1001, "19001"))[1]["code"] == "RULE_LIMIT"
    assert split(ask, "S2", (1000, "19001"))[0] == 200


def test_too_early_too_late_and_not_to_be_split(ask, channel):
    channel.pay("EARLY", MERCHANT, 100, ago=30)
    channel.pay("LATE", MERCHANT, 100, ago=31 * 86_400)
    channel.pay("PLAIN", MERCHANT, 100, splits=False)
    for payment in ("EARLY", "LATE", "PLAIN"):
        status, told = split(ask, "S9", (1, "19001"), payment=payment)
        assert (status, told["code"]) == (403, "RULE_LIMIT")
    assert split(ask, "S9", (1, "19001"), payment="NONE")[1]["code"] == "ORDER_NOT_EXIST"
    channel.advance(60)
    assert split(ask, "S9", (1, "19001"), payment="EARLY")[0] == 200


def test_a_receiver_that_fails_gives_its_part_back(ask, channel):
    split(ask, "S1", (500, "19001"), (700, "19002"))
    channel.settle()
    _status, told = ask("GET", "/v3/profitsharing/orders/S1?transaction_id=T1")
    assert [one["result"] for one in told["receivers"]] == ["SUCCESS", "CLOSED"]
    assert told["receivers"][1]["fail_reason"] == "NO_RELATION"
    assert ask("GET", "/v3/profitsharing/transactions/T1/amounts")[1]["unsplit_amount"] == 9440


def test_the_rest_is_given_free(ask, channel):
    split(ask)
    body = {"transaction_id": "T1", "out_order_no": "U1", "description": "done"}
    assert ask("POST", "/v3/profitsharing/orders/unfreeze", body)[0] == 200
    channel.settle()
    assert ask("GET", "/v3/profitsharing/transactions/T1/amounts")[1]["unsplit_amount"] == 0
    assert split(ask, "S2")[1]["code"] == "RULE_LIMIT"


def back(ask, number="R1", fen=400, account="19001", of="S1"):
    body = {"out_order_no": of, "out_return_no": number, "return_mchid": account, "amount": fen}
    return ask("POST", "/v3/profitsharing/return-orders", body)


def test_a_return(ask, channel):
    split(ask)
    channel.settle()
    assert back(ask)[1]["result"] == "SUCCESS"
    assert back(ask)[1]["amount"] == 400  # the same number: the same return
    assert channel.balance("19001") == 600
    assert back(ask, "R2", 601)[1]["code"] == "RULE_LIMIT"
    assert ask("GET", "/v3/profitsharing/return-orders/R1?out_order_no=S1")[1]["amount"] == 400
    channel.receiver("19001", balance=100)
    assert back(ask, "R3", 200)[1]["code"] == "NOT_ENOUGH"
    channel.receiver("19001", balance=600, consents=False)
    assert back(ask, "R3", 200)[1]["code"] == "NO_AUTH"


def test_a_person_cannot_give_back(ask, channel):
    ask("POST", "/v3/profitsharing/receivers/add", receiver("openid", "PERSONAL_OPENID"))
    body = order("S1", (300, "openid"))
    body["receivers"][0]["type"] = "PERSONAL_OPENID"
    ask("POST", "/v3/profitsharing/orders", body)
    channel.settle()
    assert back(ask, fen=1, account="openid")[1]["code"] == "RULE_LIMIT"


def test_signatures(ask, channel):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = "/v3/profitsharing/transactions/T1/amounts"
    assert ask("GET", path, signer=other)[1]["code"] == "SIGN_ERROR"
    assert ask("GET", path, stamp=int(time.time()) - 400)[1]["code"] == "SIGN_ERROR"
    channel.fault("wrong_signature")
    with pytest.raises(InvalidSignature):
        ask("GET", path)


@pytest.mark.parametrize("fault, kept", [("cut_before", 0), ("cut_after", 1)])
def test_cut_connections(ask, channel, fault, kept):
    channel.fault(fault)
    with pytest.raises((http.client.HTTPException, OSError)):
        split(ask)
    assert len(channel.books()["orders"]) == kept
    assert split(ask)[0] == 200
    channel.settle()
    assert channel.balance("19001") == 1000


@pytest.mark.parametrize(
    "fault, status, code, kept",
    [
        ("error_after", 500, "SYSTEM_ERROR", 1),
        ("throttled", 429, "FREQUENCY_LIMITED", 0),
        ("no_balance", 403, "NOT_ENOUGH", 0),
    ],
)
def test_planted_errors(ask, channel, fault, status, code, kept):
    channel.fault(fault)
    found, told = split(ask)
    assert (found, told["code"], len(channel.books()["orders"])) == (status, code, kept)
