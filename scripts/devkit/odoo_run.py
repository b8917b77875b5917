"""Odoo as a command: its configuration for a run, its environment, and calls to its end."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .console import Problem, note, warn
from .databases import Database
from .odoo_source import OdooSource
from .paths import ADDONS, CHECKOUT, TESTS, artefact_root, cache_root, ensure_dir
from .system import as_user, is_root, owner, readable_by_service

# Fixed values for runs that are thrown away; `scripts/serve` makes a key of its own.
TEST_SECRETS = {
    "QUDAO_DATA_KEY": "cXVkYW8tdGVzdC1rZXktMzItYnl0ZXMtbG9uZy4uLiE=",
    "QUDAO_SHOP_DEMO_APP_KEY": "7000000000000000001",
    "QUDAO_SHOP_DEMO_APP_SECRET": "demo-secret-of-the-simulated-shop",
}


@dataclass(frozen=True)
class Toolchain:
    """What every command needs: Odoo, the Python that runs it, and who runs it."""

    source: OdooSource
    python: Path
    as_root: bool = False

    def identity(self) -> dict[str, object]:
        """subprocess arguments for the user that Odoo runs as."""
        return {} if self.as_root else as_user()

    def owner(self) -> tuple[int, int] | None:
        return None if self.as_root else owner()

    @classmethod
    def of(cls, source: OdooSource, python: Path) -> Toolchain:
        needed = (CHECKOUT, ADDONS if ADDONS.exists() else CHECKOUT, source.python_path)
        hidden = [str(path) for path in needed if not readable_by_service(path)]
        if is_root() and hidden:
            warn(
                f"{', '.join(hidden)} cannot be read by an ordinary user: Odoo and the tests run "
                "as root. Put the checkout where others may read it to avoid this."
            )
        return cls(source, python, as_root=is_root() and bool(hidden))


def environment(toolchain: Toolchain, database: Database | None = None) -> dict[str, str]:
    """The environment of Odoo and test processes: little is inherited."""
    kept = ("PATH", "LANG", "TERM", "TMPDIR", "CI", "GITHUB_ACTIONS", "COLUMNS")
    values = {name: os.environ[name] for name in kept if name in os.environ}
    values.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    values |= {
        name: v for name, v in os.environ.items() if name.startswith(("QUDAO_", "HYPOTHESIS"))
    }

    def cached(name: str) -> str:
        return str(ensure_dir(cache_root() / name, 0o755, toolchain.owner()))

    values |= {
        "HOME": cached("home"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPYCACHEPREFIX": cached("pycache"),
        "PYTHONPATH": f"{TESTS}:{CHECKOUT / 'scripts'}",
        "PYTHONUNBUFFERED": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": cached("hypothesis"),
        "QUDAO_CACHE": str(cache_root()),
        "QUDAO_ARTEFACTS": str(ensure_dir(artefact_root(), 0o755, toolchain.owner())),
        "QUDAO_ODOO_PYTHON": str(toolchain.python),
    }
    for name, value in TEST_SECRETS.items():
        values.setdefault(name, value)
    if database:
        values |= database.environment | {"QUDAO_DATABASE": database.name}
    return values


def addons_paths(toolchain: Toolchain) -> list[Path]:
    """Where Odoo finds addons: ours first."""
    return [path for path in (ADDONS, *toolchain.source.addons_paths) if path.exists()]


def write_config(
    toolchain: Toolchain, database: Database, name: str = "odoo.conf",
    settings: Mapping[str, object] | None = None, sections: str = "",
) -> Path:  # fmt: skip
    """The configuration file of one Odoo process, next to its database."""
    options = {
        "addons_path": ",".join(str(path) for path in addons_paths(toolchain)),
        "data_dir": database.data_dir,
        "db_name": database.name,
        "dbfilter": f"^{database.name}$",
        "list_db": False,
        "http_interface": "127.0.0.1",
        "max_cron_threads": 0,
        "server_wide_modules": "base,rpc,web",
        "limit_time_cpu": 3600,
        "limit_time_real": 7200,
        **(settings or {}),
    }
    lines = [f"{key} = {value}\n" for key, value in options.items()]
    target = database.home / name
    target.write_text("[options]\n" + "".join(lines) + sections)
    if ids := toolchain.owner():
        os.chown(target, *ids)
    target.chmod(0o600)
    return target


def odoo(
    toolchain: Toolchain,
    database: Database,
    *arguments: str | Path,
    stdin: str | None = None,
    config: Path | None = None,
    log: Path | None = None,
    extra_env: Mapping[str, str] | None = None,
    progress: str = "",
) -> str:
    """Run an Odoo command to its end and return its standard output.

    ``log`` keeps what Odoo logs; log lines with the text ``progress`` are shown as they come.

    Odoo logs to standard error; a traceback or an ERROR line there is a failure even when
    Odoo's own exit code is 0.
    """
    config = config or write_config(toolchain, database)
    command = [str(toolchain.python), "-m", "odoo"]
    words = [str(part) for part in arguments]
    if words and not words[0].startswith("-"):
        command.append(words.pop(0))
    command += ["-c", str(config), *words]
    env = environment(toolchain, database) | dict(extra_env or {})
    lines: list[str] = []
    with ExitStack() as stack:
        script = stack.enter_context(tempfile.TemporaryFile("w+"))
        script.write(stdin or "")
        script.seek(0)
        printed = stack.enter_context(tempfile.TemporaryFile("w+", errors="replace"))
        kept = stack.enter_context(log.open("a")) if log else None
        process = subprocess.Popen(
            command, stdin=script, stdout=printed, stderr=subprocess.PIPE, text=True,
            errors="replace", cwd=database.home, env=env, **toolchain.identity(),
        )  # fmt: skip
        stack.callback(_end, process)
        for line in process.stderr:
            lines.append(line.rstrip("\n"))
            if kept:
                kept.write(line)
                kept.flush()
            if progress and progress in line:
                note(line.partition(progress)[2].strip())
        code = process.wait()
        printed.seek(0)
        output = printed.read()
    problems = error_lines(lines)
    if code or problems:
        raise Problem(
            f"odoo {' '.join(str(part) for part in arguments)} failed (code {code}):\n"
            + "\n".join(problems[:60] or lines[-40:])
        )
    return output


def _end(process: subprocess.Popen) -> None:
    """Leave no Odoo behind when we are interrupted."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def error_lines(lines: Iterable[str]) -> list[str]:
    """ERROR and CRITICAL entries of an Odoo log, each with its traceback.

    Two requests of Odoo's own that met at one row are none: Odoo logs the query and runs the
    second request again.
    """
    entries: list[list[str]] = []
    inside = False
    for line in lines:
        parts = line.split(" ", 4)
        is_entry = len(parts) > 4 and line[:2] == "20" and parts[2].isdigit()
        if is_entry:
            inside = parts[3] in ("ERROR", "CRITICAL")
        if inside and is_entry:
            entries.append([])
        if inside:
            entries[-1].append(line)
    return [line for entry in entries if not _run_again(entry) for line in entry]


def _run_again(entry: list[str]) -> bool:
    return "odoo.sql_db: bad query" in entry[0] and any(
        line.startswith("ERROR: could not serialize access") for line in entry
    )
