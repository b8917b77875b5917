"""Calls: what is signed, retried, cached, limited and said when they fail."""

import json

import pytest
import requests
from channel_intake.core import errors, limits
from channel_intake.core.endpoints import endpoint_error
from channel_intake.core.platforms.douyin import client as module
from channel_intake.core.platforms.douyin.client import Credentials, DoudianClient
from channel_intake.core.platforms.douyin.connection import DoudianConnection
from channel_intake.core.platforms.douyin.signature import sign_call

SECRET = "very-secret"
TOKEN = {"code": 10000, "data": {"access_token": "tok", "expires_in": 7200, "shop_name": "店"}}
THROTTLED = {"code": 60000, "sub_code": "isp.traffic-limited:1", "sub_msg": "限流"}
EXPIRED = {"code": 40003, "sub_code": "isv.access-token-expired", "sub_msg": "过期"}
REFUSED = {"code": 50002, "sub_code": "isv.business-failed:60018", "sub_msg": "call 13800138000"}


class Answer:
    def __init__(self, body, status=200, headers=None):
        self.raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status_code, self.headers = status, headers or {}

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        return False

    def iter_content(self, size):
        for start in range(0, len(self.raw), size):
            yield self.raw[start : start + size]


class Session:
    """Answers in turn; an exception is raised. Keeps what was sent."""

    def __init__(self, *answers):
        self.answers, self.sent = list(answers), []

    def post(self, url, **kwargs):
        self.sent.append((url, kwargs))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Answer) else Answer(answer)


class Clock:
    def __init__(self, now=1700000000.0):
        self.now, self.slept = now, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(autouse=True)
def no_caches():
    for cache in (module._tokens, module._names, module._buckets):
        cache.clear()


def make(*answers, clock=None, bucket=None):
    clock = clock or Clock()
    session = Session(*answers)
    client = DoudianClient(
        Credentials("key", SECRET, "42"), "https://example.com", session=session, clock=clock,
        monotonic=clock, sleep=clock.sleep, bucket=bucket,
    )  # fmt: skip
    return client, session, clock


def ok(data):
    return {"code": 10000, "data": data}


def test_a_call_is_signed_and_carries_the_token():
    client, session, _clock = make(TOKEN, ok({"a": 1}))
    assert client.call("/order/orderDetail", {"z": 1, "a": {"c": 2, "b": "中"}}) == {"a": 1}
    (token_url, token_call), (url, call) = session.sent
    assert token_url.endswith("/token/create")
    assert json.loads(token_call["data"]) == {
        "code": "", "grant_type": "authorization_self", "shop_id": "42",
    }  # fmt: skip
    assert url == "https://example.com/order/orderDetail"
    body = '{"a":{"b":"中","c":2},"z":1}'
    assert call["data"] == body.encode()
    query = call["params"]
    assert query["access_token"] == "tok"
    assert query["sign"] == sign_call(SECRET, "key", "order.orderDetail", body, "1700000000")
    assert call["allow_redirects"] is False
    assert call["timeout"]


def test_the_token_is_kept_for_the_process_until_it_ends():
    clock = Clock()
    make(TOKEN, ok(1), clock=clock)[0].call("/a/b", {})
    other, session, _ = make(ok(2), clock=clock)
    assert other.call("/a/b", {}) == 2
    assert len(session.sent) == 1
    clock.now += 7200
    third, session, _ = make(TOKEN, ok(3), clock=clock)
    assert third.call("/a/b", {}) == 3
    assert len(session.sent) == 2


def test_an_ended_token_is_renewed_once():
    client, session, _clock = make(TOKEN, EXPIRED, TOKEN, ok(1))
    assert client.call("/a/b", {}) == 1
    client, session, _clock = make(EXPIRED, TOKEN, EXPIRED)
    with pytest.raises(errors.Refused) as caught:
        client.call("/a/b", {})
    assert not caught.value.permanent
    assert len(session.sent) == 3


def test_throttling_is_waited_out_with_growing_pauses():
    client, _session, clock = make(TOKEN, THROTTLED, THROTTLED, ok(1))
    assert client.call("/a/b", {}) == 1
    assert clock.slept == [1.0, 2.0]


def test_throttling_that_stays_is_told():
    client, _session, _clock = make(TOKEN, *[Answer(b"", 429, {"Retry-After": "7"})] * 3)
    with pytest.raises(errors.Throttled) as caught:
        client.call("/a/b", {})
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    "failure",
    [
        Answer(b"oops", 502),
        requests.ConnectionError("https://example.com/?access_token=tok&sign=abc"),
        requests.Timeout("https://example.com/?access_token=tok"),
        {"code": 20000, "sub_code": "isp.service-error:1"},
    ],
)
def test_a_platform_that_is_away_is_unreachable_and_nothing_leaks(failure):
    client, _session, clock = make(TOKEN, failure, failure, failure)
    with pytest.raises(errors.Unreachable) as caught:
        client.call("/a/b", {})
    for word in ("tok", "sign", SECRET, "example.com"):
        assert word not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert len(clock.slept) == 2


def test_a_refusal_is_not_repeated_and_masks_phones():
    client, session, _clock = make(TOKEN, REFUSED)
    with pytest.raises(errors.Refused) as caught:
        client.call("/a/b", {})
    assert caught.value.permanent
    assert caught.value.code == "50002"
    assert "138****8000" in caught.value.text
    assert len(session.sent) == 2


@pytest.mark.parametrize("raw", [b"<html>", b"[]", b'"x"', b"{}", b"[" * 100000])
def test_what_is_no_answer_is_bad(raw):
    client, _session, _clock = make(TOKEN, Answer(raw))
    with pytest.raises(errors.BadAnswer):
        client.call("/a/b", {})


def test_an_endless_answer_is_cut_off(monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    client, _session, _clock = make(TOKEN, Answer(b"x" * 100_000))
    with pytest.raises(errors.BadAnswer, match="larger"):
        client.call("/a/b", {})


def test_a_dripping_answer_is_cut_off():
    class Slow(Answer):
        def iter_content(self, size):
            while True:
                clock.now += 10
                yield b" "

    clock = Clock()
    client, _session, _ = make(TOKEN, Slow(b""), Slow(b""), Slow(b""), clock=clock)
    with pytest.raises(errors.Unreachable, match="30"):
        client.call("/a/b", {})


def test_credentials_are_not_printed():
    assert SECRET not in repr(Credentials("key", SECRET, "42"))
    assert "key" not in repr(Credentials("mykey", SECRET, "42")).replace("app_key", "")


@pytest.mark.parametrize("url", ["http://example.com", "https://u:p@example.com", "x", "https://"])
def test_credentials_are_not_sent_to_just_any_address(url):
    assert endpoint_error(url)
    with pytest.raises(ValueError):
        DoudianClient(Credentials("k", "s", "1"), url)


@pytest.mark.parametrize(
    "url", ["https://example.com", "http://127.0.0.1:1", "http://localhost", "http://[::1]:9"]
)
def test_addresses_that_may_be_called(url):
    assert endpoint_error(url) == ""


def test_the_bucket_lets_a_burst_through_and_then_a_steady_stream():
    clock = Clock(0.0)
    bucket = limits.TokenBucket(2.0, 3, clock, clock.sleep)
    assert [bucket.take() for _call in range(3)] == [0, 0, 0]
    assert [bucket.take() for _call in range(3)] == [0.5, 0.5, 0.5]
    clock.now += 10
    assert [bucket.take() for _call in range(3)] == [0, 0, 0]


def test_the_rate_finds_itself():
    clock = Clock(0.0)
    bucket = limits.TokenBucket(20.0, 3, clock, clock.sleep, ceiling=100.0)
    for _call in range(2000):
        bucket.take()
        bucket.succeeded()
    assert bucket.rate == 100
    bucket.throttled()
    assert bucket.rate == 50
    assert bucket.take() > 0, "no burst right after a refusal"
    for _refusal in range(20):
        bucket.throttled()
    assert bucket.rate == limits.TokenBucket.FLOOR


def test_a_throttled_call_slows_the_next_ones():
    clock = Clock()
    bucket = limits.TokenBucket(20.0, 3, clock, clock.sleep, ceiling=100.0)
    client, _session, _clock = make(TOKEN, THROTTLED, ok({}), clock=clock, bucket=bucket)
    client.call("/order/searchList", {})
    assert bucket.rate < 20


def test_backoff_doubles_up_to_a_ceiling():
    assert [limits.backoff(n, 30, 100) for n in (1, 2, 3, 400)] == [30, 60, 100, 100]


def order(**values):
    return ok({"shop_order_detail": {"order_id": "1", "update_time": 5, **values}})


def connection(*answers):
    client, session, _clock = make(TOKEN, *answers)
    return DoudianConnection(client), session


def test_shipping():
    made, session = connection(ok({}))
    assert made.ship("1", "shunfeng", "SF1") == "done"
    assert json.loads(session.sent[-1][1]["data"]) == {
        "company_code": "shunfeng", "is_reject_refund": False, "logistics_code": "SF1",
        "order_id": "1",
    }  # fmt: skip


def test_a_waybill_reported_before_is_success():
    made, _session = connection(REFUSED, order(logistics_info=[{"tracking_no": "SF1"}]))
    assert made.ship("1", "shunfeng", "SF1") == "already"


def test_another_waybill_is_refused():
    made, _session = connection(REFUSED, order(logistics_info=[{"tracking_no": "SF2"}]))
    with pytest.raises(errors.Refused) as caught:
        made.ship("1", "shunfeng", "SF1")
    assert not isinstance(caught.value, errors.RefundPending)


def test_a_pending_refund_is_told_apart_by_the_order_itself():
    line = {"after_sale_info": {"after_sale_status": 6}}
    made, _session = connection(REFUSED, order(sku_order_list=[line]))
    with pytest.raises(errors.RefundPending):
        made.ship("1", "shunfeng", "SF1")


def test_decryption_asks_fifty_at_a_time_and_leaves_plain_text_alone():
    def answer(request):
        infos = json.loads(request["data"])["cipher_infos"]
        assert len(infos) <= 50
        return [i | {"err_no": 0, "decrypt_text": "plain " + i["auth_id"]} for i in infos]

    class Decrypting(Session):
        def post(self, url, **kwargs):
            if "batchDecrypt" in url:
                self.answers.insert(0, ok({"decrypt_infos": answer(kwargs)}))
            return super().post(url, **kwargs)

    client, _session, _clock = make()
    client._session = Decrypting(TOKEN)
    secrets = {str(n): {"name": f"##I{n}*C#1##", "phone": "13800138000"} for n in range(60)}
    found = DoudianConnection(client).decrypt(secrets)
    assert found["59"].name == "plain 59"
    assert found["59"].phone == "13800138000"
    assert sum("batchDecrypt" in url for url, _ in client._session.sent) == 2


@pytest.mark.parametrize(
    "data",
    [
        {"decrypt_infos": []},
        {"decrypt_infos": [{"auth_id": "1", "cipher_text": "##I*C#1##", "err_no": 3}]},
        {"decrypt_infos": [], "custom_err": {"err_code": 9, "err_msg": "quota"}},
        {},
    ],
)
def test_a_decryption_that_is_not_complete_is_an_error(data):
    made, _session = connection(ok(data))
    with pytest.raises(errors.PlatformError):
        made.decrypt({"1": {"name": "##I*C#1##"}})


def test_phone_numbers_become_search_tokens():
    rows = [{"plain": "13800138000", "search_index": "IDX="}]
    made, _session = connection(ok({"plain_to_encrypt_index_list": rows}))
    assert made.phone_tokens(["13800138000"]) == {"13800138000": "douyin:IDX="}


@pytest.mark.parametrize("data", [None, [], {"shop_order_list": {}}, "x", {}])
def test_a_list_without_rows_is_bad(data):
    made, _session = connection(ok(data))
    with pytest.raises(errors.BadAnswer):
        made.orders(1, 2, 0, 100)


def test_a_new_cipher_alone_is_no_new_message():
    def first(cipher):
        module._tokens.clear()
        rows = [{"order_id": "1", "update_time": 5, "encrypt_post_tel": cipher}]
        made, _session = connection(ok({"shop_order_list": rows, "total": 1}))
        return made.orders(1, 9, 0, 100).rows[0]

    assert first("$$IDX*one$1$$").digest == first("$$IDX*two$1$$").digest
    assert first("$$IDX*one$1$$").digest != first("$$OTHER*one$1$$").digest
