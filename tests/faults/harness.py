"""Kill work at exact moments, on a database of its own, and look at what is left.

The pytest process never loads Odoo. It talks to a fork server (``forkserver.py``) over pipes, and
to the databases' clusters directly. See README.md for how scenarios are written.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

import psycopg2
from devkit.databases import Database, copy_tree, createdb, dropdb
from devkit.odoo_run import Toolchain, environment, write_config

GIVE_UP = 120.0
UNBROKEN = (":broken", ":count_statements")


@dataclass(frozen=True)
class Kill:
    """When a run is killed; at most one of these is set. Counting starts at 1."""

    at_statement: int = 0
    before_commit: int = 0
    after_commit: int = 0
    after: float = 0.0

    def __str__(self) -> str:
        return next((f"{name}={value}" for name, value in asdict(self).items() if value), "never")


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    killed: bool
    value: object = None
    error: str = ""
    statements: int = 0
    commits: int = 0

    def kills(self, at_most: int = 20, seed: int = 1) -> list[Kill]:
        """Moments to kill the same work at: around each commit, and spread over its statements.

        The first and last statement are always among them; the rest is random but repeatable.
        """
        around = [
            kill
            for number in range(1, self.commits + 1)
            for kill in (Kill(before_commit=number), Kill(after_commit=number))
        ]
        room = max(at_most - len(around), 2)
        middle = range(2, self.statements)
        picked = random.Random(seed).sample(middle, min(room - 2, len(middle))) if middle else []
        ends = sorted({1, self.statements}) if self.statements else []
        return around + [Kill(at_statement=number) for number in sorted({*ends, *picked})]


class Job:
    """A run under way."""

    def __init__(self, server: ForkServer, number: int, pid: int, kill: Kill) -> None:
        self.server = server
        self.number = number
        self.pid = pid
        self.to_kill = kill
        self.started = time.monotonic()

    def kill(self) -> None:
        """SIGKILL from outside, now."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Outcome:
        """Wait for its end; a run that only hangs is killed and reported as an error."""
        if self.to_kill.after:
            time.sleep(max(0.0, self.started + self.to_kill.after - time.monotonic()))
            self.kill()
        return Outcome(**self.server.ask({"wait": self.number, "timeout": GIVE_UP}))


class ForkServer:
    """A process with Odoo and the registry loaded that forks a child for every run."""

    def __init__(self, toolchain: Toolchain, database: Database) -> None:
        """Load on a database; runs may then use any copy of the same template."""
        config = write_config(toolchain, database, "forkserver.conf")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "faults.forkserver", str(config), database.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment(toolchain, database), cwd=database.home,
        )  # fmt: skip
        self._number = 0
        self.ask({"ready": True})

    def ask(self, message: dict) -> dict:
        """One question, one answer, a line of JSON each."""
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the fork server ended; its log is in the captured output"
        return json.loads(line)

    def start(self, work: str, arguments: dict, kill: Kill, database: Database) -> Job:
        """Fork a child that runs ``module:function`` on this database."""
        self._number += 1
        answer = self.ask(
            {
                "run": self._number,
                "work": work,
                "arguments": arguments,
                "kill": asdict(kill),
                "database": database.name,
                "environment": database.environment,
                "data_dir": str(database.data_dir),
            }
        )
        return Job(self, self._number, answer["pid"], kill)

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class World:
    """A database on a cluster of its own, and the fork server; what a scenario works on.

    The cluster holds the pristine database; what is worked on is a copy of it.
    """

    def __init__(self, server: ForkServer, pristine: Database) -> None:
        self.server = server
        self.pristine = pristine
        self.number = 0
        self.database = self._copy()

    def _copy(self) -> Database:
        self.number += 1
        name = f"world_{self.number}"
        # PostgreSQL 15 and newer by default copy through the log, with the page images of
        # sequences as they are; after a crash such a sequence goes back by up to 32 numbers.
        version = int((self.pristine.cluster.data / "PG_VERSION").read_text().split(".")[0])
        strategy = ["--strategy=file_copy"] if version >= 15 else []
        createdb(self.pristine.environment, name, self.pristine.name, *strategy)
        files = self.pristine.data_dir / "filestore"
        if (files / self.pristine.name).exists():
            copy_tree(files / self.pristine.name, files / name)
        return replace(self.pristine, name=name)

    def again(self) -> World:
        """Throw the database away and go on with a fresh copy."""
        dropdb(self.pristine.environment, self.database.name)
        self.database = self._copy()
        return self

    # --- work ------------------------------------------------------------------------------

    def start(self, work: str, *, kill: Kill = Kill(), **arguments) -> Job:
        """Start ``module:function(env, **arguments)`` and return at once.

        It may be broken on purpose (``breaks.py``); what looks whether all is well never is.
        """
        how = os.environ.get("QUDAO_FAULTS_BREAK")
        if how and not work.endswith(UNBROKEN):
            arguments = {"how": how, "work": work, "arguments": arguments}
            work = "faults.breaks:broken_on_purpose"
        return self.server.start(work, arguments, kill, self.database)

    def work(self, work: str, *, kill: Kill = Kill(), **arguments) -> Outcome:
        """Run it to its end. An exception in it is a failure unless a kill was asked for."""
        outcome = self.start(work, kill=kill, **arguments).wait()
        if outcome.killed:
            self.wait_for_backends()
        elif kill == Kill():
            assert not outcome.error, outcome.error
        return outcome

    def measure(self, work: str, **arguments) -> Outcome:
        """Run it unharmed, to learn its statements and commits; go on with `again`."""
        return self.work(work, **arguments)

    def wait_for_backends(self) -> None:
        """Until PostgreSQL has noticed that a killed client is gone (its locks are free then)."""
        end = time.monotonic() + GIVE_UP
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        for cr in self.cursor():
            while True:
                cr.execute(query)
                if not cr.fetchone()[0]:
                    return
                assert time.monotonic() < end, "a backend outlives its client"
                time.sleep(0.02)

    def cursor(self) -> Iterator:
        """``for cr in world.cursor()``: plain psycopg2, each statement a transaction."""
        names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
        where = {names[k]: v for k, v in self.database.environment.items() if k in names}
        connection = psycopg2.connect(dbname=self.database.name, **where)
        connection.autocommit = True
        try:
            with connection.cursor() as cr:
                yield cr
        finally:
            connection.close()

    def sql(self, query: str, *arguments) -> list[tuple]:
        """The rows of one query."""
        for cr in self.cursor():
            cr.execute(query, arguments or None)
            return cr.fetchall() if cr.description else []
        return []

    # --- PostgreSQL ------------------------------------------------------------------------

    def power_cut(self) -> None:
        """PostgreSQL ends without a checkpoint: it must recover from its log."""
        self.database.cluster.halt("immediate")

    def kill_postgres(self) -> None:
        """SIGKILL for the postmaster and its children."""
        self.database.cluster.kill()

    def restart_postgres(self) -> None:
        """Bring it back at the same address; waits until it has recovered."""
        self.database.cluster.start()
