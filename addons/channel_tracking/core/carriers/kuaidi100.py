"""Kuaidi100 (快递100), which asks some 1,000 carriers: https://api.kuaidi100.com/document.

Facts are from public client code, not from a live account: the query is a form with ``customer``,
``param`` (JSON text) and ``sign`` = MD5(param + key + customer) in capitals; an answer has
``state`` of the parcel and ``data`` with its lines. One line's own kind is its ``statusCode``
(asked for by ``resultv2``). Times are China's. It has no call that stops a parcel.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from odoo.addons.channel_intake.core.endpoints import endpoint_error
from odoo.addons.channel_intake.core.errors import (
    BadAnswer,
    PlatformError,
    Refused,
    Throttled,
    Unreachable,
)

from ..road import Kind
from .base import AccountRefused, Asked, Told

BASE_URL = "https://poll.kuaidi100.com"
TIMEOUT = 12
MAX_BYTES = 1024 * 1024
MAX_LINES = 500
CHINA = timezone(timedelta(hours=8))
RESULT_V2 = "4"  # lines with their own, fine status

# 0 on the way, 1 picked up, 2 trouble, 3 signed, 4 signed by the sender, 5 delivering, 6 returning,
# 7 passed on to another carrier, 8 to 13 at the customs, 14 refused. Fine ones begin with these.
KINDS = {
    0: Kind.ON_THE_WAY, 1: Kind.PICKED_UP, 2: Kind.TROUBLE, 3: Kind.DELIVERED, 4: Kind.RETURNED,
    5: Kind.DELIVERING, 6: Kind.RETURNING, 7: Kind.ON_THE_WAY, 8: Kind.ON_THE_WAY,
    10: Kind.ON_THE_WAY, 11: Kind.ON_THE_WAY, 12: Kind.ON_THE_WAY, 13: Kind.TROUBLE,
    14: Kind.REFUSED,
}  # fmt: skip
_ORDERED = frozenset({"101", "102"})  # ordered, to be picked up: the carrier does not have it yet
_FINE = {"401": Kind.TROUBLE}  # the waybill was cancelled
_NOTHING_YET = frozenset({"500"})  # no result: the carrier has not scanned it
_BUSY = frozenset({"502"})
_LATER = frozenset({"501"})  # their own failure
_ACCOUNT = frozenset({"503", "601"})  # wrong signature, key over: no other parcel will do better


@dataclass(frozen=True, slots=True)
class Account:
    """What signs the calls; neither is ever printed."""

    customer: str = field(repr=False)
    key: str = field(repr=False)


def sign(param: str, account: Account) -> str:
    """The signature of a query."""
    text = param + account.key + account.customer
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


class Kuaidi100:
    """Queries of one account."""

    can_intercept = False

    def __init__(
        self, account: Account, base_url: str = "", session: requests.Session | None = None
    ) -> None:
        """:raises ValueError: when the address must not be called with credentials"""
        self._base_url = (base_url or BASE_URL).rstrip("/")
        problem = endpoint_error(self._base_url)
        if problem:
            raise ValueError(f"The carrier service's address {problem}.")
        self._account = account
        self._session = session or requests.Session()

    def trace(self, parcel: Asked) -> tuple[Told, ...]:
        """See :class:`.base.CarrierService`."""
        param = {"com": parcel.company, "num": parcel.waybill, "resultv2": RESULT_V2}
        if parcel.phone:
            param["phone"] = parcel.phone
        text = json.dumps(param, ensure_ascii=False, separators=(",", ":"))
        form = {
            "customer": self._account.customer,
            "param": text,
            "sign": sign(text, self._account),
        }
        return read(self._post("/poll/query.do", form))

    def intercept(self, parcel: Asked) -> str:
        """See :class:`.base.CarrierService`."""
        raise Refused("Kuaidi100 has no call that stops a parcel")

    def _post(self, path: str, form: Mapping[str, str]) -> Any:
        try:
            answer = self._session.post(
                self._base_url + path, data=form, timeout=TIMEOUT, stream=True,
                allow_redirects=False,
            )  # fmt: skip
            with answer:
                raw = answer.raw.read(MAX_BYTES + 1, decode_content=True)
                status = answer.status_code
        except (requests.RequestException, OSError) as error:
            # the library's text may hold the address: only its kind is told
            raise Unreachable(f"no answer ({type(error).__name__})") from None
        except Exception as error:  # urllib3's own errors while the body is read
            raise Unreachable(f"broken answer ({type(error).__name__})") from None
        if status == 429:
            raise Throttled("HTTP 429: too many calls")
        if status != 200:
            raise Unreachable(f"HTTP {status} from the carrier service")
        if len(raw) > MAX_BYTES:
            raise BadAnswer("the answer is too large")
        try:
            return json.loads(raw)
        except ValueError:
            raise BadAnswer("the answer is no JSON") from None


def read(answer: Any) -> tuple[Told, ...]:
    """The traces of a query's answer, or of ``lastResult`` of a push.

    :raises PlatformError: it is a refusal, or not what was agreed
    """
    if not isinstance(answer, Mapping):
        raise BadAnswer("the answer is no object")
    if answer.get("result") is False or "data" not in answer:
        return _refused(str(answer.get("returnCode") or ""), str(answer.get("message") or ""))
    lines = answer["data"]
    if not isinstance(lines, list):
        raise BadAnswer("the answer has no list of traces")
    told = [_line(line) for line in lines[:MAX_LINES]]
    return _with_state(answer, [one for one in told if one is not None])


def _refused(code: str, message: str) -> tuple[Told, ...]:
    if code in _NOTHING_YET:
        return ()
    raise _error(code, f"{code} {message}".strip())


def _error(code: str, text: str) -> PlatformError:
    if code in _BUSY:
        return Throttled(text)
    if code in _LATER:
        return Unreachable(text)
    return AccountRefused(text, code=code) if code in _ACCOUNT else Refused(text, code=code)


def _line(line: Any) -> Told | None:
    """One line; None when it has no time that can be read, or is none of the carrier's."""
    if not isinstance(line, Mapping):
        return None
    at = _moment(line.get("ftime")) or _moment(line.get("time"))
    if at is None or str(line.get("statusCode") or "") in _ORDERED:
        return None
    kind = kind_of(line.get("statusCode")) or Kind.ON_THE_WAY
    return Told(at, kind, _text(line.get("context"), 300), _text(line.get("areaName"), 100))


def _with_state(answer: Mapping, told: list[Told]) -> tuple[Told, ...]:
    """The traces, the newest of them as the parcel's own state says where lines have no kind."""
    state = kind_of(answer.get("state"))
    if not told or state is None:
        return tuple(told)
    if any(isinstance(line, Mapping) and line.get("statusCode") for line in answer["data"]):
        return tuple(told)
    newest = max(range(len(told)), key=lambda number: told[number].at)
    one = told[newest]
    told[newest] = Told(one.at, state, one.text, one.place)
    return tuple(told)


def kind_of(code: Any) -> Kind | None:
    """The kind of a status; fine ones are a coarse one with two more digits (301: 3, 1401: 14)."""
    text = str(code if code is not None else "").strip()
    if text in _FINE:
        return _FINE[text]
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        return None
    return KINDS.get(int(text)) if len(text) < 3 else KINDS.get(int(text[:-2]))


def _moment(text: Any) -> int | None:
    try:
        moment = datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.year >= 2000 else None


def _text(value: Any, size: int) -> str:
    return " ".join(str(value or "").split())[:size]
