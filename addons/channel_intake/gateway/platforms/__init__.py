"""Which platforms may push here; a new one is a module and a line."""

from . import douyin
from .base import Event, Platform, Refusal

PLATFORMS: dict[str, Platform] = {"douyin": douyin.Douyin()}

__all__ = ["PLATFORMS", "Event", "Platform", "Refusal"]
