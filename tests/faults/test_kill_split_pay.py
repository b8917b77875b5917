"""Kills while a payment is divided or taken back: the channel moves each fen once, whatever died."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simulators.wechat_pay import WechatPaySimulator

from .stage import kill_everywhere

NUMBER = "1900000001"


def _pem(key):
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@pytest.fixture(scope="module")
def channel(tmp_path_factory):
    """The channel, and the keys by which it is spoken to."""
    ours = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    theirs = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    books = tmp_path_factory.mktemp("wechat_pay") / "books"
    with WechatPaySimulator(books, {NUMBER: _pem(ours)[1]}, key=theirs) as simulator:
        simulator.receiver("19001")
        simulator.secrets = {
            "QUDAO_PAYMENT_FAULTS_KEY": _pem(ours)[0],
            "QUDAO_PAYMENT_FAULTS_SERIAL": "S1",
            "QUDAO_PAYMENT_FAULTS_CHANNEL_KEY": _pem(theirs)[1],
            "QUDAO_PAYMENT_FAULTS_CHANNEL_SERIAL": "PUB_KEY_ID_0116000000000000000000000001",
        }
        yield simulator
        simulator.check()


def _split_orders(stage, channel, count):
    """Orders of which our payment channel pays an agent's share, at a merchant number."""
    refs = stage.refs(count)
    if not stage.world.sql("SELECT 1 FROM channel_payment_merchant"):
        stage.do("to_share", refs=refs)
        stage.do("merchant", url=channel.url, number=NUMBER, secrets=channel.secrets)
    else:
        stage.do("shipped", refs=refs)
        stage.do("split", at_once=count)
    return refs


def _paid(stage, channel, ref):
    """The order's buyer paid us through the channel."""
    transaction, fen = stage.do("paid_to_us", ref=ref)
    channel.pay(transaction, NUMBER, fen)
    channel.clear()
    return {"transaction": transaction, "secrets": channel.secrets}


def _entries(books, scene):
    """The channel's own keys of the payment's splits."""
    return {row["entry"] for row in books["orders"] if row["payment"] == scene["transaction"]}


@pytest.mark.parametrize("lost", ["", "cut_after", "cut_before"])
def test_a_payment_is_divided_once(stage, channel, lost):
    """Prepared, sent and asked for; also when the channel's answer, or the request, is lost."""
    refs = _split_orders(stage, channel, 60)

    def prepare():
        scene = _paid(stage, channel, refs.pop())
        if lost:
            channel.fault(lost)
        return scene

    def verify(scene, answer, kill):
        asked = [fen for state, fen in answer if state == "done"]
        assert len(answer) == len(asked) == 1, (kill, answer)
        books = channel.books()
        entries = _entries(books, scene)
        paid = [row["amount"] for row in books["parts"] if row["split"] in entries]
        assert paid == asked, (kill, paid, asked)

    kills = kill_everywhere(stage, prepare, "divide", verify, at_most=45, warm=True)
    assert kills >= 15


@pytest.mark.parametrize("lost", ["", "cut_after"])
def test_what_was_refunded_is_taken_back_once(stage, channel, lost):
    """A fifth of what the buyer got back, from the agent that had been paid."""
    refs = _split_orders(stage, channel, 40)

    def prepare():
        ref = refs.pop()
        scene = _paid(stage, channel, ref)
        assert [state for state, _fen in stage.do("divide", **scene)] == ["done"]
        stage.do("refunded_later", ref=ref)
        if lost:
            channel.fault(lost)
        return scene

    def verify(scene, answer, kill):
        assert answer == [["done", 140]], (kill, answer)
        books = channel.books()
        entries = _entries(books, scene)
        parts = {row["entry"] for row in books["parts"] if row["split"] in entries}
        given = [row["amount"] for row in books["returns"] if row["part"] in parts]
        assert given == [140], (kill, given)

    kills = kill_everywhere(stage, prepare, "take_back", verify, at_most=30, warm=True)
    assert kills >= 10
