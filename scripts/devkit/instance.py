"""A whole running system: simulator, Odoo for people and jobs, push gateway, on one database.

Used by scripts/serve on its lasting database and by browser scenarios on a copy.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import gateway
from .databases import Database
from .odoo_run import (
    TEST_SECRETS,
    Toolchain,
    addons_paths,
    environment,
    error_lines,
    odoo,
    write_config,
)
from .paths import ensure_dir
from .processes import Service

JOB_CHANNELS = "root:2"


@dataclass
class Instance:
    """The processes around one database; `stop` ends them in the reverse order."""

    toolchain: Toolchain
    database: Database
    secrets: Mapping[str, str]
    logs: Path
    services: list[Service] = field(default_factory=list)
    url: str = ""
    simulator_url: str = ""
    gateway_url: str = ""

    @classmethod
    def on(
        cls, toolchain: Toolchain, database: Database, secrets: Mapping[str, str] | None = None
    ) -> Instance:
        logs = ensure_dir(database.home / "logs", 0o755, toolchain.owner())
        return cls(toolchain, database, secrets or TEST_SECRETS, logs)

    def environment(self) -> dict[str, str]:
        """What every process of the instance gets."""
        values = environment(self.toolchain, self.database) | dict(self.secrets)
        if self.simulator_url:
            values["QUDAO_SIM_URL"] = self.simulator_url
        return values

    # --- starting --------------------------------------------------------------------------

    def start_simulator(self, port: int) -> None:
        """The simulated platform; it keeps its own books beside the database."""
        secrets = self.secrets
        self._start(
            "simulator",
            [self.toolchain.python, "-m", "simulators.douyin", "--port", str(port),
             "--db", self.database.home / "douyin.sqlite",
             "--app-key", secrets["QUDAO_SHOP_DEMO_APP_KEY"],
             "--app-secret", secrets["QUDAO_SHOP_DEMO_APP_SECRET"]],
        )  # fmt: skip
        line = self.services[-1].wait_for_text("listening on ")
        self.simulator_url = line.partition("listening on ")[2].strip()

    def start_web(self, port: int, settings: Mapping[str, object] | None = None) -> None:
        """Odoo for people: no crons, no jobs."""
        settings = {"http_port": port, **(settings or {})}
        config = write_config(self.toolchain, self.database, "web.conf", settings)
        self._start("web", self._odoo(config))
        self.url = f"http://127.0.0.1:{port}"

    def start_jobs(self, port: int) -> None:
        """Odoo for crons and queued jobs, which it calls on its own port."""
        settings = {
            "http_port": port,
            "max_cron_threads": 1,
            "server_wide_modules": "base,rpc,web,queue_job",
        }
        section = (
            f"\n[queue_job]\nchannels = {JOB_CHANNELS}\nscheme = http\nhost = 127.0.0.1\n"
            f"port = {port}\n"
        )
        config = write_config(self.toolchain, self.database, "jobs.conf", settings, section)
        self._start("jobs", self._odoo(config))

    def start_materialisers(self, workers: int = 1) -> None:
        """The processes that fetch what was pushed and make orders of what is stored."""
        settings = {"server_wide_modules": "base,rpc,web,queue_job"}
        config = write_config(self.toolchain, self.database, "materialise.conf", settings)
        paths = ",".join(str(path) for path in addons_paths(self.toolchain))
        self._start(
            "materialisers",
            [self.toolchain.python, "-m", "odoo", f"--addons-path={paths}", "materialise",
             "-c", config, "--workers", str(workers)],
        )  # fmt: skip

    def start_gateway(self, port: int, *options: str) -> None:
        """The push gateway, under its own role."""
        password = self.secrets.get("QUDAO_GATEWAY_PASSWORD", "")
        gateway.make_role(self.database, password)
        self._start(
            "gateway",
            gateway.command(self.toolchain, port, *options),
            gateway.environment(self.environment(), self.database, password),
        )
        self.services[-1].wait_for_text("listening on ")
        self.gateway_url = f"http://127.0.0.1:{port}"

    def subscribe_to_pushes(self) -> None:
        """Have the simulated platform push to the gateway from now on."""
        body = json.dumps({"url": f"{self.gateway_url}/push/douyin"}).encode()
        request = urllib.request.Request(f"{self.simulator_url}/_sim/pushes/subscribe", body)
        urllib.request.urlopen(request, timeout=30).read()

    def _odoo(self, config: Path) -> list[str | Path]:
        return [self.toolchain.python, "-m", "odoo", "-c", config]

    def _start(
        self, name: str, command: list[str | Path], env: Mapping[str, str] | None = None
    ) -> None:
        self.services.append(
            Service.start(
                name, command, log=self.logs / f"{name}.log", env=env or self.environment(),
                identity=self.toolchain.identity(), cwd=self.database.home,
            )
        )  # fmt: skip

    def wait_until_ready(self) -> None:
        """Wait for every Odoo process."""
        for service in self.services:
            if service.name == "web":
                service.wait_for_http(f"{self.url}/web/health?db_server_status=1")
            elif service.name == "jobs":
                service.wait_for_text("HTTP service (werkzeug) running", timeout=120)
            elif service.name == "materialisers":
                service.wait_for_text("materialising ", timeout=120)

    # --- using -----------------------------------------------------------------------------

    def shell(self, code: str, progress: str = "") -> str:
        """Run Python in an Odoo shell of this database; returns what it printed."""
        return odoo(
            self.toolchain, self.database, "shell", "--no-http", stdin=code,
            log=self.logs / "setup.log", extra_env=self.environment(), progress=progress,
        )  # fmt: skip

    def dead(self) -> Service | None:
        """A process that ended although nobody asked it to."""
        return next((service for service in self.services if not service.alive), None)

    def log_errors(self) -> dict[str, list[str]]:
        """ERROR and CRITICAL entries by log; a normal run has none."""
        found = {}
        for log in sorted(self.logs.glob("*.log")):
            if log.name.endswith(".old.log"):
                continue
            lines = error_lines(log.read_text(errors="replace").splitlines())
            if lines:
                found[log.name] = lines
        return found

    def stop(self) -> None:
        """Both Odoos first, at the same time; the simulator, which they call, last."""
        for service in self.services:
            if service.name != "simulator" and service.alive:
                service.process.terminate()
        while self.services:
            self.services.pop().stop()
