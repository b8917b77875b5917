"""What the gateway must know of a platform: who pushes, whether it is signed, what is in it."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

# Answers have the platform's words in them, never more about us than the reason.
REASONS = {
    "unknown_app": 401,
    "bad_signature": 401,
    "unknown_shop": 404,
    "malformed": 400,
    "too_large": 413,
    "slow": 408,
    "busy": 429,
    "unavailable": 503,
}


class Refusal(Exception):
    """A push that is not taken; ``reason`` is a key of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Event(NamedTuple):
    """One event of a push. ``shop_ref`` is empty when the event names no shop."""

    shop_ref: str
    tag: str
    msg_id: str
    order_ref: str | None
    aftersale_ref: str | None
    data: str


class Platform(Protocol):
    """One platform's way to push; pure. Headers are bytes, names in lower case."""

    content_type: bytes
    success: bytes

    def app_key(self, headers: Mapping[bytes, bytes]) -> str:
        """The app that says it pushes; empty when the request does not say."""
        ...

    def is_signed(
        self, headers: Mapping[bytes, bytes], raw: bytes, app_key: str, secret: str
    ) -> bool:
        """Whether the request is signed with this secret; compares in constant time."""
        ...

    def split(self, raw: bytes) -> list[Event]:
        """The events of a signed body, without test pings (none: nothing to store).

        :raises Refusal: ``malformed``
        """
        ...

    def failure(self, reason: str) -> bytes:
        """The body of a refusal."""
        ...
