"""scripts/bench: each bench on a fresh copy of the database that writes as a real one does."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from . import addons as ours
from .console import Problem, say, step
from .databases import storage
from .odoo_run import Toolchain, environment, write_config
from .paths import CHECKOUT
from .postgres import DURABLE
from .setup import ensure_toolchain
from .templates import ensure_addons

BENCHES = CHECKOUT / "scripts" / "benches"


def names() -> list[str]:
    """Benches are the modules of scripts/benches that define `run`."""
    return sorted(
        path.stem for path in BENCHES.glob("*.py") if "\ndef run(" in f"\n{path.read_text()}"
    )


def run(wanted: Sequence[str], addons: Sequence[str] = ()) -> int:
    """Run benches one after the other; returns the number of those that failed."""
    known = names()
    chosen = known if list(wanted) == ["all"] else list(wanted)
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        raise Problem(
            f"no bench {', '.join(unknown) or 'given'}; there are: {', '.join(known)} and all"
        )
    toolchain = ensure_toolchain()
    return sum(_one(toolchain, name, addons) for name in chosen)


def _one(toolchain: Toolchain, name: str, addons: Sequence[str]) -> int:
    store = storage()
    template = ensure_addons(toolchain, store, addons or ours.all_addons())
    with store.copy(template, DURABLE) as database, step(f"bench {name}"):
        config = write_config(toolchain, database)
        command = [
            toolchain.python, "-m", "devkit.inside.bench_runner",
            name, config, database.name, database.home,
        ]  # fmt: skip
        done = subprocess.run(
            [str(part) for part in command], check=False, cwd=database.home,
            stdin=subprocess.DEVNULL, env=environment(toolchain, database),
            **toolchain.identity(),
        )  # fmt: skip
    if done.returncode:
        say(f"bench {name} failed (code {done.returncode})")
    return int(bool(done.returncode))
