"""scripts/test: run the phases of a plan, each the way it needs, and add up the results."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import addons as ours
from . import lint
from .console import note, say, warn
from .databases import Database, Storage, storage
from .odoo_run import Toolchain, environment, write_config
from .paths import CHECKOUT, artefact_root, cache_root, ensure_dir
from .setup import ensure_toolchain
from .templates import ensure_addons, ensure_test_company
from .testplan import Plan

SLOWEST = 8  # files that are named after a whole run
NO_TESTS = 5  # pytest's exit code when it collected none

# Run beside the other phases of the whole suite: each has a database and a server of its own.
BESIDE = {"lint", "scenarios", "browser scenarios"}


@dataclass
class Result:
    """What one phase brought."""

    phase: str
    code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    files: dict[str, float] = field(default_factory=dict)  # seconds by file

    @property
    def ran(self) -> int:
        return self.passed + self.failed + self.skipped


# Runs; what pytest says goes to the file, or to the screen.
Phase = Callable[[IO[str] | None], Result]


class Suite:
    """One run of scripts/test."""

    def __init__(
        self, plan: Plan, options: Sequence[str], *, only: Sequence[str] = (), linting: bool = True
    ) -> None:
        self.plan = plan
        self.options = list(options)
        self.only = list(only)
        self.linting = linting
        self.results: list[Result] = []
        self.began = time.monotonic()
        self.toolchain: Toolchain = ensure_toolchain()
        self._storage: Storage | None = None

    def run(self) -> int:
        """All phases; returns the exit code."""
        phases: list[tuple[str, bool, Phase]] = [
            ("lint", self.plan.everything and self.linting, self._lint),
            ("pure tests", bool(self.plan.pure), self._pure),
            ("addon tests", bool(self.plan.addons), self._addons),
            ("scenarios", bool(self.plan.other), self._other),
            ("browser scenarios", bool(self.plan.browser), self._browser),
            ("fault scenarios", bool(self.plan.faults), self._faults),
        ]  # fmt: skip
        wanted = [(name, phase) for name, wanted, phase in phases if wanted]
        beside = [each for each in wanted if each[0] in BESIDE and self._has_room()]
        with ThreadPoolExecutor(1) as other:
            waiting = [other.submit(self._aside, *each) for each in beside]
            for each in wanted:
                if each not in beside:
                    self._timed(*each)
            for told in waiting:
                say(told.result())
        return self._sum_up()

    def _has_room(self) -> bool:
        """Whether all tests are wanted, as they are, and two processors share them."""
        return self.plan.everything and not self.options and (os.cpu_count() or 1) > 1

    def _timed(self, name: str, phase: Phase, out: IO[str] | None = None) -> None:
        """Run a phase and keep its result."""
        say(f"\n=== {name} ===" if out is None else f"({name} begin)")
        before = time.monotonic()
        result = phase(out)
        result.phase, result.seconds = name, time.monotonic() - before
        self.results.append(result)

    def _aside(self, name: str, phase: Phase) -> str:
        """Run a phase while another one has the screen; returns what it said."""
        with tempfile.TemporaryFile("w+") as out:
            self._timed(name, phase, out)
            out.seek(0)
            return f"\n=== {name} ===\n{out.read()}"

    # --- phases ----------------------------------------------------------------------------

    def _lint(self, out: IO[str] | None) -> Result:
        code = lint.run([], out=out)
        return Result("lint", code)

    def _pure(self, out: IO[str] | None) -> Result:
        """Plain pytest: no Odoo, no database."""
        return self._pytest(["-p", "no:odoo", *self.plan.pure], out)

    def _addons(self, out: IO[str] | None) -> Result:
        """pytest-odoo on a copy of a database with exactly these addons and what they need."""
        names = self.only or self.plan.addon_names()
        template = self._template(names)
        if "channel_network" in ours.closure(names):
            template = ensure_test_company(self.toolchain, self.storage, template)
        with self.storage.copy(template) as database:
            config = write_config(self.toolchain, database)
            arguments = [
                f"--odoo-database={database.name}",
                f"--odoo-config={config}",
                "--odoo-log-level=warn",
                "--odoo-http",
                "--ignore-glob=*/tests/pure/*",
            ]
            return self._pytest([*arguments, *self.plan.addons], out, database)

    def _other(self, out: IO[str] | None) -> Result:
        return self._scenario(self.plan.other, out)

    def _browser(self, out: IO[str] | None) -> Result:
        return self._scenario(self.plan.browser, out)

    def _faults(self, out: IO[str] | None) -> Result:
        return self._scenario(self.plan.faults, out)

    def _scenario(self, paths: Sequence[str], out: IO[str] | None) -> Result:
        """pytest with the fixtures of tests/conftest.py, which start what a test asks for."""
        names = self.only or ours.all_addons()
        template = self._template(names)
        with self.storage.using(template):
            extra = {"QUDAO_TEMPLATE": template}
            return self._pytest(["-p", "no:odoo", *paths], out, extra_env=extra)

    # --- pieces ----------------------------------------------------------------------------

    @property
    def storage(self) -> Storage:
        if self._storage is None:
            self._storage = storage()
        return self._storage

    def _template(self, names: Sequence[str]) -> str:
        return ensure_addons(self.toolchain, self.storage, names)

    def _pytest(
        self, arguments: Sequence[str], out: IO[str] | None, database: Database | None = None,
        extra_env: dict[str, str] | None = None,
    ) -> Result:  # fmt: skip
        owner = self.toolchain.owner()
        scratch = ensure_dir(cache_root() / "tallies", 0o777, owner)
        with tempfile.NamedTemporaryFile(dir=scratch, suffix=".json") as tally:
            Path(tally.name).chmod(0o666)
            env = environment(self.toolchain, database) | (extra_env or {})
            env["QUDAO_TALLY"] = tally.name
            cache_dir = ensure_dir(cache_root() / "pytest", 0o755, owner)
            command = [
                str(self.toolchain.python), "-m", "pytest", "-p", "devkit.inside.tally",
                "-p", "devkit.inside.properties",
                "-o", f"cache_dir={cache_dir}", "--rootdir", str(CHECKOUT),
                *arguments, *self.options,
            ]  # fmt: skip
            if out is None:
                note(f"pytest {' '.join(_short(a) for a in arguments if a[0] != '-')}")
            done = subprocess.run(
                command, cwd=CHECKOUT, env=env, check=False, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out and subprocess.STDOUT, **self.toolchain.identity(),
            )  # fmt: skip
            text = Path(tally.name).read_text()
        numbers = json.loads(text) if text else {"failed": 1}
        return Result("", done.returncode, **numbers)

    def _sum_up(self) -> int:
        """Print one line per phase and the sum; a run without a single test is a failure."""
        failed = [r for r in self.results if r.code not in (0, NO_TESTS)]
        empty = [r for r in self.results if r.code == NO_TESTS]
        selecting = any(option.startswith(("-k", "-m")) for option in self.options)
        tests = [r for r in self.results if r.phase != "lint"]
        say()
        for result in self.results:
            counted = f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped"
            verdict = "ok" if result.code == 0 else f"exit code {result.code}"
            if result.phase == "lint":
                counted = "clean" if result.code == 0 else "see above"
            say(f"{result.phase:18} {counted:40} {result.seconds:6.1f} s  {verdict}")
        if self.plan.everything:
            say(f"all of it: {(time.monotonic() - self.began) / 60:.1f} minutes; {self._slowest()}")
        if self.plan.browser or self.plan.other:
            say(f"screenshots and other artefacts: {artefact_root()}")
        total = [sum(getattr(r, k) for r in self.results) for k in ("passed", "failed", "skipped")]
        say(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
        if not sum(r.ran for r in tests):
            warn("no test ran")
            return 1
        if empty and not selecting:
            warn(f"no test ran in: {', '.join(r.phase for r in empty)}")
            return 1
        return 1 if failed else 0

    def _slowest(self) -> str:
        """Where the time went, by file."""
        took = [(took, name) for result in self.results for name, took in result.files.items()]
        named = [f"{name} {took:.0f} s" for took, name in sorted(took, reverse=True)[:SLOWEST]]
        return f"slowest files: {', '.join(named)}"


def _short(path: str) -> str:
    return path.replace(f"{CHECKOUT}/", "")
