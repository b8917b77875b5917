"""Python environments in the cache, keyed by their pins: one for Odoo, one for linters."""

from __future__ import annotations

import shutil
from pathlib import Path

from .console import step
from .locks import locked
from .odoo_source import OdooSource
from .paths import CHECKOUT, CONFIG, cache_root, digest, ensure_dir
from .system import run, system_python

_HELP = "Check the network (the package index must be reachable), then run this command again."


def odoo_environment(source: OdooSource) -> Path:
    """The Python of the environment that runs Odoo and the tests."""
    pins = CHECKOUT / "requirements.txt"
    oca = CONFIG / "requirements-oca.txt"

    def fill(python: Path, site: Path) -> None:
        _pip(python, "-r", pins)
        (site / "odoo.pth").write_text(f"{source.python_path}\n")
        _pip(python, "--no-deps", "-r", oca)

    return _environment("odoo", digest(pins, oca, source.key, _interpreter()), fill)


def lint_environment() -> Path:
    """The Python of the environment that holds ruff and pylint-odoo."""
    pins = CONFIG / "requirements-lint.txt"
    return _environment(
        "lint", digest(pins, _interpreter()), lambda python, _site: _pip(python, "-r", pins)
    )


def _interpreter() -> str:
    return run([system_python(), "-c", "import sys; print(sys.version)"], capture=True)


def _pip(python: Path, *arguments: str | Path) -> None:
    run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check",
         "--only-binary", ":all:", "--no-binary", "ofxparse,docopt", *arguments],
        help_text=_HELP,
    )  # fmt: skip


def _environment(name: str, key: str, fill) -> Path:
    """Build an environment once; a virtual environment cannot be moved, so a marker ends it."""
    store = ensure_dir(cache_root() / "python")
    home = store / f"{name}-{key}"
    python = home / "bin" / "python"
    if (home / ".complete").exists():
        return python
    with locked(store / f".{name}.lock", waiting_for=f"the Python environment '{name}'"):
        if (home / ".complete").exists():
            return python
        shutil.rmtree(home, ignore_errors=True)
        with step(f"building the Python environment '{name}'"):
            run(
                [system_python(), "-m", "venv", home],
                help_text="On Debian and Ubuntu this needs the package python3-venv.",
            )
            site = next((home / "lib").glob("python3*")) / "site-packages"
            fill(python, site)
            (home / ".complete").touch()
            _drop_older(store, name, keep=home)
    return python


def _drop_older(store: Path, name: str, keep: Path, number: int = 3) -> None:
    """Environments of earlier pins stay a while: another checkout may still use them."""
    homes = sorted(store.glob(f"{name}-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in [home for home in homes if home != keep][number:]:
        shutil.rmtree(old, ignore_errors=True)
