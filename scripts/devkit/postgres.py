"""Private PostgreSQL clusters: a directory, a unix socket, and no TCP port.

A cluster that is not running is an ordinary directory that can be copied; the cache of
databases and every test run rest on that. Trust authentication is safe here because only the
owner can enter the socket's directory.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from .console import Problem
from .system import as_user, owner, run

ROLE = "odoo"
_COMMON = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",  # templates are copied often: keep no old segments
    "log_min_messages": "warning",
    # A session that waits for a lock is part of what tests look at: report it early.
    "deadlock_timeout": "500ms",
}
# For runs that are thrown away: never ask the disk to have written anything.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# For runs whose server gets killed: what was committed is with the kernel, which stays alive.
KILLABLE = {"fsync": "off", "synchronous_commit": "on", "full_page_writes": "off"}
# As a real server works: for the demo and for measurements.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_size": "2GB",
}


def binaries() -> Path:
    """Directory of the newest server binaries (13 or later) on this machine."""
    found = [
        (int(path.parent.parent.name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb")
        if path.parent.parent.name.isdigit()
    ]
    if not found and (initdb := shutil.which("initdb")):
        version = re.search(r"\) (\d+)", run([initdb, "--version"], capture=True))
        found = [(int(version[1]) if version else 0, Path(initdb).resolve().parent)]
    if not found or max(found)[0] < 13:
        raise Problem("PostgreSQL 13 or newer is needed: install the package 'postgresql'.")
    return max(found)[1]


def major_version() -> str:
    """What `postgres --version` says; the files of a cluster belong to one major version."""
    return run([binaries() / "postgres", "--version"], capture=True).strip()


class Cluster:
    """One cluster in ``home/pgdata``; start it, use ``environment``, stop it."""

    def __init__(self, home: Path, mode: Mapping[str, str] = FAST) -> None:
        self.home = home
        self.data = home / "pgdata"
        self.log = home / "postgresql.log"
        self.mode = mode
        self._socket: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a client (libpq, Odoo, createdb) needs to find this cluster."""
        return {"PGHOST": str(self._socket), "PGPORT": "5432", "PGUSER": ROLE}

    def create(self) -> None:
        """initdb; the caller gives an empty home."""
        run(
            [binaries() / "initdb", "-D", self.data, "-U", ROLE, "--auth=trust",
             "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            user=True, cwd=Path("/"),
            help_text="PostgreSQL could not create a cluster there; set QUDAO_CACHE to a "
            "directory that an unprivileged user can reach.",
        )  # fmt: skip

    def start(self) -> None:
        """Start and wait until it answers."""
        # The path of a unix socket has at most 107 bytes: not below a deep cache directory.
        if not self._socket:
            self._socket = Path(tempfile.mkdtemp(prefix="qudao-pg-", dir="/tmp"))
            if ids := owner():
                os.chown(self._socket, *ids)
        settings = {**_COMMON, **self.mode}
        lines = [f"{key} = '{value}'\n" for key, value in settings.items()]
        lines.append(f"unix_socket_directories = '{self._socket}'\n")
        override = self.data / "qudao.conf"
        override.write_text("".join(lines))
        override.chmod(0o644)
        self._include_override()
        try:
            run(
                [binaries() / "pg_ctl", "start", "-D", self.data, "-l", self.log,
                 "-w", "-t", "300", "-s"],
                user=True, cwd=Path("/"),
            )  # fmt: skip
        except Problem as problem:
            log = self.log.read_text(errors="replace") if self.log.exists() else ""
            self._drop_socket()
            raise Problem(f"PostgreSQL did not start.\n{log[-2000:]}\n{problem}") from None

    def _include_override(self) -> None:
        main = self.data / "postgresql.conf"
        text = main.read_text()
        if "include 'qudao.conf'" not in text:
            main.write_text(text + "\ninclude 'qudao.conf'\n")

    def stop(self, mode: str = "fast") -> None:
        """Stop for good; a cluster that is already down is fine."""
        self.halt(mode)
        self._drop_socket()

    def halt(self, mode: str = "fast") -> None:
        """Stop, to be started again at the same address ("immediate": as a power cut)."""
        subprocess.run(
            [binaries() / "pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", "-s"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False, cwd="/", **as_user(),
        )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL the postmaster and every process of it, to be started again."""
        pid = self.postmaster()
        if not pid:
            return
        family = [pid, *_children(pid)]
        for member in family:
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        end = time.monotonic() + 30
        while any(Path(f"/proc/{member}").exists() for member in family):
            if time.monotonic() > end:
                raise Problem("killed PostgreSQL processes do not go away")
            time.sleep(0.02)

    def postmaster(self) -> int | None:
        """Process id of the running server, if any."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        return pid

    def _drop_socket(self) -> None:
        if self._socket:
            shutil.rmtree(self._socket, ignore_errors=True)
            self._socket = None


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in tasks.read_text().split()] if tasks.exists() else []


def given_server(environ: Mapping[str, str] = os.environ) -> dict[str, str] | None:
    """The PG* variables of a server that the user wants to be used, or None.

    ``DATABASE_URL`` is taken apart so that Odoo and the client tools read the same.
    """
    from urllib.parse import unquote, urlsplit

    url = environ.get("DATABASE_URL")
    if url:
        parts = urlsplit(url)
        found = {
            "PGHOST": parts.hostname,
            "PGPORT": str(parts.port) if parts.port else None,
            "PGUSER": unquote(parts.username) if parts.username else None,
            "PGPASSWORD": unquote(parts.password) if parts.password else None,
        }
        return {key: value for key, value in found.items() if value}
    if not environ.get("PGHOST"):
        return None
    names = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSSLMODE")
    return {name: environ[name] for name in names if environ.get(name)}
