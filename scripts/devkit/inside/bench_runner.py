"""``python -m devkit.inside.bench_runner NAME CONF DATABASE HOME``: run one bench next to Odoo."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import ExitStack
from pathlib import Path

import odoo.api
import odoo.tools
from odoo.modules.registry import Registry

from devkit.databases import Database
from devkit.inside.report import Report, machine
from devkit.instance import Instance
from devkit.odoo_run import Toolchain
from devkit.odoo_source import find
from devkit.processes import free_port


def main() -> None:
    name, config, database, home = sys.argv[1:]
    odoo.tools.config.parse_config(["-c", config, "--log-level=warn"])
    bench = importlib.import_module(f"benches.{name}")
    with ExitStack() as stack, Registry(database).cursor() as cr:

        def system() -> Instance:
            server = {key: os.environ[key] for key in os.environ if key.startswith("PG")}
            place = Path(home)
            copy = Database(database, server, place / "odoo", place)
            toolchain = Toolchain(find(), Path(sys.executable), as_root=os.geteuid() == 0)
            instance = Instance.on(toolchain, copy)
            stack.callback(instance.stop)
            return instance

        def serve(settings=None) -> Instance:
            instance = system()
            instance.start_web(free_port(), settings)
            instance.wait_until_ready()
            return instance

        cr.execute("SHOW server_version")
        report = Report(name, machine(cr.fetchone()[0]), system, serve)
        bench.run(odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {}), report)
    print(report.table())
    print(report.line(), flush=True)


if __name__ == "__main__":
    main()
