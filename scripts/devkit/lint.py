"""scripts/lint: ruff and pylint-odoo with the settings of pyproject.toml."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from .addons import all_addons
from .paths import ADDONS, CHECKOUT, TESTS, cache_root, ensure_dir
from .pyenv import lint_environment

# Python scripts without a suffix: ruff finds them only when they are named.
_SCRIPTS = ("bench", "i18n", "lint", "serve", "shell", "test")


def run(paths: Sequence[str], *, fix: bool = False, out: IO[str] | None = None) -> int:
    """Lint the given paths, or everything; returns the worst exit code.

    :param out: what the tools say goes there instead of to the screen
    """
    tools = lint_environment().parent
    targets = [str(Path(path).resolve()) for path in paths] or _everything()
    env = {**os.environ, "RUFF_CACHE_DIR": str(ensure_dir(cache_root() / "ruff"))}
    checks = [
        [tools / "ruff", "check", *(["--fix"] if fix else []), *targets],
        [tools / "ruff", "format", *([] if fix else ["--check"]), *targets],
    ]
    addons = _addons(targets)
    if addons:
        checks.append(
            [tools / "pylint", "--rcfile", CHECKOUT / "pyproject.toml", "-j", "2", *addons]
        )
    codes = [
        subprocess.run(
            [str(part) for part in check],
            cwd=CHECKOUT,
            env=env,
            check=False,
            stdout=out,
            stderr=out and subprocess.STDOUT,
        ).returncode
        for check in checks
    ]
    return max(codes)


def _everything() -> list[str]:
    scripts = [CHECKOUT / "scripts" / name for name in _SCRIPTS]
    places = [ADDONS, TESTS, CHECKOUT / "scripts", *scripts, CHECKOUT / "conftest.py"]
    return [str(place) for place in places if place.exists()]


def _addons(targets: Sequence[str]) -> list[str]:
    """The addons (whole ones: pylint-odoo checks manifests too) that the targets touch."""
    if str(ADDONS) in targets:
        return [str(ADDONS / name) for name in all_addons()]
    inside = [
        Path(t).relative_to(ADDONS).parts[0] for t in targets if Path(t).is_relative_to(ADDONS)
    ]
    return sorted({str(ADDONS / name) for name in inside})
