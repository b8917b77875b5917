"""The simulated Alipay against an independent little client."""

import base64
import http.client
import json
import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from simulators.alipay import AlipaySimulator

APP, SELLER, GUEST, MCN = "2021000001", "2088000000000001", "2088000000000002", "2088000000000003"
SETTLE, QUERY = "alipay.trade.order.settle", "alipay.trade.order.settle.query"
REFUND, BIND = "alipay.trade.refund", "alipay.trade.royalty.relation.bind"
LEFT = "alipay.trade.order.onsettle.query"


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
    with AlipaySimulator(tmp_path / "books", {APP: pem.decode()}, key=channel_key) as channel:
        channel.pay("T1", APP, SELLER, 10_000, fee=60)
        yield channel
        channel.check()


@pytest.fixture
def ask(channel, key):
    """Send a signed request; the answer's node, its signature verified."""

    def send(method, content, signer=key, changed=None, **common):
        beijing = datetime.fromtimestamp(time.time(), UTC) + timedelta(hours=8)
        fields = {
            "app_id": APP, "method": method, "charset": "utf-8", "sign_type": "RSA2",
            "timestamp": beijing.strftime("%Y-%m-%d %H:%M:%S"), "version": "1.0",
            "biz_content": json.dumps(content),
        } | common  # fmt: skip
        text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name])
        signature = signer.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        fields["sign"] = base64.b64encode(signature).decode()
        parts = urlsplit(channel.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        form = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        try:
            connection.request("POST", parts.path, urlencode(fields | (changed or {})), form)
            raw = connection.getresponse().read().decode()
        finally:
            connection.close()
        name, node, sign = re.fullmatch(r'\{"(\w+)":(.*),"sign":"([^"]+)"\}', raw).groups()
        serialization.load_pem_public_key(channel.public_key.encode()).verify(
            base64.b64decode(sign), node.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        assert name in (method.replace(".", "_") + "_response", "error_response")
        return json.loads(node)

    return send


@pytest.fixture
def bound(ask):
    """Two receivers, registered."""
    people = [{"type": "userId", "account": one, "name": "甲"} for one in (GUEST, MCN)]
    assert ask(BIND, {"out_request_no": "B1", "receiver_list": people})["result_code"] == "SUCCESS"


def split(ask, number="S1", *parts, payment="T1", mode="async", **more):
    return ask(SETTLE, {
        "out_request_no": number, "trade_no": payment, "royalty_mode": mode,
        "royalty_parameters": [
            {"trans_in_type": "userId", "trans_in": account, "amount": yuan, "desc": "a/b"}
            for yuan, account in parts or (("10.00", GUEST),)
        ],
    } | more)  # fmt: skip


def details(ask, number="S1", payment="T1"):
    told = ask(QUERY, {"out_request_no": number, "trade_no": payment})
    return [(one["state"], one.get("error_code")) for one in told["royalty_detail_list"]]


def refund(ask, number="R1", yuan="10.00", *takings):
    return ask(REFUND, {
        "trade_no": "T1", "out_request_no": number, "refund_amount": yuan,
        "refund_royalty_parameters": [
            {"trans_out": account, "trans_out_type": "userId", "amount": part}
            for part, account in takings
        ],
    })  # fmt: skip


def test_an_asynchronous_split_is_taken_then_done(ask, bound, channel):
    told = split(ask)
    assert (told["code"], told["trade_no"]) == ("10000", "T1")
    assert details(ask) == [("PROCESSING", None)]
    assert channel.balance(GUEST) == 0
    assert channel.settle() == 1
    assert channel.settle() == 0
    by_number = ask(QUERY, {"settle_no": told["settle_no"]})
    [detail] = by_number["royalty_detail_list"]
    assert (detail["state"], detail["amount"], detail["trans_in"]) == ("SUCCESS", "10.00", GUEST)
    assert (channel.balance(GUEST), channel.balance(SELLER)) == (1000, 8940)
    assert ask(LEFT, {"trade_no": "T1"})["unsettled_amount"] == "89.40"


def test_a_synchronous_split_is_done_at_once(ask, bound, channel):
    assert split(ask, "S1", ("10.00", GUEST), ("0.01", MCN), mode="sync")["code"] == "10000"
    assert details(ask) == [("SUCCESS", None)] * 2
    assert (channel.balance(GUEST), channel.balance(MCN)) == (1000, 1)


def test_a_synchronous_split_is_all_or_nothing(ask, bound, channel):
    channel.receiver(MCN, blocked="ROYALTY_ACCOUNT_NOT_EXIST")
    told = split(ask, "S1", ("10.00", GUEST), ("0.01", MCN), mode="sync")
    assert (told["code"], told["sub_code"]) == ("40004", "ACQ.ROYALTY_ACCOUNT_NOT_EXIST")
    assert channel.books()["requests"] == []
    assert (channel.balance(GUEST), channel.balance(SELLER)) == (0, 9940)


def test_an_asynchronous_split_succeeds_in_part(ask, bound, channel):
    split(ask, "S1", ("10.00", GUEST), ("20.00", "2088000000000009"))
    channel.settle()
    assert details(ask) == [("SUCCESS", None), ("FAIL", "ROYALTY_RECEIVER_INVALID")]
    # what failed goes back under the cap
    assert split(ask, "S2", ("20.00", MCN))["code"] == "10000"


def test_the_same_number_is_the_same_request(ask, bound, channel):
    assert split(ask) == split(ask)
    assert split(ask, "S1", ("9.99", GUEST))["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    channel.settle()
    assert split(ask)["code"] == "10000"
    assert channel.settle() == 0
    assert channel.balance(GUEST) == 1000


@pytest.mark.parametrize(
    "parts, mode, code",
    [
        ((("30.01", GUEST),), "async", "ALLOC_AMOUNT_VALIDATE_ERROR"),
        ((("0.00", GUEST),), "async", "INVALID_PARAMETER"),
        ((("10", GUEST),), "async", "INVALID_PARAMETER"),
        ((("-1.00", GUEST),), "async", "INVALID_PARAMETER"),
        ((("0.01", GUEST),) * 51, "async", "INVALID_PARAMETER"),
        ((("0.01", GUEST),) * 6, "sync", "INVALID_PARAMETER"),
        ((("0.01", "2088000000000009"),), "sync", "ROYALTY_RECEIVER_INVALID"),
        ((("0.01", GUEST),), "later", "INVALID_PARAMETER"),
    ],
)
def test_what_the_limits_refuse(ask, bound, channel, parts, mode, code):
    assert split(ask, "S2", *parts, mode=mode)["sub_code"] == f"ACQ.{code}"
    assert channel.books()["requests"] == []


@pytest.mark.parametrize("mode, most", [("sync", 50), ("async", 300)])
def test_requests_of_a_payment(ask, bound, mode, most):
    for number in range(most):
        assert split(ask, f"S{number}", ("0.01", GUEST), mode=mode)["code"] == "10000"
    assert split(ask, "MORE", ("0.01", GUEST), mode=mode)["sub_code"] == "ACQ.ILLEGAL_SETTLE_STATE"


def test_the_ratio_counts_all_requests(ask, bound):
    assert ask("alipay.trade.royalty.rate.query", {"out_request_no": "Q"})["max_ratio"] == 30
    assert split(ask, "S1", ("20.00", GUEST))["code"] == "10000"
    assert split(ask, "S2", ("10.01", GUEST))["sub_code"] == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    assert split(ask, "S2", ("10.00", GUEST))["code"] == "10000"


def test_what_was_refunded_is_not_split(ask, bound):
    assert refund(ask, "R1", "80.00")["code"] == "10000"
    left = ask(LEFT, {"trade_no": "T1"})["unsettled_amount"]
    assert left == "19.40"
    assert split(ask, "S1", ("19.41", GUEST))["sub_code"] == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    assert split(ask, "S1", (left, GUEST))["code"] == "10000"


def test_what_is_not_frozen_is_not_split(ask, bound, channel):
    channel.pay("LATE", APP, SELLER, 100, ago=30 * 86_400 + 60)
    channel.pay("PLAIN", APP, SELLER, 100, freezes=False)
    for payment in ("LATE", "PLAIN"):
        told = split(ask, "S9", ("0.01", GUEST), payment=payment)
        assert told["sub_code"] == "ACQ.ILLEGAL_SETTLE_STATE"
    told = split(ask, "S9", ("0.01", GUEST), payment="NONE")
    assert told["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert split(ask, "S9", ("0.01", GUEST))["code"] == "10000"
    channel.advance(31 * 86_400)
    assert split(ask, "S8", ("0.01", GUEST))["sub_code"] == "ACQ.ILLEGAL_SETTLE_STATE"


def test_the_rest_is_given_free(ask, bound, channel):
    split(ask, extend_params={"royalty_finish": "true"})
    channel.settle()
    assert ask(LEFT, {"trade_no": "T1"})["unsettled_amount"] == "0.00"
    assert split(ask, "S2")["sub_code"] == "ACQ.ILLEGAL_SETTLE_STATE"


def test_the_balance_must_suffice(ask, bound, channel):
    channel.receiver(SELLER, balance=999)
    code = "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH"
    assert split(ask, mode="sync")["sub_code"] == f"ACQ.{code}"
    split(ask)
    channel.settle()
    assert details(ask) == [("FAIL", code)]
    assert channel.balance(SELLER) == 999


def test_relations(ask, bound):
    listed = "alipay.trade.royalty.relation.batchquery"
    told = ask(listed, {"out_request_no": "L", "page_num": 2, "page_size": 1})
    assert [one["account"] for one in told["receiver_list"]] == [MCN]
    assert (told["total_page_num"], told["total_record_num"]) == (2, 2)
    one = {"type": "userId", "account": MCN}
    ask("alipay.trade.royalty.relation.unbind", {"out_request_no": "U", "receiver_list": [one]})
    assert (
        split(ask, "S1", ("0.01", MCN), mode="sync")["sub_code"] == "ACQ.ROYALTY_RECEIVER_INVALID"
    )
    assert ask(BIND, {"out_request_no": "B"})["sub_code"] == "ACQ.RECEIVER_LIST_EMPTY"
    wrong = {"out_request_no": "B", "receiver_list": [{"type": "phone", "account": "1"}]}
    assert ask(BIND, wrong)["sub_code"] == "ACQ.INVALID_RECEIVER_TYPE"


def test_a_refund_takes_back(ask, bound, channel):
    split(ask, mode="sync")
    told = refund(ask, "R1", "40.00", ("4.00", GUEST))
    assert (told["refund_fee"], told["fund_change"]) == ("40.00", "Y")
    assert refund(ask, "R1", "40.00", ("4.00", GUEST))["fund_change"] == "N"
    assert (channel.balance(GUEST), channel.balance(SELLER)) == (600, 8940 + 400 - 4000)
    told = ask("alipay.trade.fastpay.refund.query", {"trade_no": "T1", "out_request_no": "R1"})
    assert (told["refund_status"], told["refund_amount"]) == ("REFUND_SUCCESS", "40.00")
    assert told["refund_royaltys"][0]["refund_amount"] == "4.00"
    told = ask("alipay.trade.fastpay.refund.query", {"trade_no": "T1", "out_request_no": "R9"})
    assert told["code"] == "10000" and "refund_status" not in told


@pytest.mark.parametrize(
    "number, yuan, part, left, code",
    [
        ("R1", "1.00", "0.50", 1000, "DISCORDANT_REPEAT_REQUEST"),
        ("R2", "1.00", "9.01", 1000, "ALLOC_AMOUNT_VALIDATE_ERROR"),
        ("R2", "99.01", "1.00", 1000, "REFUND_AMT_NOT_EQUAL_TOTAL"),
        ("R2", "1.00", "9.00", 899, "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH"),
        ("R2", "95.00", "1.00", 1000, "SELLER_BALANCE_NOT_ENOUGH"),
    ],
)
def test_what_a_refund_refuses(ask, bound, channel, number, yuan, part, left, code):
    split(ask, mode="sync")
    assert refund(ask, "R1", "1.00", ("1.00", GUEST))["code"] == "10000"
    channel.receiver(GUEST, balance=left)
    assert refund(ask, number, yuan, (part, GUEST))["sub_code"] == f"ACQ.{code}"
    assert channel.balance(GUEST) == left
    assert len(channel.books()["takings"]) == 1


def test_signatures(ask, bound, channel):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wrong = "isv.invalid-signature"
    assert ask(LEFT, {"trade_no": "T1"}, signer=other)["sub_code"] == wrong
    assert ask(LEFT, {"trade_no": "T1"}, changed={"version": "1.1"})["sub_code"] == wrong
    assert ask(LEFT, {"trade_no": "T1"}, app_id="2021000002")["sub_code"] == wrong
    assert ask(LEFT, {"trade_no": "T1"}, notify_url="")["code"] == "10000"  # empty: not signed
    channel.fault("wrong_signature")
    with pytest.raises(InvalidSignature):
        ask(LEFT, {"trade_no": "T1"})


def test_times_are_of_beijing(ask):
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    for stamp in (now, "now"):
        told = ask(LEFT, {"trade_no": "T1"}, timestamp=stamp)
        assert told["sub_code"] == "isv.invalid-timestamp"


def test_common_parameters(ask):
    assert ask("alipay.trade.pay", {})["sub_code"] == "isv.invalid-method"
    assert ask(LEFT, {}, sign_type="RSA")["sub_code"] == "isv.invalid-sign-type"
    assert ask(LEFT, [])["sub_code"] == "isv.invalid-parameter"


@pytest.mark.parametrize("fault, kept", [("cut_before", 0), ("cut_after", 1)])
def test_cut_connections(ask, bound, channel, fault, kept):
    channel.fault(fault)
    with pytest.raises((http.client.HTTPException, OSError)):
        split(ask)
    assert len(channel.books()["requests"]) == kept
    assert split(ask)["code"] == "10000"
    channel.settle()
    assert channel.balance(GUEST) == 1000


@pytest.mark.parametrize(
    "fault, code, sub_code, kept",
    [
        ("error_after", "20000", "ACQ.SYSTEM_ERROR", 1),
        ("throttled", "40005", "isv.app-call-limited", 0),
        ("no_balance", "40004", "ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", 0),
    ],
)
def test_planted_errors(ask, bound, channel, fault, code, sub_code, kept):
    channel.fault(fault)
    told = split(ask)
    assert (told["code"], told["sub_code"]) == (code, sub_code)
    assert len(channel.books()["requests"]) == kept
    assert details(ask) if kept else split(ask)["code"] == "10000"


def test_what_is_not_there(ask, bound):
    split(ask)
    for asked in ({"out_request_no": "S2", "trade_no": "T1"}, {"out_request_no": "S1"}, {}):
        assert ask(QUERY, asked)["sub_code"] == "ACQ.SETTLE_NOT_EXIST"


def test_books_outlive_the_channel(tmp_path, key):
    with AlipaySimulator(tmp_path / "kept", {}) as first:
        first.pay("T1", APP, SELLER, 100)
    with AlipaySimulator(tmp_path / "kept", {}) as second:
        assert second.balance(SELLER) == 100


def test_control_over_http(channel):
    connection = http.client.HTTPConnection(urlsplit(channel.url).netloc, timeout=10)
    try:
        connection.request("POST", "/_sim/balance", json.dumps({"account": SELLER}))
        assert json.loads(connection.getresponse().read()) == 9940
        connection.request("POST", "/_sim/answer", "{}")
        assert connection.getresponse().status == 404
    finally:
        connection.close()
