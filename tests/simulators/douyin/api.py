"""The open platform's methods behind the gateway: verify the call, run it, wrap the answer."""

import json
import time
from collections.abc import Callable
from typing import NamedTuple

from . import signature
from .errors import RefusalError
from .receivers import Receivers

MAX_SKEW_SECONDS = 600
MAX_CIPHERS = 50
WITHOUT_TOKEN = ("token.create", "token.refresh")

Method = Callable[[dict], "dict | list | str"]


class App(NamedTuple):
    """The one app that may call."""

    key: str
    secret: str


def check_call(app: App, method: str, query: dict[str, str], body: bytes) -> None:
    """Verify app, time, version and signature of a call.

    The signing time is compared with real time: the virtual clock is the shop's, not TLS's.
    """
    if not query.get("app_key"):
        raise RefusalError("app_key_missing")
    if query["app_key"] != app.key:
        raise RefusalError("app_key_unknown")
    if not query.get("sign"):
        raise RefusalError("sign_missing")
    if query.get("v") != "2":
        raise RefusalError("version")
    if query.get("method") != method:
        raise RefusalError("method_mismatch")
    timestamp = query.get("timestamp", "")
    try:
        signed_at = signature.parse_timestamp(timestamp)
    except ValueError:
        raise RefusalError("timestamp_format") from None
    if abs(time.time() - signed_at) > MAX_SKEW_SECONDS:
        raise RefusalError("timestamp_skewed")
    sign_method = query.get("sign_method", "")
    if not signature.verify(
        query["sign"], app.key, app.secret, method, body, timestamp, sign_method
    ):
        raise RefusalError("sign_wrong")


def parameters(body: bytes) -> dict:
    """Return param_json as a dict; an empty body is an empty one."""
    try:
        params = json.loads(body or b"{}", object_pairs_hook=_sorted_object)
    except ValueError:
        raise RefusalError("not_json") from None
    if not isinstance(params, dict):
        raise RefusalError("not_json")
    return params


def _sorted_object(pairs: list[tuple[str, object]]) -> dict:
    """Refuse keys out of order: the platform signs param_json sorted at every level."""
    keys = [key for key, _value in pairs]
    if keys != sorted(keys):
        raise RefusalError("sign_wrong")
    return dict(pairs)


def success(data: dict | list | str, log_id: str) -> bytes:
    """Return the envelope of an answer; text is JSON already."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (
        f'{{"code":10000,"data":{text},"log_id":"{log_id}","msg":"success",'
        '"sub_code":"","sub_msg":""}'
    ).encode()


def refusal(error: RefusalError, log_id: str) -> bytes:
    """Return the envelope of a refusal."""
    return json.dumps(
        {
            "code": error.code,
            "data": None,
            "log_id": log_id,
            "msg": error.msg,
            "sub_code": error.sub_code,
            "sub_msg": error.sub_msg,
        },
        ensure_ascii=False,
    ).encode()


class Privacy:
    """order.batchDecrypt and order.BatchSearchIndex."""

    def __init__(self, receivers: Receivers):
        self._receivers = receivers

    def batch_decrypt(self, params: dict) -> dict:
        """Open at most 50 cipher texts; each must come with the order it was answered in."""
        infos = params.get("cipher_infos")
        if not isinstance(infos, list) or not 1 <= len(infos) <= MAX_CIPHERS:
            raise RefusalError("bad_parameter")
        return {
            "decrypt_infos": [self._decrypt(info) for info in infos],
            "custom_err": {"err_code": 0, "err_msg": ""},
        }

    def _decrypt(self, info: object) -> dict:
        fields = info if isinstance(info, dict) else {}
        auth_id = str(fields.get("auth_id", ""))
        cipher_text = str(fields.get("cipher_text", ""))
        answer = {"auth_id": auth_id, "cipher_text": cipher_text, "is_virtual_tel": False}
        try:
            kind, plain = self._receivers.decrypt(cipher_text, auth_id)
        except ValueError:
            return {
                **answer,
                "decrypt_text": "",
                "data_type": 0,
                "err_no": 300003,
                "err_msg": "解密失败",
            }
        return {**answer, "decrypt_text": plain, "data_type": kind, "err_no": 0, "err_msg": ""}

    def batch_search_index(self, params: dict) -> dict:
        """Return the search index of plain texts, in both known answer shapes."""
        items = params.get("plain_text_list")
        if not isinstance(items, list) or not 1 <= len(items) <= MAX_CIPHERS:
            raise RefusalError("bad_parameter")
        pairs = []
        for item in items:
            kind = item.get("encrypt_type") if isinstance(item, dict) else None
            if kind not in (1, 2, 3) or not item.get("plain_text"):
                raise RefusalError("bad_parameter")
            plain = str(item["plain_text"])
            pairs.append((plain, self._receivers.index(kind, plain)))
        return {
            "plain_to_encrypt_index_list": [
                {"plain": plain, "search_index": index} for plain, index in pairs
            ],
            "encrypt_index_text_list": [index for _plain, index in pairs],
            "custom_err": {"err_code": 0, "err_msg": ""},
        }
