"""Alipay: RSA2 over raw values and raw nodes, contents in yuan, answers."""

import base64
import json
from urllib.parse import parse_qsl, urlencode

import pytest
from channel_split_pay.core import alipay
from channel_split_pay.core.answers import Answer, Result, Share, Untrusted
from channel_split_pay.core.states import Said
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_795_000_000  # 2026-11-18 11:06:40 UTC
OURS = rsa.generate_private_key(65537, 2048)
THEIRS = rsa.generate_private_key(65537, 2048)
NODE = '{"code":"10000", "备注":"甲\\/乙 \\"sign\\":\\"x\\" }","trade_no":"T1"}'


def signature_of(text, key=THEIRS):
    signed = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signed).decode()


def answer(node=NODE, sign=None, name="alipay_trade_order_settle_response"):
    return f'{{"{name}":{node},"sign":"{sign or signature_of(node)}"}}'.encode()


def check(body):
    return alipay.verify(THEIRS.public_key(), alipay.SETTLE, body)


def test_a_request_signs_sorted_raw_values():
    content = '{"备注":"甲 & 乙=1+1"}'
    body = alipay.request(OURS, "2021", alipay.SETTLE, content.encode(), NOW)
    fields = dict(parse_qsl(body.decode(), strict_parsing=True))
    signature = base64.b64decode(fields.pop("sign"))
    text = (
        f"app_id=2021&biz_content={content}&charset=utf-8&method=alipay.trade.order.settle"
        "&sign_type=RSA2&timestamp=2026-11-18 19:06:40&version=1.0"
    )
    key = OURS.public_key()
    key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, text.encode() + b" ", padding.PKCS1v15(), hashes.SHA256())
    assert "&".join(f"{name}={value}" for name, value in sorted(fields.items())) == text


def test_a_node_is_trusted_as_it_was_sent():
    assert check(answer()) == NODE.encode()
    sign = signature_of(NODE)
    turned = f' {{ "sign" : "{sign}" ,\n"alipay_trade_order_settle_response" : {NODE} }}\n'
    assert check(turned.encode()) == NODE.encode()


def test_encoding_it_anew_would_not_do():
    again = json.dumps(json.loads(NODE), ensure_ascii=False, separators=(",", ":"))
    with pytest.raises(Untrusted):
        check(answer(again, signature_of(NODE)))


@pytest.mark.parametrize(
    "body",
    [
        answer(sign=signature_of(NODE, OURS)),
        answer(sign=signature_of(NODE + " ")),
        answer(sign="x"),
        answer(name="alipay_trade_order_settle_query_response"),
        answer(name="error_response"),
        f'{{"alipay_trade_order_settle_response":{NODE}}}'.encode(),
        f'{{"alipay_trade_order_settle_response":{NODE},"sign":1}}'.encode(),
        answer().replace(b"{", b'{"alipay_trade_order_settle_response":{"code":"10000"},', 1),
        answer()[:-1],
        answer() + b"{}",
        answer().replace(b',"sign"', b';"sign"'),
        answer().decode().encode("gbk"),
        b"[" * 100_000,
        b"<html>",
        b"[]",
        b"{}",
        b"{1:2}",
        b"",
    ],
)
def test_anything_else_is_not(body):
    with pytest.raises(Untrusted):
        check(body)


@given(st.dictionaries(st.text(), st.recursive(st.text() | st.integers(), st.lists)))
def test_any_node_is_found_as_it_was_sent(values):
    for node in (json.dumps(values), json.dumps(values, ensure_ascii=False, indent=1)):
        try:
            body = answer(node)
        except UnicodeEncodeError:  # half a character cannot be sent
            continue
        assert check(body) == node.encode()


def notice(changed=None, unsigned=None, key=THEIRS):
    """A notification: signed over its fields without ``sign_type`` and what is empty."""
    fields = {"app_id": "2021", "notify_id": "N1", "biz_content": '{"a":"甲&+"}', "memo": ""}
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name])
    more = {"sign": signature_of(text, key), "sign_type": "RSA2"}
    return urlencode(fields | more | (changed or {})).encode() + (unsigned or b"")


def test_a_notification_is_trusted():
    fields = alipay.verify_notice(THEIRS.public_key(), "2021", notice())
    assert (fields["notify_id"], fields["biz_content"]) == ("N1", '{"a":"甲&+"}')


@pytest.mark.parametrize(
    "body, app",
    [
        (notice(key=OURS), "2021"),
        (notice(), "2022"),
        (notice({"biz_content": "{}"}), "2021"),
        (notice({"memo": "x"}), "2021"),
        (notice({"sign": ""}), "2021"),
        (notice(unsigned=b"&notify_id=N2"), "2021"),
        (notice(unsigned=b"&more=1"), "2021"),
        (notice(unsigned=b"&biz_content="), "2021"),  # what is empty is not signed
        (notice(unsigned=b"&memo=%ff"), "2021"),
        (b"", "2021"),
        (b"\xff", "2021"),
    ],
)
def test_any_other_notification_is_not(body, app):
    with pytest.raises(Untrusted):
        alipay.verify_notice(THEIRS.public_key(), app, body)


def test_a_notification_without_its_number_is_not():
    sign = signature_of("app_id=2021")
    body = urlencode({"app_id": "2021", "sign": sign}).encode()
    with pytest.raises(Untrusted):
        alipay.verify_notice(THEIRS.public_key(), "2021", body)


SHARES = [Share("user", "2088", 1, "甲"), Share("login", "a@b.cn", 3000, "b")]


def test_split_body_says_yuan():
    body = alipay.split_body("T1", "QD-1", SHARES)
    assert body == alipay.split_body("T1", "QD-1", SHARES)
    transfer = {"royalty_type": "transfer"}
    assert json.loads(body) == {
        "out_request_no": "QD-1",
        "trade_no": "T1",
        "royalty_mode": "async",
        "extend_params": {"royalty_finish": "false"},
        "royalty_parameters": [
            transfer
            | {"trans_in_type": "userId", "trans_in": "2088", "amount": "0.01", "desc": "甲"},
            transfer
            | {"trans_in_type": "loginName", "trans_in": "a@b.cn", "amount": "30.00", "desc": "b"},
        ],
    }
    last = json.loads(alipay.split_body("T1", "QD-1", SHARES, unfreeze=True, mode="sync"))
    assert last["royalty_mode"] == "sync"
    assert last["extend_params"] == {"royalty_finish": "true"}


def test_refund_body_takes_from_receivers():
    body = json.loads(alipay.refund_body("T1", "R-1", 12_345, SHARES[:1]))
    assert (body["trade_no"], body["out_request_no"], body["refund_amount"]) == (
        "T1",
        "R-1",
        "123.45",
    )
    [taking] = body["refund_royalty_parameters"]
    assert (taking["trans_out_type"], taking["trans_out"]) == ("userId", "2088")
    assert taking["amount"] == "0.01"
    assert "trans_in" not in taking


def test_other_bodies():
    assert json.loads(alipay.query_body("QD-1", "T1")) == {
        "out_request_no": "QD-1",
        "trade_no": "T1",
    }
    named = json.loads(alipay.receiver_body("B-1", "login", "a@b.cn", "张三"))
    assert named["receiver_list"] == [{"type": "loginName", "account": "a@b.cn", "name": "张三"}]
    plain = json.loads(alipay.receiver_body("B-1", "user", "2088", ""))
    assert plain["receiver_list"] == [{"type": "userId", "account": "2088"}]


@pytest.mark.parametrize("fen", [0, -1])
def test_only_positive_amounts_are_sent(fen):
    with pytest.raises(ValueError):
        alipay.split_body("T1", "QD-1", [Share("user", "2088", fen, "")])


def node(**values):
    return json.dumps({"code": "10000"} | values).encode()


def told(*states, number="QD-1", **more):
    rows = [
        {"operation_type": "transfer", "trans_in": "2088", "amount": "0.05", "state": state} | more
        for state in states
    ]
    return node(out_request_no=number, royalty_detail_list=rows)


def error(code, sub_code):
    return node(code=code, sub_code=sub_code)


@pytest.mark.parametrize(
    "body, question, said",
    [
        (node(trade_no="T1", settle_no="S1"), False, Said.RUNNING),
        (told("SUCCESS", "SUCCESS"), True, Said.DONE),
        (told("SUCCESS", "FAIL"), True, Said.PARTLY),
        (told("FAIL"), True, Said.NONE_PAID),
        (told("PROCESSING", "SUCCESS"), True, Said.RUNNING),
        (told("SOMETHING"), True, Said.RUNNING),
        (told(), True, Said.RUNNING),
        (told("SUCCESS", operation_type="replenish"), True, Said.RUNNING),
        (error("40004", "ACQ.SETTLE_NOT_EXIST"), True, Said.NOT_FOUND),
        (error("40004", "ACQ.TRADE_NOT_EXIST"), True, Said.NOT_FOUND),
        (error("40004", "ACQ.TRADE_NOT_EXIST"), False, Said.REFUSED),
        (error("40004", "ACQ.SOMETHING"), True, Said.SILENT),
        (error("40004", "ACQ.ROYALTY_RECEIVER_INVALID"), False, Said.REFUSED),
        (error("40002", "isv.invalid-signature"), False, Said.REFUSED),
        (error("40002", "isv.invalid-signature"), True, Said.SILENT),
        (error("40004", "ACQ.SYSTEM_ERROR"), False, Said.SILENT),
        (error("40004", "aop.ACQ.SYSTEM_ERROR"), False, Said.SILENT),
        (error("20000", "ACQ.SYSTEM_ERROR"), False, Said.SILENT),
        (error("20000", "aop.unknow-error"), True, Said.SILENT),
        (error("20000", "ACQ.SETTLE_NOT_EXIST"), False, Said.SILENT),
        (error("40005", "isv.app-call-limited"), False, Said.LATER),
        (error("40005", "isv.app-call-limited"), True, Said.LATER),
        (error("10003", ""), False, Said.SILENT),
        (b"{}", False, Said.SILENT),
    ],
)
def test_what_an_answer_says(body, question, said):
    assert alipay.read(body, "QD-1", "T1", question=question).said is said


@pytest.mark.parametrize(
    "body, question",
    [
        (b"<html>", True),
        (b"[]", True),
        (told("SUCCESS", number="QD-2"), True),
        (node(royalty_detail_list=[]), True),
        (node(trade_no="T2"), False),
        (node(), False),
        (told("SUCCESS", amount="x"), True),
        (told("SUCCESS", amount="0.001"), True),
        (told("SUCCESS", amount="NaN"), True),
        (told("SUCCESS", amount=None), True),
        (node(out_request_no="QD-1", royalty_detail_list=[{}]), True),
        (node(out_request_no="QD-1", royalty_detail_list=["x"]), True),
        (node(out_request_no="QD-1", royalty_detail_list=1), True),
        (told(["SUCCESS"]), True),
    ],
)
def test_what_cannot_be_read_proves_nothing(body, question):
    with pytest.raises(Untrusted):
        alipay.read(body, "QD-1", "T1", question=question)


@pytest.mark.parametrize("amount, fen", [("30.00", 3000), (30, 3000), (0.29, 29), ("1e1", 1000)])
def test_amounts_are_exact(amount, fen):
    [result] = alipay.read(told("SUCCESS", amount=amount), "QD-1", "T1", question=True).results
    assert result.fen == fen


@given(st.integers(1, 10**11))
def test_amounts_go_and_come(fen):
    [part] = json.loads(alipay.split_body("T", "N", [Share("user", "1", fen, "")]))[
        "royalty_parameters"
    ]
    answer = alipay.read(told("SUCCESS", amount=part["amount"]), "QD-1", "T1", question=True)
    assert answer.results[0].fen == fen


def test_reasons_and_numbers_are_kept():
    code = "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH"
    body = told("FAIL", error_code=code, detail_id="36")
    assert alipay.read(body, "QD-1", "T1", question=True).results == (
        Result("2088", 5, "CLOSED", code, "36"),
    )
    refused = node(code="40004", msg="Business Failed", sub_code="ACQ.X", sub_msg="why")
    assert alipay.read(refused, "QD-1", "T1", question=False) == Answer(
        Said.REFUSED, "ACQ.X", "why"
    )
    silent = node(code="20000", msg="Unavailable")
    assert alipay.read(silent, "QD-1", "T1", question=False) == Answer(
        Said.SILENT, "20000", "Unavailable"
    )


@pytest.mark.parametrize(
    "values, question, said",
    [
        ({"fund_change": "Y"}, False, Said.DONE),
        ({"fund_change": "N"}, False, Said.RUNNING),
        ({}, False, Said.RUNNING),
        ({"out_request_no": "R1", "refund_status": "REFUND_SUCCESS"}, True, Said.DONE),
        ({"out_request_no": "R1", "refund_amount": "1.00"}, True, Said.RUNNING),
        ({}, True, Said.NOT_FOUND),
        ({"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}, False, Said.REFUSED),
        ({"code": "20000", "sub_code": "ACQ.SYSTEM_ERROR"}, False, Said.SILENT),
    ],
)
def test_what_an_answer_about_a_refund_says(values, question, said):
    body = node(**{"trade_no": "T1"} | values)
    assert alipay.read_refund(body, "R1", "T1", question=question).said is said


@pytest.mark.parametrize(
    "values, question",
    [
        ({"trade_no": "T2", "fund_change": "Y"}, False),
        ({"trade_no": "T2"}, True),
        ({"trade_no": "T1", "out_request_no": "R2", "refund_status": "REFUND_SUCCESS"}, True),
    ],
)
def test_an_answer_about_another_refund_proves_nothing(values, question):
    with pytest.raises(Untrusted):
        alipay.read_refund(node(**values), "R1", "T1", question=question)


@pytest.mark.parametrize(
    "url, allowed",
    [
        ("https://openapi.alipay.com/gateway.do", True),
        ("http://127.0.0.1:8123/gateway.do", True),
        ("http://127.0.0.1:8123", False),
        ("http://openapi.alipay.com/gateway.do", False),
        ("https://openapi.alipay.com/gateway.do?x=1", False),
        ("https://openapi.alipay.com.evil.example/gateway.do", False),
        ("http://a@127.0.0.1:1/gateway.do", False),
        ("", False),
    ],
)
def test_where_requests_may_go(url, allowed):
    assert alipay.is_address(url) is allowed
