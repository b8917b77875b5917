"""WeChat Pay's split instructions (v3) over real HTTP, with books of its own."""

from .simulator import WechatPaySimulator

__all__ = ["WechatPaySimulator"]
