"""Doudian's HTTP interface: signed calls, a cached token, limits, typed errors.

No secret and no receiver's data leaves this module in a log line or an error text: errors of
the HTTP library name the address with its token, so only their kind is passed on.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from ...endpoints import endpoint_error, is_loopback
from ...errors import BadAnswer, PlatformError, Refused, Throttled, Unreachable
from ...limits import TokenBucket, backoff
from ...reading import clean, loads
from .signature import HMAC_SHA256, canonical_json, method_name, sign_call

BASE_URL = "https://openapi-fxg.jinritemai.com"
SUCCESS = 10000
THROTTLED = "60000"
MAX_BYTES = 16 * 1024 * 1024
TIMEOUT = 12  # as the platform's own SDK
TOTAL_TIMEOUT = 30
TRIES = 3
# The platform's limit is not published; others allow an app 100 calls a second.
RATE, CEILING, BURST = 20.0, 100.0, 20
RENEW_BEFORE = 600  # seconds a token is renewed before it ends
_MAX_RETRY_AFTER = 10.0

_tokens: dict[tuple[str, str, str], tuple[str, float]] = {}
_names: dict[tuple[str, str, str], str] = {}
_buckets: dict[tuple[str, str], TokenBucket] = {}
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs a shop's calls; neither secret nor key is ever printed."""

    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    shop_id: str


class DoudianClient:
    """Calls of one shop. Cheap to make: tokens and rate limits are kept per process."""

    def __init__(
        self,
        credentials: Credentials,
        base_url: str = "",
        *,
        session: requests.Session | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        bucket: TokenBucket | None = None,
        tries: int = TRIES,
    ) -> None:
        """:raises ValueError: when the address must not be called with credentials"""
        self._base_url = (base_url or BASE_URL).rstrip("/")
        problem = endpoint_error(self._base_url)
        if problem:
            raise ValueError(f"The platform's address {problem}.")
        self._credentials = credentials
        self._session = session or _session(self._base_url)
        self._clock, self._monotonic, self._sleep = clock, monotonic, sleep
        self._tries = tries
        self._bucket = bucket or _shared_bucket(self._base_url, credentials, monotonic, sleep)

    def call(self, path: str, params: Mapping[str, Any], tries: int | None = None) -> Any:
        """Call the platform and return ``data``.

        Retried here a few times with growing pauses when the platform is busy or away.

        :param tries: how often at most; default: as the client was made
        :raises Throttled, Refused, Unreachable, BadAnswer: see ``core.errors``
        """
        renewed = False
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._once(path, params, self.token())
                self._bucket.succeeded()
                return answer
            except _TokenEnded as error:
                self.forget_token()
                if renewed:
                    raise Refused(error.text, permanent=False, sub_code=error.sub_code) from None
                renewed = True
            except (Throttled, Unreachable) as error:
                if isinstance(error, Throttled):
                    self._bucket.throttled()
                if attempt >= (tries or self._tries):
                    raise
                self._sleep(max(backoff(attempt), _retry_after(error)))

    def token(self) -> str:
        """The access token of a self-used app, from the process's cache while it lasts."""
        key = self._token_key()
        token, until = _tokens.get(key, ("", 0.0))
        if token and self._clock() < until:
            return token
        data = self._once(
            "/token/create",
            {
                "code": "",
                "grant_type": "authorization_self",
                "shop_id": self._credentials.shop_id,
            },
            "",
        )
        token = data.get("access_token") if isinstance(data, Mapping) else None
        if not isinstance(token, str) or not token:
            raise BadAnswer("the platform gave no access token")
        _tokens[key] = (token, self._clock() + _lifetime(data.get("expires_in"), self._clock()))
        _names[key] = clean(data.get("shop_name"), 100)
        return token

    def shop_name(self) -> str:
        """The shop's name, as told with the token; empty when the platform tells none."""
        self.token()
        return _names.get(self._token_key(), "")

    def now(self) -> int:
        """Unix seconds by this client's clock."""
        return int(self._clock())

    def forget_token(self) -> None:
        """Ask for a new token with the next call."""
        _tokens.pop(self._token_key(), None)

    def _token_key(self) -> tuple[str, str, str]:
        return self._base_url, self._credentials.app_key, self._credentials.shop_id

    def _once(self, path: str, params: Mapping[str, Any], token: str) -> Any:
        """One signed request, without retry."""
        self._bucket.take()
        query, body = self._signed(path, params, token)
        status, headers, raw = self._post(path, query, body)
        if status == 429:
            raise Throttled("HTTP 429: too many calls", _seconds(headers.get("Retry-After")))
        if status >= 500:
            raise Unreachable(f"HTTP {status} from the platform")
        return _data(status, raw)

    def _signed(self, path: str, params: Mapping[str, Any], token: str):
        method, body = method_name(path), canonical_json(params)
        timestamp = str(int(self._clock()))
        query = {
            "app_key": self._credentials.app_key,
            "method": method,
            "v": "2",
            "timestamp": timestamp,
            "sign_method": HMAC_SHA256,
            "sign": sign_call(
                self._credentials.app_secret, self._credentials.app_key, method, body, timestamp
            ),
        }
        if token:
            query["access_token"] = token
        return query, body.encode()

    def _post(self, path: str, query, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Send, and read at most MAX_BYTES within TOTAL_TIMEOUT."""
        deadline = self._monotonic() + TOTAL_TIMEOUT
        try:
            with self._session.post(
                self._base_url + path,
                params=query,
                data=body,
                headers={
                    "Content-Type": "application/json;charset=UTF-8",
                    "x-open-no-old-err-code": "1",
                },
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                raw = bytearray()
                for chunk in response.iter_content(64 * 1024):
                    raw += chunk
                    if len(raw) > MAX_BYTES:
                        raise BadAnswer(f"the answer is larger than {MAX_BYTES} bytes")
                    if self._monotonic() > deadline:
                        raise Unreachable(f"no complete answer within {TOTAL_TIMEOUT} s")
                return response.status_code, response.headers, bytes(raw)
        except requests.Timeout:
            raise Unreachable("time-out") from None
        except requests.RequestException as error:
            raise Unreachable(f"no connection ({type(error).__name__})") from None


class _TokenEnded(PlatformError):
    """The access token is no longer accepted."""

    def __init__(self, text: str, sub_code: str) -> None:
        super().__init__(text)
        self.sub_code = sub_code


def _data(status: int, raw: bytes) -> Any:
    """``data`` of an envelope, or the typed error it stands for."""
    try:
        envelope = loads(raw)
    except (ValueError, RecursionError):
        raise BadAnswer(f"HTTP {status}: the answer is not JSON") from None
    if not isinstance(envelope, Mapping):
        raise BadAnswer(f"HTTP {status}: the answer is not an object")
    code = envelope.get("code", envelope.get("err_no"))
    if code in (SUCCESS, 0, str(SUCCESS)) and status == 200:
        return envelope.get("data")
    sub_code = str(envelope.get("sub_code") or "")
    words = envelope.get("sub_msg") or envelope.get("msg") or envelope.get("message") or ""
    text = f"{words} ({sub_code or code})"
    lowered = sub_code.lower()
    if "access-token" in lowered or "access_token" in lowered:
        raise _TokenEnded(text, sub_code)
    if str(code) == THROTTLED or "limit" in lowered:
        raise Throttled(text)
    if lowered.startswith("isp.") or str(code) == "20000":
        raise Unreachable(text)
    if code is None:
        raise BadAnswer(f"HTTP {status}: the answer has no code")
    raise Refused(text, code=str(code), sub_code=sub_code)


def _lifetime(expires: object, now: float) -> float:
    """Seconds a token may be used. The platform gives seconds or the moment it ends."""
    if isinstance(expires, bool) or not isinstance(expires, (int, float)) or expires <= 0:
        return 3600.0
    seconds = expires - now if expires > now / 2 else expires
    return max(seconds - RENEW_BEFORE, seconds / 2)


def _retry_after(error: PlatformError) -> float:
    return error.retry_after if isinstance(error, Throttled) else 0.0


def _seconds(text: str | None) -> float:
    try:
        return min(max(float(text or 0), 0.0), _MAX_RETRY_AFTER)
    except ValueError:
        return 0.0


def _session(base_url: str) -> requests.Session:
    session = requests.Session()
    session.verify = True
    session.trust_env = not is_loopback(requests.utils.urlparse(base_url).hostname or "")
    return session


def _shared_bucket(base_url, credentials, monotonic, sleep) -> TokenBucket:
    with _guard:
        key = base_url, credentials.app_key
        if key not in _buckets:
            _buckets[key] = TokenBucket(RATE, BURST, monotonic, sleep, CEILING)
        return _buckets[key]
