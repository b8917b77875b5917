"""File locks: one builder per cache entry, and no pruning of an entry being copied."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import note
from .system import owner


def _open(path: Path) -> int:
    """The lock file; made by root it still belongs to the service user, whose tests lock too."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    if (ids := owner()) and os.fstat(descriptor).st_uid != ids[0]:
        os.fchown(descriptor, *ids)
    return descriptor


@contextmanager
def locked(path: Path, *, shared: bool = False, waiting_for: str = "") -> Iterator[None]:
    """Hold a lock on ``path`` (created when missing); says so when it has to wait."""
    descriptor = _open(path)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting_for:
                note(f"another run is building {waiting_for}; waiting for it")
            fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Try to take the lock; yields whether it was free."""
    try:
        descriptor = _open(path)
    except PermissionError:  # being made by root at this very moment: not free
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
