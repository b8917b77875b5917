"""Simulator of Doudian's (抖店) open platform; see README.md beside this file."""

from .simulator import DouyinSimulator

__all__ = ["DouyinSimulator"]
