"""What the push gateway decides, without a socket or a database."""

import hashlib
import json

import pytest
from channel_intake.gateway.directory import ShopRow, build
from channel_intake.gateway.intake import Row, judge
from channel_intake.gateway.metrics import Metrics
from channel_intake.gateway.platforms import PLATFORMS
from channel_intake.gateway.platforms.douyin import MAX_DEPTH, Douyin
from channel_intake.gateway.refusals import MAX_KEYS, Refusals
from hypothesis import given
from hypothesis import strategies as st

KEY, SECRET = "7012345", "s3cret"
ENVIRON = {
    "QUDAO_SHOP_MAIN_APP_KEY": KEY,
    "QUDAO_SHOP_MAIN_APP_SECRET": SECRET,
    "QUDAO_SHOP_OTHER_APP_KEY": "9",
    "QUDAO_SHOP_OTHER_APP_SECRET": "other",
}
ROWS = [
    ShopRow(11, "douyin", "1001", "MAIN"),
    ShopRow(12, "douyin", "1002", "main"),
    ShopRow(21, "douyin", "2001", "OTHER"),
]


def push(*events, key=KEY, secret=SECRET):
    body = json.dumps(events).encode()
    return headers(body, key, secret), body


def headers(body, key=KEY, secret=SECRET):
    sign = hashlib.md5(key.encode() + body + secret.encode()).hexdigest()
    return {b"app-id": key.encode(), b"event-sign": sign.encode()}


def item(msg_id="1", tag="101", **data):
    return {"tag": tag, "msg_id": msg_id, "data": json.dumps(data)}


def verdict(*events, rows=ROWS, environ=ENVIRON, **signing):
    return judge(build(rows, environ), "douyin", *push(*events, **signing))


def test_a_push_becomes_rows():
    found = verdict(
        item(shop_id=1001, p_id=4916281726172618219),
        item("2", "206", shop_id="1002", p_id="5", aftersale_id=7),
    )
    assert found.reason == ""
    assert found.rows == (
        Row(11, "101", "1", "4916281726172618219", None,
            '{"shop_id": 1001, "p_id": 4916281726172618219}'),
        Row(12, "206", "2", "5", "7", '{"shop_id": "1002", "p_id": "5", "aftersale_id": 7}'),
    )  # fmt: skip


def test_an_event_without_a_shop_is_the_only_shops():
    assert verdict(item(p_id=1), key="9", secret="other").rows[0].shop_id == 21
    assert verdict(item(p_id=1)).reason == "unknown_shop"


def test_another_apps_shop_is_unknown():
    found = verdict(item(shop_id=2001), item("2", shop_id=1001))
    assert (found.reason, found.app, found.shop_ref) == ("unknown_shop", "MAIN", "2001")
    assert [row.msg_id for row in found.rows] == ["2"]


def test_unknown_apps_are_not_named():
    found = verdict(item(shop_id=1001), key="13800138000")
    assert (found.reason, found.app, found.rows) == ("unknown_app", "", ())


def test_the_signature_comes_before_the_content():
    found = judge(build(ROWS, ENVIRON), "douyin", headers(b"x", secret="wrong"), b"\xff[[[")
    assert (found.reason, found.app) == ("bad_signature", "MAIN")
    assert judge(build(ROWS, ENVIRON), "douyin", headers(b"\xff"), b"\xff").reason == "malformed"


def test_both_secrets_are_good_while_one_is_replaced():
    environ = ENVIRON | {
        "QUDAO_SHOP_NEW_APP_KEY": KEY,
        "QUDAO_SHOP_NEW_APP_SECRET": "new",
    }
    rows = [*ROWS, ShopRow(13, "douyin", "1003", "NEW")]
    for secret in (SECRET, "new"):
        found = verdict(item(shop_id=1001), rows=rows, environ=environ, secret=secret)
        assert found.rows[0].shop_id == 11, secret


def test_shops_without_secrets_are_named_and_left_out():
    directory = build(ROWS, {k: v for k, v in ENVIRON.items() if "OTHER_APP_SECRET" not in k})
    assert directory.missing == ("OTHER",)
    assert [app.shops for app in directory.apps.values()] == [{"1001": 11, "1002": 12}]


def test_pings_bring_no_rows():
    assert verdict(item("0", "0")) == verdict({"tag": "0", "msg_id": "0"})
    assert verdict({"tag": "0", "msg_id": "0"}).reason == ""
    assert verdict({"tag": "0", "msg_id": "0"}).rows == ()
    assert len(verdict(item("0", "0"), item(shop_id=1001)).rows) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"receiver_msg": {"name": "张三", "tel": "13800138000"}},
        {"post_receiver_msg": '{"addr": "张三路1号"}'},
        {"deep": [{"encrypt_tel": "13800138000"}]},
        {"name": "张三"},
    ],
)
def test_what_is_said_about_a_person_is_not_kept(said):
    [row] = verdict(item(shop_id=1001, p_id=1, **said)).rows
    assert "张" not in row.data and "13800138000" not in row.data and "\\u5f20" not in row.data
    assert json.loads(row.data).keys() == {"shop_id", "p_id", *said}


def test_depth_is_limited():
    def nested(levels):
        value = {"shop_id": 1001}
        inner = value
        for _level in range(levels - 1):
            inner["a"] = inner = {}
        return value

    assert verdict(item(**nested(MAX_DEPTH))).reason == ""
    assert verdict(item(**nested(MAX_DEPTH + 1))).reason == "malformed"


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_no_body_breaks_the_gateway(raw):
    found = judge(build(ROWS, ENVIRON), "douyin", headers(raw), raw)
    assert found.reason in ("", "malformed", "unknown_shop")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "tag": VALUES,
                "msg_id": VALUES,
                "data": VALUES
                | st.dictionaries(st.sampled_from(["shop_id", "p_id"]), VALUES).map(json.dumps),
            },
        )
    )
)
def test_no_event_breaks_the_gateway(events):
    """And whatever is taken can be stored: text without NUL and half characters."""
    for row in verdict(*events).rows:
        assert row.tag and row.msg_id
        assert "\x00" not in "".join(field or "" for field in row[1:])
        row.data.encode()


def test_answers_are_the_platforms():
    assert json.loads(Douyin.success) == {"code": 0, "msg": "success"}
    assert json.loads(PLATFORMS["douyin"].failure("busy")) == {"code": 1, "msg": "busy"}


def test_refusals_are_bounded():
    refusals = Refusals()
    for number in range(MAX_KEYS * 3):
        refusals.add(number // 100, "unknown_shop", "MAIN", str(number))
    counts = refusals.take()
    assert len(counts) <= MAX_KEYS + 5
    assert sum(counts.values()) == MAX_KEYS * 3
    assert not refusals
    refusals.add(1, "busy")
    refusals.give_back(counts)
    assert sum(refusals.take().values()) == MAX_KEYS * 3 + 1


def test_figures_add_up():
    metrics = Metrics()
    for seconds in (0.0005, 0.003, 0.003, 9.0):
        metrics.ack(seconds)
    metrics.refused["busy"] += 2
    lines = metrics.text({"up": 1.0}, 3).splitlines()
    assert 'qudao_gateway_acked_total{process="3"} 4' in lines
    assert 'qudao_gateway_refused_total{process="3",reason="busy"} 2' in lines
    assert 'qudao_gateway_ack_seconds_bucket{process="3",le="0.005"} 3' in lines
    assert 'qudao_gateway_ack_seconds_bucket{process="3",le="+Inf"} 4' in lines
    assert 'qudao_gateway_up{process="3"} 1' in lines
