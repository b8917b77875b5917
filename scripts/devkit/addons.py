"""Our addons: what they depend on among each other, and what of them a database holds."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path

from .console import Problem
from .paths import ADDONS

# Files that leave no trace in a database: a change of these needs no new installation.
_NO_TRACE = {"tests", "readme", "gateway", "__pycache__"}
_NO_TRACE_STATIC = {"src", "tests", "lib"}


def manifest(addon: str) -> dict:
    """The manifest, read as a literal."""
    path = ADDONS / addon / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text())
    except FileNotFoundError:
        raise Problem(f"there is no addon '{addon}' in {ADDONS}") from None
    except (ValueError, SyntaxError) as error:
        raise Problem(f"{path} cannot be read: {error}") from None


def all_addons() -> list[str]:
    """Installable addons of the checkout."""
    names = sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))
    return [name for name in names if manifest(name).get("installable", True)]


def closure(names: Iterable[str]) -> list[str]:
    """What of ours a database with the given addons holds, dependencies first.

    The addons, those they depend on, and those that Odoo installs by itself beside them.
    """
    ours = {path.parent.name for path in ADDONS.glob("*/__manifest__.py")}
    ordered: list[str] = []

    def visit(name: str, below: tuple[str, ...]) -> None:
        if name in below:
            raise Problem(f"addons depend on each other: {' → '.join((*below, name))}")
        if name in ordered:
            return
        for needed in manifest(name).get("depends", ()):
            if needed in ours:
                visit(needed, (*below, name))
        ordered.append(name)

    for name in sorted(names):
        visit(name, ())
    bridges = [name for name in sorted(ours) if by_itself(name)]
    for name in bridges:  # none of them needs another one
        needed = set(manifest(name)["depends"]) & ours
        if needed and needed <= set(ordered):
            visit(name, ())
    return ordered


def by_itself(addon: str) -> bool:
    """Whether Odoo installs the addon as soon as all that it depends on is there."""
    return bool(manifest(addon).get("auto_install"))


def content_hash(addon: str) -> str:
    """Hash of the files that decide what installing the addon puts into a database."""
    root = ADDONS / addon
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.is_dir() or _leaves_no_trace(relative):
            continue
        data = path.read_bytes()
        total.update(f"{relative}\0{len(data)}\0".encode() + data)
    return total.hexdigest()[:16]


def _leaves_no_trace(relative: Path) -> bool:
    parts = relative.parts
    if any(part in _NO_TRACE or part.startswith(".") for part in parts):
        return True
    if parts[-1].endswith((".pyc", "~", ".swp")):
        return True
    return parts[0] == "static" and len(parts) > 1 and parts[1] in _NO_TRACE_STATIC
