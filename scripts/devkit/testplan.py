"""Which tests a command line means, sorted by how they have to be run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .addons import all_addons
from .console import Problem
from .paths import ADDONS, CHECKOUT, TESTS

NOT_IN_SUITE = {"faults", "browser", "pure", "simulators", "__pycache__"}


@dataclass
class Plan:
    """Test paths (pytest node ids) by phase; empty lists are phases with nothing to do."""

    pure: list[str] = field(default_factory=list)
    addons: list[str] = field(default_factory=list)
    browser: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    everything: bool = False

    def addon_names(self) -> list[str]:
        """Addons that the addon tests of this plan belong to."""
        return sorted({_addon_of(Path(node.split("::")[0])) for node in self.addons})


def plan(paths: Iterable[str], *, faults: bool) -> Plan:
    """Sort the given paths into phases; no path means the whole suite (or all faults)."""
    found = Plan()
    given = list(paths)
    if not given:
        found.everything = not faults
        given = [str(TESTS / "faults")] if faults else [str(ADDONS), str(TESTS)]
    for node in given:
        _sort(node, found)
    if not faults and found.faults and not (found.pure or found.addons or found.other):
        raise Problem("fault tests run with: scripts/test --faults [PATH…]")
    return found


def is_test_path(word: str) -> bool:
    """Whether a word of the command line is a path (else it is an option for pytest)."""
    return not word.startswith("-") and Path(word.split("::")[0]).exists()


def _sort(node: str, found: Plan) -> None:
    name, *rest = node.split("::")
    path = Path(name).resolve()
    if not path.exists():
        raise Problem(f"there is no {name}")
    suffix = "".join(f"::{part}" for part in rest)
    if path == CHECKOUT:
        for part in (ADDONS, TESTS):
            _sort(str(part), found)
    elif path == ADDONS:
        for addon in all_addons():
            _sort_addon(ADDONS / addon, found)
    elif path.is_relative_to(ADDONS):
        _sort_in_addon(path, suffix, found)
    elif path == TESTS:
        for child in sorted(TESTS.iterdir()):
            if child.is_dir() and child.name != "faults" and _has_tests(child):
                _sort(str(child), found)
    elif path.is_relative_to(TESTS):
        folder = path.relative_to(TESTS).parts[0]
        kind = folder if folder in ("pure", "browser", "faults") else "other"
        # Tests of the simulators need no Odoo either.
        kind = "pure" if folder == "simulators" else kind
        getattr(found, kind).append(str(path) + suffix)
    else:
        raise Problem(f"{name} is neither below addons/ nor below tests/")


def _sort_addon(addon: Path, found: Plan) -> None:
    tests = addon / "tests"
    if _has_tests(tests / "pure"):
        found.pure.append(str(tests / "pure"))
    if any(tests.glob("test_*.py")):
        found.addons.append(str(tests))


def _sort_in_addon(path: Path, suffix: str, found: Plan) -> None:
    parts = path.relative_to(ADDONS).parts
    if parts[1:] in ((), ("tests",)) and not suffix:
        _sort_addon(ADDONS / parts[0], found)
    elif parts[1:3] == ("tests", "pure"):
        found.pure.append(str(path) + suffix)
    else:
        found.addons.append(str(path) + suffix)


def _has_tests(folder: Path) -> bool:
    return any(folder.rglob("test_*.py"))


def _addon_of(path: Path) -> str:
    return path.resolve().relative_to(ADDONS).parts[0]
