"""The scripts' own logic: what a command line means, what a hash covers, what a log says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from devkit import addons, odoo_run, odoo_source, postgres, testplan
from devkit.inside.report import Report
from devkit.paths import ADDONS, TESTS


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Two addons, the second needs the first."""
    for name, depends in (("one", []), ("two", ["one", "sale"])):
        root = tmp_path / name
        (root / "tests").mkdir(parents=True)
        (root / "static" / "src").mkdir(parents=True)
        (root / "__manifest__.py").write_text(repr({"name": name, "depends": depends}))
        (root / "models.py").write_text("a = 1\n")
        (root / "tests" / "test_a.py").write_text("")
        (root / "static" / "src" / "a.js").write_text("")
    monkeypatch.setattr(addons, "ADDONS", tmp_path)
    return tmp_path


def test_closure_has_dependencies_first(tree):
    assert addons.closure(["two"]) == ["one", "two"]
    assert addons.closure(["one"]) == ["one"]


def test_closure_holds_what_odoo_installs_by_itself(tree):
    for name, facts in (
        ("three", {"depends": []}),
        ("bridge", {"depends": ["one", "three", "mail"], "auto_install": True}),
    ):
        (tree / name).mkdir()
        (tree / name / "__manifest__.py").write_text(repr(facts))
    assert addons.closure(["one"]) == ["one"]
    assert addons.closure(["one", "three"]) == ["one", "three", "bridge"]
    assert addons.closure(["bridge"]) == ["one", "three", "bridge"]


def test_a_circle_is_told(tree):
    (tree / "one" / "__manifest__.py").write_text(repr({"depends": ["two"]}))
    with pytest.raises(Exception, match="depend on each other"):
        addons.closure(["two"])


def test_hash_covers_what_a_database_holds(tree):
    before = addons.content_hash("one")
    (tree / "one" / "tests" / "test_a.py").write_text("changed")
    (tree / "one" / "static" / "src" / "a.js").write_text("changed")
    (tree / "one" / ".ruff_cache").mkdir()
    (tree / "one" / ".ruff_cache" / "x").write_text("x")
    assert addons.content_hash("one") == before
    (tree / "one" / "models.py").write_text("a = 2\n")
    assert addons.content_hash("one") != before


@pytest.mark.parametrize(
    ("path", "phase"),
    [
        (TESTS / "pure", "pure"),
        (TESTS / "pure" / "test_devkit.py::test_x", "pure"),
        (TESTS / "faults", "faults"),
        (TESTS / "simulators", "pure"),
        (TESTS / "browsing.py", "other"),
    ],
)
def test_paths_are_sorted_into_phases(path, phase):
    found = testplan.Plan()
    testplan._sort(str(path), found)
    assert getattr(found, phase) == [str(path)]


def test_an_addon_brings_its_pure_and_its_odoo_tests(tmp_path, monkeypatch):
    addon = tmp_path / "one"
    (addon / "tests" / "pure").mkdir(parents=True)
    (addon / "tests" / "test_a.py").touch()
    (addon / "tests" / "pure" / "test_b.py").touch()
    monkeypatch.setattr(testplan, "ADDONS", tmp_path)
    found = testplan.Plan()
    testplan._sort(str(addon), found)
    assert found.pure == [str(addon / "tests" / "pure")]
    assert found.addons == [str(addon / "tests")]
    assert found.addon_names() == ["one"]


def test_error_lines_come_with_their_traceback():
    log = """2026-01-01 10:00:00,000 12 INFO db odoo.x: fine
2026-01-01 10:00:01,000 12 ERROR db odoo.x: broken
Traceback (most recent call last):
ValueError: x
2026-01-01 10:00:02,000 12 WARNING db odoo.x: ERROR in the text only""".splitlines()
    assert odoo_run.error_lines(log) == log[1:4]


def test_a_conflict_that_odoo_runs_again_is_no_error():
    stamp = "2026-11-22 06:07:16,747 17934 ERROR qudao"
    conflict = [f"{stamp} odoo.sql_db: bad query: b'UPDATE'", "ERROR: could not serialize access"]
    assert odoo_run.error_lines(conflict) == []
    other = [f"{stamp} odoo.sql_db: bad query: b'UPDATE'", "ERROR: column x does not exist"]
    assert odoo_run.error_lines(other) == other


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("deb http://mirror.example/debian bookworm main", "http://mirror.example/debian"),
        (
            "deb [signed-by=/x arch=amd64] https://m.example/debian trixie main contrib",
            "https://m.example/debian",
        ),
        ("URIs: http://mirror.example/debian", "http://mirror.example/debian"),
        ("# deb http://mirror.example/debian bookworm main", None),
        ("deb http://mirror.example/tools stable extra", None),
    ],
)
def test_mirror_of_both_apt_formats(line, address):
    assert odoo_source._address(line) == address


def test_a_given_server_is_read_from_either_form():
    assert postgres.given_server({}) is None
    url = {"DATABASE_URL": "postgres://me:p%40ss@db.example:5433/x"}
    assert postgres.given_server(url) == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "me",
        "PGPASSWORD": "p@ss",
    }
    assert postgres.given_server({"PGHOST": "/run/pg"}) == {"PGHOST": "/run/pg"}


def test_report_prints_a_table_and_one_line_of_json():
    report = Report("x", {"cores": 2})
    report.rate("ours", 5000, "orders/s")
    report.rate("theirs", 100.0)
    report.ratio("vs_reference", 5000, 100)
    report.note("a remark")
    assert report.table().splitlines() == [
        "bench x",
        "ours          5,000/s  orders/s",
        "theirs          100/s",
        "vs_reference     × 50",
        "a remark",
    ]
    assert "\n" not in report.line()
    assert json.loads(report.line()) == {
        "bench": "x",
        "rates": {"ours": 5000.0, "theirs": 100.0},
        "ratios": {"vs_reference": 50.0},
        "machine": {"cores": 2},
    }


def test_every_addon_can_be_imported_without_odoo():
    """The shim of tests/pure_imports.py leaves addons' own __init__ alone."""
    for addon in addons.all_addons():
        assert not getattr(sys.modules[addon], "__file__", None)
        assert Path(next(iter(sys.modules[addon].__path__))) == ADDONS / addon


def test_pure_code_has_one_identity_under_both_names():
    from channel_network.core import money

    from odoo.addons.channel_network.core import money as the_same

    assert the_same is money
    assert money.__spec__.name == "channel_network.core.money"
