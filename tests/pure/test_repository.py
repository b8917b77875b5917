"""What every addon must have, checked without Odoo."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from devkit.addons import all_addons, closure, manifest
from devkit.paths import ADDONS, CHECKOUT

every_addon = pytest.mark.parametrize("addon", all_addons())
TEST_BASES = re.compile(r"(Case|Common|TestCase)$")


def _test_files(addon: str) -> list[Path]:
    return sorted((ADDONS / addon / "tests").glob("test_*.py"))


@every_addon
def test_manifest(addon):
    facts = manifest(addon)
    assert facts["license"] == "LGPL-3"
    assert re.fullmatch(r"19\.0(\.\d+){3}", facts["version"])
    assert facts["author"] and facts["summary"] and facts["category"]


@every_addon
@pytest.mark.parametrize("name", ["readme/DESCRIPTION.md", "readme/USAGE.md", "i18n/zh_CN.po"])
def test_has(addon, name):
    path = ADDONS / addon / name
    assert path.exists() and path.read_text().strip(), f"{addon}/{name} is missing or empty"


@every_addon
def test_files_of_the_manifest_exist(addon):
    facts = manifest(addon)
    named = [*facts.get("data", ()), *facts.get("demo", ())]
    assert [name for name in named if not (ADDONS / addon / name).exists()] == []
    loaded = set(named)
    for folder in ("views", "security", "data", "wizards", "report"):
        for path in (ADDONS / addon / folder).glob("*"):
            if path.suffix in (".xml", ".csv"):
                relative = str(path.relative_to(ADDONS / addon))
                assert relative in loaded, f"{addon}: {relative} is not in the manifest"


@every_addon
def test_odoo_runs_the_tests_that_pytest_runs(addon):
    """pytest collects files by name; Odoo only what tests/__init__.py imports."""
    files = {path.stem for path in _test_files(addon)}
    if not files:
        return
    tree = ast.parse((ADDONS / addon / "tests" / "__init__.py").read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    assert sorted(files - imported) == [], "missing in tests/__init__.py"


@every_addon
def test_addon_tests_run_after_installation(addon):
    """At install time the other addons' columns are there but not their models."""
    wrong = []
    for path in _test_files(addon):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and _is_test_class(node):
                tags = {word for deco in node.decorator_list for word in _strings(deco)}
                if not {"post_install", "-at_install"} <= tags:
                    wrong.append(f"{path.name}: {node.name}")
    assert wrong == []


def _is_test_class(node: ast.ClassDef) -> bool:
    has_tests = any(
        isinstance(item, ast.FunctionDef) and item.name.startswith("test") for item in node.body
    )
    bases = [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
             for base in node.bases]  # fmt: skip
    return has_tests and any(TEST_BASES.search(base) for base in bases)


def _strings(node: ast.AST) -> list[str]:
    return [
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]


@every_addon
def test_pure_code_imports_nothing_from_odoo(addon):
    """But the pure code of another addon of ours."""
    pure = tuple(f"odoo.addons.{name}.core" for name in all_addons())
    wrong = []
    for folder in (ADDONS / addon / "core", ADDONS / addon / "tests" / "pure"):
        for path in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                wrong += [
                    f"{path.name}: {name}"
                    for name in names
                    if name.split(".")[0] == "odoo" and not name.startswith(pure)
                ]
    assert wrong == []


def test_addons_depend_on_each_other_in_one_direction():
    assert sorted(closure(all_addons())) == all_addons()


def test_no_addon_needs_what_the_base_database_lacks():
    base = {
        line.split("#")[0].strip()
        for line in (CHECKOUT / "config" / "base-modules.txt").read_text().splitlines()
    }
    ours = set(all_addons())
    brought = {"base", "web", "mail", "bus", "sale", "stock", "stock_account", "product", "uom",
               "delivery", "resource", "base_address_extended", "digest", "sales_team",
               "barcodes"}  # fmt: skip
    unknown = {
        f"{addon}: {name}"
        for addon in ours
        for name in manifest(addon).get("depends", ())
        if name not in ours | base | brought
    }
    assert not unknown, f"add to config/base-modules.txt, so that they install once: {unknown}"
