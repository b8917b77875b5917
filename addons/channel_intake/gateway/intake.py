"""What is done with a request, from its bytes to rows or a refusal; pure."""

from collections.abc import Mapping
from typing import NamedTuple

from .directory import App, Directory
from .platforms import PLATFORMS, Platform, Refusal


class Row(NamedTuple):
    """A row of channel_push, but for the time."""

    shop_id: int
    tag: str
    msg_id: str
    order_ref: str | None
    aftersale_ref: str | None
    data: str


class Verdict(NamedTuple):
    """Rows to store, and why the request is refused ('' when it is not).

    Both at once: a push for a known and an unknown shop is stored for the known one and refused,
    so that the platform sends it again and somebody sees it.
    """

    rows: tuple[Row, ...] = ()
    reason: str = ""
    app: str = ""
    shop_ref: str = ""


def judge(directory: Directory, name: str, headers: Mapping[bytes, bytes], raw: bytes) -> Verdict:
    """Check first who sent it, and only then look at what was sent.

    :param name: of the platform, a key of PLATFORMS
    """
    platform = PLATFORMS[name]
    app = directory.apps.get((name, platform.app_key(headers)))
    if app is None:
        return Verdict(reason="unknown_app")
    for secret in app.secrets:
        if platform.is_signed(headers, raw, app.app_key, secret):
            break
    else:
        return Verdict(reason="bad_signature", app=app.name)
    try:
        return _rows(app, platform, raw)
    except Refusal as refusal:
        return Verdict(reason=refusal.reason, app=app.name)


def _rows(app: App, platform: Platform, raw: bytes) -> Verdict:
    rows, unknown = [], ""
    for event in platform.split(raw):
        shop_id = app.shop(event.shop_ref)
        if shop_id is None:
            unknown = event.shop_ref or "?"
        else:
            rows.append(Row(shop_id, *event[1:]))
    if unknown:
        return Verdict(tuple(rows), "unknown_shop", app.name, unknown)
    return Verdict(tuple(rows))
