"""Progress and failures, written for the person in front of the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_started = time.monotonic()


class Problem(Exception):
    """A failure whose text says what is wrong and what to do about it."""


def elapsed() -> float:
    """Seconds since the command started."""
    return time.monotonic() - _started


def say(text: str = "") -> None:
    """One line for the user; flushed, since child processes write to the same terminal."""
    print(text, flush=True)


def note(text: str) -> None:
    """A line of progress, stamped with the seconds since the start."""
    say(f"[{elapsed():6.1f} s] {text}")


def warn(text: str) -> None:
    """Something the user should know; the command goes on."""
    print(f"[{elapsed():6.1f} s] warning: {text}", file=sys.stderr, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a step that takes time, and say how long it took."""
    note(f"{what} …")
    before = time.monotonic()
    yield
    note(f"{what}: done in {time.monotonic() - before:.1f} s")


def fail(problem: Problem) -> int:
    """Print a problem and return the exit code of the command."""
    print(f"\nerror: {problem}", file=sys.stderr, flush=True)
    return 1
