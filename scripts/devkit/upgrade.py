"""scripts/check-upgrade: what an older commit has stored goes on with this one."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from . import addons as ours
from .console import Problem, say, step
from .databases import Database, storage
from .odoo_run import odoo
from .paths import CHECKOUT
from .setup import ensure_toolchain
from .system import run
from .templates import ensure_addons

ORDERS = 200
# Run in the older checkout, with its own scripts.
PLAY = f"""
import sys
sys.path.insert(0, "scripts")
from devkit import addons
from devkit.databases import storage
from devkit.setup import ensure_toolchain
from devkit.templates import ensure_addons, ensure_story
toolchain, store = ensure_toolchain(), storage()
template = ensure_addons(toolchain, store, addons.all_addons())
print("story:", ensure_story(toolchain, store, template, {ORDERS}))
"""
CONTROLS = """
broken = {code: rows for code, rows in env["channel.control"]._run_all().items() if rows}
print("controls:", broken or "green")
"""
# Sequences of documents are rows of the company; pg_dump's own words differ each time.
IGNORED = re.compile(r"^(\\|SET |SELECT |COMMENT )|ir_sequence_\d")


def check(commit: str) -> int:
    """Upgrade the story of a commit; 1 when something is not as it should be."""
    story = _old_story(commit)
    toolchain, store = ensure_toolchain(), storage()
    with store.copy(story) as database, step(f"upgrading the database of {commit}"):
        names = ",".join(ours.all_addons())
        odoo(toolchain, database, "-u", names, "--stop-after-init", "--no-http")
        controls = odoo(toolchain, database, "shell", "--no-http", stdin=CONTROLS)
        upgraded = _schema(database)
    with store.copy(ensure_addons(toolchain, store, ours.all_addons())) as database:
        fresh = _schema(database)
    for line in sorted(upgraded - fresh):
        say(f"only in the upgraded database: {line}")
    for line in sorted(fresh - upgraded):
        say(f"only in a fresh database: {line}")
    verdict = next((row for row in controls.splitlines() if row.startswith("controls:")), "")
    say(verdict or "the controls gave no answer")
    return int(upgraded != fresh or verdict != "controls: green")


def _old_story(commit: str) -> str:
    """The key of the template in which that commit has played its story."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        archive = subprocess.Popen(
            ["git", "-C", str(CHECKOUT), "archive", commit], stdout=subprocess.PIPE
        )
        unpacked = subprocess.run(["tar", "-x", "-C", folder], stdin=archive.stdout, check=False)
        if archive.wait() or unpacked.returncode:
            raise Problem(f"{commit} is no commit of this repository")
        with step(f"playing the story of {commit}"):
            said = run([sys.executable, "-c", PLAY], cwd=Path(folder), capture=True)
    return said.rpartition("story: ")[2].split()[0]


def _schema(database: Database) -> set[str]:
    """The statements that make the database's tables and all that belongs to them."""
    text = run(
        ["pg_dump", "--schema-only", "--no-owner", database.name],
        env=database.environment, capture=True,
    )  # fmt: skip
    found = set()
    for statement in re.split(r";\n", re.sub(r"^--.*$", "", text, flags=re.M)):
        words = statement.strip()
        table = re.match(r"CREATE TABLE (\S+) \((.*)\)", words, re.S)
        rows = [f"{table[1]}: {row.strip()}" for row in table[2].split(",\n")] if table else [words]
        found |= {re.sub(r"\s+", " ", row) for row in rows if row and not IGNORED.search(row)}
    return found
