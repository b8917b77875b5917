"""scripts/serve: the demo on a lasting database, everything private to this checkout."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import time
import unicodedata
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import addons as ours
from .console import Problem, note, say, step, warn
from .databases import DATABASE, Database, copy_tree, createdb, dropdb, storage
from .instance import Instance
from .locks import locked_if_free
from .odoo_run import Toolchain, odoo
from .paths import digest, ensure_dir, state_root
from .postgres import DURABLE, Cluster, given_server
from .processes import free_port, port_is_free
from .setup import ensure_toolchain
from .system import owner
from .templates import base_key, ensure_addons

SUITE = "channel_suite"


@dataclass
class State:
    """What is remembered between two starts (state.json)."""

    base: str = ""
    addons: dict[str, str] = field(default_factory=dict)
    database: str = DATABASE
    simulator_port: int = 0
    played: bool = False
    port: int = 0

    @classmethod
    def load(cls, path: Path) -> State:
        return cls(**json.loads(path.read_text())) if path.exists() else cls()

    def save(self, path: Path) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self), indent=1))
        fresh.replace(path)


class Serve:
    """One run of scripts/serve."""

    def __init__(self, *, port: int, empty: bool, reset: bool, lang: str | None) -> None:
        self.port = port
        self.empty = empty
        self.reset = reset
        self.lang = lang
        self.home = state_root()

    def run(self) -> int:
        ensure_dir(self.home.parent, 0o755, owner())
        with locked_if_free(self.home.parent / f".{self.home.name}.lock") as free:
            if not free:
                raise Problem(
                    f"scripts/serve runs already for this checkout (state in {self.home}). "
                    "Use that one, or stop it first."
                )
            self._check_ports()
            toolchain = ensure_toolchain(for_tests=False)
            if self.reset:
                self._forget()
            with ExitStack() as stack:
                instance = self._start(toolchain, stack)
                self._announce(instance)
                return self._watch(instance)

    # --- before anything is started --------------------------------------------------------

    def _check_ports(self) -> None:
        for port, what in ((self.port, "Odoo"), (self.port + 1, "the jobs process")):
            if not port_is_free(port):
                raise Problem(
                    f"port {port} ({what}) is in use by another program. "
                    f"Choose another one: scripts/serve --port {self.port + 100}"
                )

    def _forget(self) -> None:
        with step(f"--reset: removing the demo database in {self.home}"):
            state = State.load(self._state_file)
            server = given_server()
            if server and state.base and state.database != DATABASE:
                dropdb(server, state.database)
            cluster = Cluster(self.home)
            if cluster.postmaster():
                cluster.stop("immediate")
            shutil.rmtree(self.home, ignore_errors=True)

    @property
    def _state_file(self) -> Path:
        return self.home / "state.json"

    # --- starting --------------------------------------------------------------------------

    def _start(self, toolchain: Toolchain, stack: ExitStack) -> Instance:
        ensure_dir(self.home, 0o700, owner())
        state = State.load(self._state_file)
        if not state.base:
            self._make_database(toolchain, state)
        database = stack.enter_context(self._database(state))
        instance = Instance.on(toolchain, database, self._secrets())
        stack.callback(self._stop, instance)
        self._update(instance, state)
        self._start_simulator(instance, state)
        if not self.empty and not state.played:
            self._play(instance, state)
        if self.lang:
            self._set_language(instance)
        with step("starting Odoo (web and jobs)"):
            instance.start_web(self.port)
            instance.start_jobs(self.port + 1)
            instance.wait_until_ready()
        with step("starting the push gateway"):
            self._start_gateway(instance)
        with step("opening the log-in page once (builds its assets the first time)"):
            urllib.request.urlopen(f"{instance.url}/web/login", timeout=120).read()
        state.port = self.port
        state.save(self._state_file)
        return instance

    def _make_database(self, toolchain: Toolchain, state: State) -> None:
        names = [SUITE] if SUITE in ours.all_addons() else ours.all_addons()
        store = storage()
        key = ensure_addons(toolchain, store, names)
        with step("copying the database"), store.using(key):
            server = given_server()
            if server:
                origin = (store.template(key) / "database").read_text()
                state.database = f"qudao_serve_{digest(str(self.home))[:10]}"
                dropdb(server, state.database)
                createdb(server, state.database, origin)
                files = store.template(key) / "odoo" / "filestore" / origin
                if files.exists():
                    copy_tree(files, self.home / "odoo" / "filestore" / state.database)
            else:
                shutil.rmtree(self.home / "pgdata", ignore_errors=True)
                copy_tree(store.template(key), self.home)
        state.base = base_key(toolchain)
        state.addons = {name: ours.content_hash(name) for name in ours.closure(names)}
        state.save(self._state_file)

    @contextmanager
    def _database(self, state: State) -> Iterator[Database]:
        """The lasting database, reachable: our own cluster (durable) or the user's server."""
        data_dir = ensure_dir(self.home / "odoo", 0o700, owner())
        server = given_server()
        if server:
            yield Database(state.database, server, data_dir, self.home)
            return
        cluster = Cluster(self.home, DURABLE)
        if cluster.postmaster():  # left over from a run that was killed
            cluster.stop("fast")
        with step("starting PostgreSQL"):
            cluster.start()
        try:
            yield Database(DATABASE, cluster.environment, data_dir, self.home, cluster)
        finally:
            note("stopping PostgreSQL")
            cluster.stop()

    def _secrets(self) -> dict[str, str]:
        """Secrets of this instance, made once and kept beside the database, not in it."""
        place = self.home / "secrets.json"
        if not place.exists():
            made = {
                "QUDAO_DATA_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "QUDAO_SHOP_DEMO_APP_KEY": str(7 * 10**18 + secrets.randbelow(10**17)),
                "QUDAO_SHOP_DEMO_APP_SECRET": secrets.token_hex(24),
                "QUDAO_GATEWAY_PASSWORD": secrets.token_hex(24),
            }
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(made, file)
            if ids := owner():
                os.chown(place, *ids)
        return json.loads(place.read_text())

    def _update(self, instance: Instance, state: State) -> None:
        """Bring the database up to the addons of the checkout."""
        now = {name: ours.content_hash(name) for name in ours.closure(state.addons)}
        changed = [n for n in now if n in state.addons and state.addons[n] != now[n]]
        fresh = [n for n in now if n not in state.addons]
        core = state.base != base_key(instance.toolchain)
        if not (changed or fresh or core):
            return
        arguments = ["--stop-after-init", "--no-http"]
        if changed or core:
            arguments += ["-u", "base" if core else ",".join(changed)]
        if fresh:
            arguments += ["-i", ",".join(fresh)]
        what = "all modules (Odoo changed)" if core else ", ".join(changed + fresh)
        with step(f"updating {what}"):
            odoo(
                instance.toolchain, instance.database, *arguments,
                log=instance.logs / "setup.log", extra_env=instance.environment(),
            )  # fmt: skip
        state.addons, state.base = now, base_key(instance.toolchain)
        state.save(self._state_file)

    def _start_simulator(self, instance: Instance, state: State) -> None:
        """On one port for good: the shop in the database has its address."""
        kept = state.simulator_port
        if kept and not port_is_free(kept):
            raise Problem(
                f"port {kept}, where this database's simulated platform lives, is in use by "
                "another program. Stop that program, or start anew with --reset."
            )
        wished = self.port + 2
        state.simulator_port = kept or (wished if port_is_free(wished) else free_port())
        with step("starting the platform simulator"):
            instance.start_simulator(state.simulator_port)
        state.save(self._state_file)

    def _start_gateway(self, instance: Instance) -> None:
        """On a server of the user's we may not be allowed to make its role: the rest still runs."""
        wished = self.port + 3
        try:
            instance.start_gateway(wished if port_is_free(wished) else free_port())
        except Problem as problem:
            if not given_server():
                raise
            warn(f"the push gateway does not run: {problem}")

    def _play(self, instance: Instance, state: State) -> None:
        if SUITE not in state.addons:
            warn(f"the addon {SUITE} is missing: there is no demo story to play")
            return
        with step("playing the demo story"):
            instance.shell(
                'env["channel.demo.story"].play()\nenv.cr.commit()\n', progress="demo story:"
            )
        state.played = True
        state.save(self._state_file)

    def _set_language(self, instance: Instance) -> None:
        code = (
            f"lang = {self.lang!r}\n"
            'assert lang in dict(env["res.lang"].get_installed()), f"{lang} is not installed"\n'
            'env["res.users"].with_context(active_test=False).search([]).lang = lang\n'
            'env["ir.default"].set("res.partner", "lang", lang)\n'
            "env.cr.commit()\n"
        )
        with step(f"setting the language of all users to {self.lang}"):
            instance.shell(code)

    # --- running ---------------------------------------------------------------------------

    def _announce(self, instance: Instance) -> None:
        for log, lines in instance.log_errors().items():
            warn(f"{instance.logs / log} has ERROR lines, the first: {lines[0]}")
        rows = self._logins(instance)
        say(f"\nQudao is ready:  {instance.url}\n")
        widths = [max(_columns(row[i]) for row in rows) for i in range(2)]
        for row in rows:
            padded = [text + " " * (wide - _columns(text)) for text, wide in zip(row, widths)]  # noqa: B905
            say("  " + "  ".join([*padded, row[2]]))
        say(f"\nsimulated platform  {instance.simulator_url}")
        if instance.gateway_url:
            say(f"push gateway        {instance.gateway_url}/push/douyin")
        say(f"logs                {instance.logs}")
        say("Ctrl-C stops everything.")

    def _logins(self, instance: Instance) -> list[tuple[str, str, str]]:
        """(role, login, password), first the administrator's; kept for the next start."""
        head = [("role", "login", "password"), ("administrator", "admin", "admin")]
        if self.empty or not State.load(self._state_file).played:
            return head
        place = self.home / "logins.json"
        if not place.exists():
            printed = instance.shell(
                'import json\nprint(json.dumps(env["channel.demo.story"].logins()))\n'
            )
            place.write_text(printed.strip().splitlines()[-1])
        known = [tuple(row) for row in json.loads(place.read_text())]
        return head + [row for row in known if row[1] != "admin"]

    def _watch(self, instance: Instance) -> int:
        """Until Ctrl-C (KeyboardInterrupt), or until a process ends by itself."""
        while True:
            time.sleep(0.5)
            gone = instance.dead()
            if gone:
                raise Problem(
                    f"the {gone.name} process ended by itself "
                    f"(code {gone.process.returncode}). Its log, {gone.log}, ends with:\n"
                    f"{gone.tail()}"
                )

    def _stop(self, instance: Instance) -> None:
        note("stopping Odoo, the push gateway and the simulator")
        instance.stop()


def _columns(text: str) -> int:
    """Columns of a terminal that a text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
