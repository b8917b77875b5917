"""Odoo 19 itself: given by the user, installed on the machine, or Debian's package.

Odoo is not on PyPI. Debian carries it in the suite ``sid`` only, so the package is fetched
through a private apt root (own sources, lists and archives) and unpacked, never installed:
nothing of sid reaches the machine. The mirror and the keyring are those the machine uses.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .console import Problem, note, step
from .locks import locked
from .paths import cache_root, digest, ensure_dir
from .system import run

SERIES = "19.0"
# JavaScript libraries and fonts that the package links to; without the libraries every page fails.
# Font Awesome must be the 4.7 files of the stable releases: sid's 7.x lacks the names linked to.
FROM_SID = [
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
]
FROM_STABLE = ["fonts-font-awesome"]
STABLE = "bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class OdooSource:
    """Directories to put on Python's path, and where the core addons are."""

    python_path: Path
    addons_paths: tuple[Path, ...]
    version: str

    @property
    def key(self) -> str:
        return digest(str(self.python_path), self.version)


def find() -> OdooSource:
    """The Odoo to use, fetched once when the machine has none."""
    given = os.environ.get("ODOO_SOURCE")
    if given:
        return _inspect(Path(given).expanduser().resolve(), "ODOO_SOURCE")
    return _installed() or _debian_package()


def _inspect(root: Path, origin: str) -> OdooSource:
    for candidate in (root, root / "usr/lib/python3/dist-packages"):
        release = candidate / "odoo" / "release.py"
        if not release.exists():
            continue
        found = re.search(r"version_info\s*=\s*\((\d+),\s*(\d+)", release.read_text())
        series = f"{found[1]}.{found[2]}" if found else "unknown"
        if series != SERIES:
            raise Problem(f"{origin} ({root}) is Odoo {series}; Odoo {SERIES} is needed.")
        return OdooSource(candidate, _core_addons(candidate), _revision(candidate) or series)
    raise Problem(
        f"{origin} ({root}) holds no odoo/release.py. "
        "It must be a checkout or an unpacked archive of Odoo 19.0."
    )


def _core_addons(root: Path) -> tuple[Path, ...]:
    """A package holds all addons below odoo/; a checkout has most of them beside it.

    (Debian's package also has an ``addons`` directory without the static files: not usable.)
    """
    inner, outer = root / "odoo" / "addons", root / "addons"
    return (inner,) if (inner / "web" / "static").exists() else (inner, outer)


def _revision(root: Path) -> str | None:
    """The commit of a git checkout, so that a moved checkout gets new databases."""
    if not (root / ".git").exists():
        return None
    command = ["git", "-c", f"safe.directory={root}", "-C", str(root), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _installed() -> OdooSource | None:
    """An Odoo 19 that the system's Python can import (official package, for one)."""
    place = Path("/usr/lib/python3/dist-packages")
    if not (place / "odoo" / "release.py").exists():
        return None
    try:
        return _inspect(place, "the installed Odoo")
    except Problem:
        return None


def _debian_package() -> OdooSource:
    store = ensure_dir(cache_root() / "odoo")
    with locked(store / ".lock", waiting_for="the Odoo source"):
        ready = sorted(p for p in store.iterdir() if (p / ".complete").exists())
        if not ready:
            with step("fetching Odoo 19 (Debian package, about 125 MB, unpacked 1.1 GB)"):
                ready = [_fetch(store)]
    prefix = ready[-1]
    found = _inspect(prefix, "the fetched Odoo")
    return OdooSource(found.python_path, found.addons_paths, prefix.name)


def _fetch(store: Path) -> Path:
    work = Path(tempfile.mkdtemp(prefix=".fetch-", dir=store))
    try:
        archives = _download(work)
        prefix = work / "prefix"
        prefix.mkdir()
        for archive in archives:
            run(["dpkg-deb", "-x", archive, prefix])
        main = next(a for a in archives if a.name.startswith("odoo-19_"))
        version = run(["dpkg-deb", "-f", main, "Version"], capture=True).strip()
        (prefix / ".complete").write_text(version + "\n")
        prefix.chmod(0o755)
        target = store / version
        prefix.rename(target)
        note(f"Odoo {version} is in {target}")
        return target
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(work: Path) -> list[Path]:
    """Fetch the packages, verified by apt against the machine's Debian keyring."""
    mirror = _mirror()
    if not KEYRING.exists():
        raise Problem(
            f"{KEYRING} is missing: install debian-archive-keyring, or set ODOO_SOURCE to a "
            "checkout of Odoo 19.0."
        )
    for name in ("lists/partial", "cache/archives/partial", "debs", "etc"):
        (work / name).mkdir(parents=True)
    work.chmod(0o755)
    sources = "".join(
        f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in ("sid", STABLE)
    )
    (work / "etc" / "sources.list").write_text(sources)
    options = {
        "Dir::Etc::sourcelist": work / "etc" / "sources.list",
        "Dir::Etc::sourceparts": work / "etc" / "none",
        "Dir::Etc::preferences": work / "etc" / "none",
        "Dir::Etc::preferencesparts": work / "etc" / "none",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Dir::State::status": work / "etc" / "status",
        "APT::Sandbox::User": "root",
        "APT::Update::Post-Invoke-Success::": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    (work / "etc" / "status").touch()
    apt = ["apt-get", "-q"]
    for key, value in options.items():
        apt += ["-o", f"{key}={value}"]
    help_text = (
        "Odoo could not be fetched from the machine's Debian mirror. Check the network, or set "
        "ODOO_SOURCE to a checkout of Odoo 19.0."
    )
    run([*apt, "update"], help_text=help_text)
    wanted = [f"{name}/sid" for name in FROM_SID] + [f"{name}/{STABLE}" for name in FROM_STABLE]
    run([*apt, "download", *wanted], cwd=work / "debs", help_text=help_text)
    return sorted((work / "debs").glob("*.deb"))


def _mirror() -> str:
    """The address of the Debian mirror that this machine's own apt sources name."""
    if given := os.environ.get("QUDAO_DEBIAN_MIRROR"):
        return given
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for place in places:
        if place.suffix not in (".list", ".sources") or not place.exists():
            continue
        for line in place.read_text(errors="replace").splitlines():
            address = _address(line)
            if address and address.rstrip("/").endswith("/debian"):
                return address
    raise Problem(
        "this machine's apt sources name no Debian mirror to fetch Odoo 19 from. Set ODOO_SOURCE "
        "to a checkout or an unpacked archive of Odoo 19.0, or QUDAO_DEBIAN_MIRROR to the address "
        "of a Debian mirror (its signatures are checked with debian-archive-keyring)."
    )


def _address(line: str) -> str | None:
    """The mirror in one line of either apt format, if it names one."""
    one_line = re.match(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+\S+\s+.*\bmain\b", line)
    deb822 = re.match(r"\s*URIs:\s*(\S+)", line)
    found = one_line or deb822
    return found[1] if found else None
