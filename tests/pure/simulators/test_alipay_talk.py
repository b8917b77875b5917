"""The connector's Alipay messages against the simulated Alipay, over real HTTP."""

import time
import urllib.request

import pytest
from channel_split_pay.core import alipay, answers, states
from channel_split_pay.core.answers import Share, Untrusted
from channel_split_pay.core.states import Message, Said, State, Step
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simulators.alipay import AlipaySimulator

APP, SELLER, HOST, MCN = "2021000001", "2088000000000001", "2088000000000002", "2088000000000003"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def channel(tmp_path):
    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with AlipaySimulator(tmp_path / "books", {APP: pem.decode()}) as channel:
        channel.pay("T1", APP, SELLER, 10_000, fee=60)
        yield channel
        channel.check()


@pytest.fixture
def post(channel):
    """The verified node that answers a content."""
    assert alipay.is_address(channel.url)
    key = answers.public_key(channel.public_key)

    def post(method, content):
        body = alipay.request(KEY, APP, method, content, int(time.time()))
        with urllib.request.urlopen(channel.url, body, timeout=10) as answer:
            return alipay.verify(key, method, answer.read())

    return post


@pytest.fixture
def bound(post):
    for number, account in enumerate((HOST, MCN)):
        body = alipay.receiver_body(f"B{number}", "user", account, "甲/乙")
        assert answers.values_of(post(alipay.BIND, body))["result_code"] == "SUCCESS"


class Talk:
    """One request through its states, as a sender drives it."""

    def __init__(self, post, *shares, number="QD-1", mode="async"):
        self.post, self.number, self.message = post, number, Message()
        self.body = alipay.split_body("T1", number, shares or (share(),), mode=mode)
        self.answer = None

    def step(self):
        if states.next_step(self.message) is Step.SEND:
            self.message = states.begin(self.message)
            self.message = states.sent(self.message, self._said(alipay.SETTLE, self.body))
        else:
            asks = alipay.query_body(self.number, "T1")
            self.message = states.asked(self.message, self._said(alipay.QUERY, asks))
        return self.message.state

    def _said(self, method, body):
        try:
            node = self.post(method, body)
            question = method == alipay.QUERY
            self.answer = alipay.read(node, self.number, "T1", question=question)
        except (OSError, Untrusted):
            return Said.SILENT
        return self.answer.said


def share(fen=1000, account=HOST):
    return Share("user", account, fen, '提成 "sign":"x"}')


def test_taken_asked_done(channel, post, bound):
    talk = Talk(post, share(1000), share(1, MCN))
    assert [talk.step(), talk.step()] == [State.UNKNOWN, State.UNKNOWN]
    assert [result.result for result in talk.answer.results] == ["PENDING", "PENDING"]
    channel.settle()
    assert talk.step() is State.DONE
    found = [(one.account, one.fen, one.result) for one in talk.answer.results]
    assert found == [(HOST, 1000, "SUCCESS"), (MCN, 1, "SUCCESS")]
    assert (channel.balance(HOST), channel.balance(MCN)) == (1000, 1)


def test_at_once(channel, post, bound):
    talk = Talk(post, mode="sync")
    assert [talk.step(), talk.step()] == [State.UNKNOWN, State.DONE]
    assert channel.balance(HOST) == 1000


def test_a_receiver_without_relation_fails_alone(channel, post, bound):
    talk = Talk(post, share(1000), share(500, "2088000000000009"))
    talk.step()
    channel.settle()
    assert talk.step() is State.PARTLY
    failed = talk.answer.results[1]
    assert (failed.result, failed.fail_reason) == ("CLOSED", "ROYALTY_RECEIVER_INVALID")


def test_no_relation_at_all(channel, post):
    talk = Talk(post)
    talk.step()
    channel.settle()
    assert talk.step() is State.FAILED
    assert not talk.message.refused  # finished by the channel: it needs a new number
    sync = Talk(post, number="QD-2", mode="sync")
    assert sync.step() is State.FAILED and sync.message.refused
    assert sync.answer.code == "ACQ.ROYALTY_RECEIVER_INVALID"


def test_above_the_cap(channel, post, bound):
    assert Talk(post, share(2000)).step() is State.UNKNOWN
    second = Talk(post, share(1001), number="QD-2")
    assert second.step() is State.FAILED
    assert second.answer.code == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    assert len(channel.books()["requests"]) == 1


@pytest.mark.parametrize("fault", ["cut_after", "error_after", "wrong_signature"])
def test_taken_but_not_told_is_found_by_asking(channel, post, bound, fault):
    channel.fault(fault)
    talk = Talk(post)
    assert talk.step() is State.UNKNOWN
    channel.settle()
    assert talk.step() is State.DONE
    assert talk.message.attempts == 1
    books = channel.books()
    assert [row["amount"] for row in books["details"]] == [1000]
    assert (channel.balance(HOST), channel.balance(SELLER)) == (1000, 8940)


def test_not_taken_and_not_told_is_sent_again_after_asking(channel, post, bound):
    channel.fault("cut_before")
    talk = Talk(post)
    assert [talk.step(), talk.step(), talk.step()] == [State.UNKNOWN, State.NEW, State.UNKNOWN]
    channel.settle()
    assert talk.step() is State.DONE
    assert (talk.message.attempts, channel.balance(HOST)) == (2, 1000)


def test_too_many_requests_are_sent_later(channel, post, bound):
    channel.fault("throttled")
    talk = Talk(post)
    assert [talk.step(), talk.step()] == [State.NEW, State.UNKNOWN]


def test_no_balance(channel, post, bound):
    channel.fault("no_balance")
    talk = Talk(post)
    assert talk.step() is State.FAILED and talk.message.refused
    talk.message = states.again(talk.message)
    assert [talk.step(), talk.step()] == [State.NEW, State.UNKNOWN]


@pytest.mark.parametrize("method", [alipay.SETTLE, alipay.QUERY])
def test_a_wrong_signature_is_not_believed(channel, post, bound, method):
    channel.fault("wrong_signature")
    with pytest.raises(Untrusted):
        post(method, alipay.split_body("T1", "QD-1", [share()]))


def test_the_channel_refuses_what_we_did_not_sign(channel, bound):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    content = alipay.split_body("T1", "QD-1", [share()])
    body = alipay.request(other, APP, alipay.SETTLE, content, int(time.time()))
    with urllib.request.urlopen(channel.url, body, timeout=10) as answer:
        node = alipay.verify(answers.public_key(channel.public_key), alipay.SETTLE, answer.read())
    assert alipay.read(node, "QD-1", "T1", question=False).said is Said.REFUSED


@pytest.mark.parametrize("cut", [False, True])
def test_taking_back(channel, post, bound, cut):
    Talk(post, mode="sync").step()
    content = alipay.refund_body("T1", "R-1", 4000, [share(400)])
    asks = alipay.query_body("R-1", "T1")

    def read(method, body):
        question = method == alipay.REFUND_QUERY
        return alipay.read_refund(post(method, body), "R-1", "T1", question=question).said

    assert read(alipay.REFUND_QUERY, asks) is Said.NOT_FOUND
    if cut:
        channel.fault("cut_after")
        with pytest.raises(OSError):
            read(alipay.REFUND, content)
    else:
        assert read(alipay.REFUND, content) is Said.DONE
    assert read(alipay.REFUND_QUERY, asks) is Said.DONE
    assert read(alipay.REFUND, content) is Said.RUNNING  # sent again: the same one
    assert (channel.balance(HOST), channel.balance(SELLER)) == (600, 8940 + 400 - 4000)
    assert len(channel.books()["refunds"]) == 1
