"""Where things live: the checkout, the cache beside it, and the state of `serve`."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from .console import Problem

CHECKOUT = Path(__file__).resolve().parents[2]
ADDONS = CHECKOUT / "addons"
CONFIG = CHECKOUT / "config"
TESTS = CHECKOUT / "tests"

_NEEDED_GIB = 4


def cache_root() -> Path:
    """Directory for everything that can be built again (never inside the checkout)."""
    given = os.environ.get("QUDAO_CACHE")
    if given:
        return Path(given).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/cache/qudao")
    return Path("~/.cache/qudao").expanduser()


def state_root() -> Path:
    """Directory of this checkout's running demo: database, filestore, logs, data key."""
    given = os.environ.get("QUDAO_STATE")
    if given:
        return Path(given).expanduser().resolve()
    name = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    return cache_root() / "serve" / name


def artefact_root() -> Path:
    """Directory for screenshots and PDF files made by tests."""
    given = os.environ.get("QUDAO_ARTEFACTS")
    return Path(given).expanduser().resolve() if given else cache_root() / "artefacts"


def ensure_dir(path: Path, mode: int = 0o755, owner: tuple[int, int] | None = None) -> Path:
    """Create a directory (and its parents), with a message that helps when it cannot be."""
    try:
        missing = [p for p in (path, *path.parents) if not p.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for made in missing:
            made.chmod(mode)
            if owner:
                os.chown(made, *owner)
    except OSError as error:
        raise Problem(
            f"cannot create {path}: {error.strerror}.\n"
            "Set QUDAO_CACHE (and QUDAO_STATE for scripts/serve) to a directory you can write."
        ) from error
    return path


def check_disk(path: Path) -> None:
    """Stop early when the disk cannot take the Odoo source and a few databases."""
    free = shutil.disk_usage(path).free / 2**30
    if free < _NEEDED_GIB:
        raise Problem(
            f"{path} has {free:.1f} GiB free; {_NEEDED_GIB} GiB are needed.\n"
            "Free some space, or set QUDAO_CACHE to a directory on a larger disk."
        )


def digest(*parts: str | bytes | Path) -> str:
    """Short content hash: strings as they are, paths by what the file holds."""
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        data = data.encode() if isinstance(data, str) else data
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:16]
