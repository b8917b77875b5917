"""The gateway and Odoo agree about the tables between them, although neither imports the other."""

from __future__ import annotations

import ast
import re

from devkit.paths import ADDONS

ADDON = ADDONS / "channel_intake"


def _constant(path, name):
    for node in ast.parse((ADDON / path).read_text()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{path} has no {name}")


def test_the_version_is_the_same_on_both_sides():
    assert _constant("gateway/store.py", "SCHEMA_VERSION") == _constant(
        "models/push_gateway.py", "SCHEMA_VERSION"
    )


def test_every_reason_has_a_name_on_the_screen():
    named = {reason for reason, _label in _constant("models/push_refusal.py", "REASONS")}
    assert named == set(_constant("gateway/platforms/base.py", "REASONS"))


def test_the_gateway_imports_nothing_from_odoo():
    for path in sorted((ADDON / "gateway").rglob("*.py")):
        assert not re.search(r"^\s*(from|import) odoo\b", path.read_text(), re.M), path.name
