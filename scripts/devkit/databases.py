"""Databases of a run: built once, kept stopped in the cache, copied for every use.

A *template* is a directory with a PostgreSQL cluster and Odoo's file store; a *copy* is what
one run works on and throws away. Runs share nothing, so any number may go on at once. With a
server given by the user (``PGHOST``, ``DATABASE_URL``) templates and copies are databases on
that server, named ``qudao_…``; nothing else there is touched.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .locks import locked, locked_if_free
from .paths import cache_root, ensure_dir
from .postgres import DURABLE, FAST, Cluster, given_server
from .system import as_user, owner, run

DATABASE = "qudao"
KEPT_TEMPLATES = 16
MEMORY_NEEDED = 6 * 2**30


@dataclass(frozen=True)
class Database:
    """A database that can be used now: how to reach it, and where its files are."""

    name: str
    environment: dict[str, str]
    data_dir: Path
    home: Path
    cluster: Cluster | None = None


class Storage(ABC):
    """Where templates are kept and copies are made."""

    def __init__(self) -> None:
        ids = owner()
        self.templates = ensure_dir(cache_root() / self.folder, owner=ids)
        self.runs = ensure_dir(cache_root() / "runs", owner=ids)
        self.quick_runs = _memory_runs() or self.runs
        for place in {self.runs, self.quick_runs}:
            self._sweep(place)

    folder: str

    def template(self, key: str) -> Path:
        return self.templates / key

    def has(self, key: str) -> bool:
        return (self.template(key) / "template.json").exists()

    def facts(self) -> dict[str, dict]:
        """What each template holds, by key."""
        found = {}
        for path in self.templates.glob("*/template.json"):
            try:
                found[path.parent.name] = json.loads(path.read_text())
            except (OSError, ValueError):  # being pruned by another run
                continue
        return found

    @contextmanager
    def building(self, key: str, parent: str | None, facts: dict) -> Iterator[Database]:
        """A database to build a template in; it is kept when the block ends well."""
        with self._run_dir(self.runs) as home:
            with self._opened(home, parent, mode=FAST, keep=True) as database:
                yield database
            stamp = home / "template.json"
            stamp.write_text(json.dumps(facts, indent=1))
            give_away(stamp)
            self._keep(home, key)
        self.prune()

    @contextmanager
    def copy(self, key: str, mode: Mapping[str, str] = FAST) -> Iterator[Database]:
        """A fresh copy of a template, running; removed when the block ends."""
        with (
            self._run_dir(self.runs if mode is DURABLE else self.quick_runs) as home,
            self._opened(home, key, mode=mode, keep=False) as database,
        ):
            yield database

    @contextmanager
    def using(self, key: str) -> Iterator[None]:
        """Keep a template from being pruned while it is read, and remember its use."""
        with locked(self.templates / f".{key}.lock", shared=True):
            stamp = self.template(key) / "template.json"
            if stamp.exists():
                os.utime(stamp)
            yield

    def prune(self) -> None:
        """Drop the templates with addons that were not used for longest."""
        used = [
            (path.stat().st_mtime, path.parent.name)
            for path in self.templates.glob("*/template.json")
            if json.loads(path.read_text()).get("addons")
        ]
        for _when, key in sorted(used, reverse=True)[KEPT_TEMPLATES:]:
            lock = self.templates / f".{key}.lock"
            with locked_if_free(lock) as free:
                if free:
                    self._remove(key)
                    lock.unlink(missing_ok=True)

    # --- run directories -------------------------------------------------------------------

    @contextmanager
    def _run_dir(self, place: Path) -> Iterator[Path]:
        """A directory of this run; its lock tells the living from the left behind."""
        name = f"{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        lock = place / f".{name}.lock"
        with locked(lock):
            home = ensure_dir(place / name, 0o700, owner())
            try:
                yield home
            finally:
                shutil.rmtree(home, ignore_errors=True)
                lock.unlink(missing_ok=True)

    def _sweep(self, place: Path) -> None:
        """Remove what runs that were killed left behind."""
        for home in place.iterdir():
            if not home.is_dir():
                continue
            lock = place / f".{home.name}.lock"
            with locked_if_free(lock) as free:
                if free and home.exists():
                    self._abandon(home)
                    shutil.rmtree(home, ignore_errors=True)
                    lock.unlink(missing_ok=True)

    @abstractmethod
    def _opened(self, home: Path, parent: str | None, *, mode: Mapping[str, str], keep: bool): ...

    @abstractmethod
    def _keep(self, home: Path, key: str) -> None: ...

    @abstractmethod
    def _remove(self, key: str) -> None: ...

    @abstractmethod
    def _abandon(self, home: Path) -> None: ...


class ClusterStorage(Storage):
    """Templates and copies are whole private clusters."""

    folder = "clusters"

    @contextmanager
    def _opened(
        self, home: Path, parent: str | None, *, mode: Mapping[str, str], keep: bool
    ) -> Iterator[Database]:
        cluster = Cluster(home, mode)
        if parent:
            with self.using(parent):
                copy_tree(self.template(parent), home)
            (home / "template.json").unlink(missing_ok=True)
        else:
            cluster.create()
        data_dir = ensure_dir(home / "odoo", 0o700, owner())
        cluster.start()
        try:
            if not parent:
                createdb(cluster.environment, DATABASE)
            yield Database(DATABASE, cluster.environment, data_dir, home, cluster)
        finally:
            cluster.stop("fast" if keep else "immediate")

    def _keep(self, home: Path, key: str) -> None:
        shutil.rmtree(home / "odoo" / "sessions", ignore_errors=True)
        home.rename(self.template(key))

    def _remove(self, key: str) -> None:
        (self.template(key) / "template.json").unlink(missing_ok=True)
        shutil.rmtree(self.template(key), ignore_errors=True)

    def _abandon(self, home: Path) -> None:
        cluster = Cluster(home)
        if cluster.postmaster():
            cluster.stop("immediate")


class ServerStorage(Storage):
    """Templates and copies are databases on a server that the user gave."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        host = environment.get("PGHOST", "local").strip("/").replace("/", "-")
        self.folder = f"server-{host}-{environment.get('PGPORT', '5432')}"
        super().__init__()

    @contextmanager
    def _opened(
        self, home: Path, parent: str | None, *, mode: Mapping[str, str], keep: bool
    ) -> Iterator[Database]:
        name = f"qudao_run_{secrets.token_hex(5)}"
        (home / "database").write_text(name)
        give_away(home / "database")
        if parent:
            with self.using(parent):
                kept = self.template(parent)
                createdb(self.environment, name, (kept / "database").read_text())
                store = kept / "odoo" / "filestore" / (kept / "database").read_text()
                if store.exists():
                    copy_tree(store, home / "odoo" / "filestore" / name)
        else:
            createdb(self.environment, name)
        data_dir = ensure_dir(home / "odoo", 0o700, owner())
        try:
            yield Database(name, self.environment, data_dir, home)
        except BaseException:
            dropdb(self.environment, name)
            raise
        if not keep:
            dropdb(self.environment, name)

    def _keep(self, home: Path, key: str) -> None:
        home.rename(self.template(key))

    def _remove(self, key: str) -> None:
        place = self.template(key)
        dropdb(self.environment, (place / "database").read_text())
        shutil.rmtree(place, ignore_errors=True)

    def _abandon(self, home: Path) -> None:
        if (home / "database").exists():
            dropdb(self.environment, (home / "database").read_text())


def storage() -> Storage:
    """The storage for this run: the user's server when one is given, else our own clusters."""
    server = given_server()
    return ServerStorage(server) if server else ClusterStorage()


def _memory_runs() -> Path | None:
    """A directory in memory for copies that need not last, where there is enough of it."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        return None
    available = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    free = min(shutil.disk_usage(memory).free, int(available[1]) * 1024 if available else 0)
    if free < MEMORY_NEEDED:
        return None
    ids = owner()
    return ensure_dir(memory / f"qudao-runs-{ids[0] if ids else os.getuid()}", owner=ids)


def give_away(path: Path) -> None:
    """A file written by root belongs to the service user, whose tests touch it too."""
    if ids := owner():
        os.chown(path, *ids)


def copy_tree(source: Path, target: Path) -> None:
    """Copy a directory's content quickly, keeping owners and modes."""
    ensure_dir(target, 0o700, owner())
    run(["cp", "-a", "--reflink=auto", f"{source}/.", target], user=True, cwd=Path("/"))


def createdb(
    environment: dict[str, str], name: str, template: str = "template0", *options: str
) -> None:
    """Create a database (empty unless a template is named)."""
    run(
        ["createdb", "-T", template, "-E", "UTF8", *options, name],
        env=environment,
        cwd=Path("/"),
        user=True,
        help_text="The PostgreSQL role must be allowed to create databases (CREATEDB).",
    )


def dropdb(environment: dict[str, str], name: str) -> None:
    """Drop a database of ours, with whoever is still connected."""
    subprocess.run(
        ["dropdb", "--if-exists", "--force", name], env={**os.environ, **environment},
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, cwd="/", **as_user(),
    )  # fmt: skip
