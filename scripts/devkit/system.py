"""The machine: system packages, the unprivileged user, and commands run as that user."""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import Problem, note, step
from .paths import CONFIG

USER = "qudao"


def is_root() -> bool:
    return os.geteuid() == 0


def listed(path: Path) -> list[str]:
    """The entries of a one-per-line file; ``#`` starts a comment."""
    lines = (line.split("#", 1)[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    help_text: str = "",
    user: bool = False,
    capture: bool = False,
) -> str:
    """Run a command to its end; a failure becomes a Problem that shows its last output.

    ``user=True`` runs it as the unprivileged user when we are root.
    """
    result = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **env} if env else None,
        cwd=cwd,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if capture else subprocess.STDOUT,
        check=False,
        **(as_user() if user else {}),
    )
    if result.returncode:
        tail = "\n".join(((result.stdout or "") + (result.stderr or "")).splitlines()[-25:])
        shown = " ".join(str(part) for part in command)
        raise Problem(f"{shown}\nended with code {result.returncode}:\n{tail}\n{help_text}")
    return result.stdout


# --- the unprivileged user -----------------------------------------------------------------


@functools.cache
def service_user() -> pwd.struct_passwd | None:
    """The user that runs PostgreSQL and Odoo when we are root (made when missing)."""
    if not is_root():
        return None
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        pass
    note(f"creating the system user '{USER}' (PostgreSQL refuses to run as root)")
    run(
        ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/usr/sbin/nologin", USER],
        help_text="Create a system user of that name, or run this command as an ordinary user.",
    )  # fmt: skip
    return pwd.getpwnam(USER)


def owner() -> tuple[int, int] | None:
    """(uid, gid) that files of the service should have; None when they are ours anyway."""
    user = service_user()
    return (user.pw_uid, user.pw_gid) if user else None


def as_user() -> dict[str, object]:
    """Arguments for subprocess that drop to the service user (empty when not root)."""
    user = service_user()
    if not user:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def readable_by_service(path: Path) -> bool:
    """Whether the service user can enter and read a directory."""
    if not is_root():
        return os.access(path, os.R_OK | os.X_OK)
    done = subprocess.run(
        ["test", "-r", str(path), "-a", "-x", str(path)], check=False, cwd="/", **as_user()
    )
    return done.returncode == 0


# --- packages ------------------------------------------------------------------------------


def _installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    return done.stdout == "installed"


def _privileged(command: list[str]) -> list[str]:
    if is_root():
        return command
    if shutil.which("sudo"):
        return ["sudo", *command]
    raise Problem(
        "system packages are missing and there is no sudo. As root, run:\n  " + " ".join(command)
    )


def wanted_packages(files: Sequence[str]) -> list[str]:
    """Packages of these lists that are missing; ``a | b`` means the first one that exists."""
    wanted = []
    for line in [line for name in files for line in listed(CONFIG / name)]:
        choices = [name.strip() for name in line.split("|")]
        if any(_installed(name) for name in choices):
            continue
        wanted.append(next((n for n in choices if len(choices) == 1 or _known(n)), choices[0]))
    return wanted


def _known(package: str) -> bool:
    done = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return done.returncode == 0


def ensure_packages(*, for_tests: bool) -> None:
    """Install what the lists in config/ name and the machine lacks."""
    if not shutil.which("apt-get"):
        _need_tools()
        return
    files = ["apt-packages.txt", *(["apt-packages-test.txt"] if for_tests else [])]
    missing = wanted_packages(files)
    if not missing:
        return
    with step(f"installing system packages: {' '.join(missing)}"):
        help_text = (
            "Check the network and the machine's apt sources, then run this command again. "
            f"The packages can also be installed by hand: {' '.join(missing)}"
        )
        _apt("update", help_text=help_text)
        missing = wanted_packages(files)  # which of two names exists is known only now
        with _no_main_cluster("postgresql" in missing, help_text):
            _apt("install", "-y", "--no-install-recommends", *missing, help_text=help_text)


def _apt(*arguments: str, help_text: str) -> None:
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    patient = ["-o", "DPkg::Lock::Timeout=600"]
    run(_privileged([*quiet, *patient, *arguments]), help_text=help_text)


@contextmanager
def _no_main_cluster(needed: bool, help_text: str) -> Iterator[None]:
    """Keep Debian's PostgreSQL package from making and starting a cluster of its own.

    Its one switch is a line in a configuration file; the file is put back afterwards.
    """
    config = Path("/etc/postgresql-common/createcluster.conf")
    if not needed or config.exists():
        yield  # PostgreSQL was here before us: its settings are its owner's
        return
    _apt("install", "-y", "--no-install-recommends", "postgresql-common", help_text=help_text)
    saved = f"{config}.qudao"
    run(_privileged(["cp", "-p", str(config), saved]))
    run(_privileged(["sed", "-i", "1i create_main_cluster = false", str(config)]))
    try:
        yield
    finally:
        run(_privileged(["mv", saved, str(config)]))


def _need_tools() -> None:
    missing = [tool for tool in ("python3", "initdb") if not shutil.which(tool)]
    if missing:
        raise Problem(
            "this is no Debian or Ubuntu machine (no apt-get), and these are missing: "
            f"{', '.join(missing)}. Install them with the system's own package manager."
        )


# --- interpreters --------------------------------------------------------------------------


def system_python() -> Path:
    """The system's Python: an environment made from it can be read by every user."""
    for name in ("/usr/bin/python3", sys.executable):
        path = Path(name)
        if not path.exists():
            continue
        version = run([path, "-c", "import sys; print(*sys.version_info[:2])"], capture=True)
        major, minor = (int(part) for part in version.split())
        if (3, 10) <= (major, minor) <= (3, 13):
            return path
    raise Problem("Odoo 19 needs Python 3.10 to 3.13; this machine's /usr/bin/python3 is another.")
