"""The gateway verifies every call, and tokens live and die."""

import json
import time

import pytest
from simulators.douyin.client import Client

PATH, PARAMS = "/order/orderDetail", {"shop_order_id": "1"}
KNOWN = (40004, "isv.parameter-invalid:20001")  # past the gateway: no such order


def test_a_good_call_passes(client):
    assert client.refused(PATH, PARAMS) == KNOWN


@pytest.mark.parametrize("sign_method", ["", "md5"])
def test_legacy_md5_passes(client, sign_method):
    assert client.refused(PATH, PARAMS, sign_method=sign_method) == KNOWN


def test_old_timestamp_text_passes(client):
    text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600))
    assert client.refused(PATH, PARAMS, timestamp=text) == KNOWN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"app_key": None}, (40001, "isv.app-id-missing")),
        ({"app_key": "7999999999999999999"}, (40003, "isv.app-id-invalid")),
        ({"sign": None}, (40001, "isv.signature-missing")),
        ({"sign": "0" * 64}, (40003, "isv.signature-invalid")),
        ({"timestamp": "soon"}, (40003, "isv.timestamp-format-error")),
        ({"timestamp": str(int(time.time()) - 700)}, (40003, "isv.timestamp-invalid")),
        ({"timestamp": str(int(time.time()) + 1500)}, (40003, "isv.timestamp-invalid")),
        ({"method": "order.searchList"}, (40003, "isv.method-invalid")),
        ({"v": "1"}, (40003, "isv.version-invalid")),
        ({"access_token": ""}, (40001, "isv.access-token-missing")),
        ({"access_token": "f" * 40}, (40003, "isv.access-token-no-existed")),
    ],
)
def test_refusals(client, changes, expected):
    assert client.refused(PATH, PARAMS, **changes) == expected


def test_skew_of_nine_minutes_passes(client):
    assert client.refused(PATH, PARAMS, timestamp=str(int(time.time()) - 540)) == KNOWN


def test_signature_covers_the_raw_body(client):
    body = b'{"shop_order_id":"1"}'
    query = client.query(PATH, body)
    client.connection.request("POST", f"{PATH}?{query}", body.replace(b":", b": "))
    answer = json.loads(client.connection.getresponse().read())
    assert answer["sub_code"] == "isv.signature-invalid"


@pytest.mark.parametrize(
    ("body", "sub_code"),
    [
        (b"{", "isv.parameter-format-invalid"),
        (b"[]", "isv.parameter-format-invalid"),
        (b'{"b":1,"a":1}', "isv.signature-invalid"),
        (b'{"a":{"y":1,"x":1}}', "isv.signature-invalid"),
        (b"", "isv.missing-parameter:20000"),
    ],
)
def test_bodies(client, body, sub_code):
    _status, answer = client.raw(PATH, body)
    assert json.loads(answer)["sub_code"] == sub_code


def test_unknown_method(client):
    assert client.refused("/order/nothing", {}) == (70000, "isp.api-service-off")


def test_get_is_not_a_call(client):
    client.connection.request("GET", "/order/searchList")
    response = client.connection.getresponse()
    response.read()
    assert response.status == 405


def test_connection_is_kept_alive(client):
    client.call(PATH, PARAMS)
    socket = client.connection.sock
    client.call(PATH, PARAMS)
    assert socket is not None
    assert client.connection.sock is socket


def test_envelope(client):
    answer = client.call("/order/searchList", {"page": 0, "size": 1, "update_time_start": 1})
    assert set(answer) == {"code", "data", "log_id", "msg", "sub_code", "sub_msg"}
    assert (answer["code"], answer["msg"], answer["sub_code"]) == (10000, "success", "")
    assert len(answer["log_id"]) == 32


# -- tokens -----------------------------------------------------------------------------------


def test_create_token(sim):
    client = Client(sim.url, *sim.app)
    data = client.log_in(sim.shop_id)
    assert data["expires_in"] == 7 * 86400
    assert data["shop_id"] == str(sim.shop_id)
    assert client.log_in(sim.shop_id)["access_token"] == data["access_token"]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"grant_type": "authorization_code"}, "grant-type-invalid"),
        ({"grant_type": "authorization_self", "shop_id": "1"}, "no-authorization"),
        ({"grant_type": "authorization_self"}, "no-authorization"),
    ],
)
def test_create_refusals(client, params, reason):
    expected = (50001, f"dop.token-generate-failed:{reason}")
    assert client.refused("/token/create", params) == expected


def test_access_token_expires_on_the_platforms_clock(sim, client):
    sim.clock.advance(7 * 86400 - 5)
    assert client.refused(PATH, PARAMS) == KNOWN
    sim.clock.advance(10)
    assert client.refused(PATH, PARAMS) == (40003, "isv.access-token-expired")
    client.log_in(sim.shop_id)
    assert client.refused(PATH, PARAMS) == KNOWN


def test_refresh_replaces_the_pair(sim, client):
    old = client.log_in(sim.shop_id)
    params = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    new = client.data("/token/refresh", params)
    assert new["access_token"] != old["access_token"]
    assert client.refused(PATH, PARAMS) == (40003, "isv.access-token-no-existed")
    client.token = new["access_token"]
    assert client.refused(PATH, PARAMS) == KNOWN
    expected = (50001, "dop.token-generate-failed:token-invalid")
    assert client.refused("/token/refresh", params) == expected


def test_refresh_after_expiry(sim, client):
    old = client.log_in(sim.shop_id)
    params = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    sim.tokens.expire_all()
    assert client.refused(PATH, PARAMS) == (40003, "isv.access-token-expired")
    client.token = client.data("/token/refresh", params)["access_token"]
    assert client.refused(PATH, PARAMS) == KNOWN


def test_refresh_token_runs_out(sim, client):
    old = client.log_in(sim.shop_id)
    sim.clock.advance(14 * 86400)
    params = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    expected = (50001, "dop.token-generate-failed:token-expired")
    assert client.refused("/token/refresh", params) == expected


def test_refresh_needs_its_grant_type(client):
    expected = (50001, "dop.token-generate-failed:grant-type-invalid")
    assert client.refused("/token/refresh", {"grant_type": "x"}) == expected
