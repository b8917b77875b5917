"""Which adapter reads which message, and which platforms can be called."""

from collections.abc import Callable
from dataclasses import dataclass

from . import sheet
from .base import Adapter, Connection
from .douyin.aftersales import parse_aftersale
from .douyin.client import Credentials, DoudianClient
from .douyin.connection import DoudianConnection
from .douyin.orders import parse_order


class DouyinAdapter:
    """Reads Doudian's messages."""

    platform = "douyin"
    parse_order = staticmethod(parse_order)
    parse_aftersale = staticmethod(parse_aftersale)


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a shop."""

    app_key: str
    app_secret: str
    shop_ref: str
    base_url: str


def _douyin(access: Access) -> Connection:
    credentials = Credentials(access.app_key, access.app_secret, access.shop_ref)
    return DoudianConnection(DoudianClient(credentials, access.base_url))


ADAPTERS: dict[str, Adapter] = {"douyin": DouyinAdapter(), "sheet": sheet.SheetAdapter()}
CONNECTIONS: dict[str, Callable[[Access], Connection]] = {"douyin": _douyin}
SHEET_SOURCES = ("file", "manual")


def adapter_for(source: str, platform: str) -> Adapter | None:
    """The adapter of a message: files and hand-made orders have one shape on every platform."""
    return ADAPTERS.get("sheet" if source in SHEET_SOURCES else platform)
