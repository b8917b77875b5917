"""Alipay's split (royalty) instructions over real HTTP, with books of its own."""

from .simulator import AlipaySimulator

__all__ = ["AlipaySimulator"]
