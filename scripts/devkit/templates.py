"""What goes into the cached databases: the base of core modules, then our addons."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from . import addons as ours
from .console import note, step
from .databases import Storage
from .instance import Instance
from .locks import locked
from .odoo_run import Toolchain, odoo
from .paths import ADDONS, CONFIG, TESTS, digest
from .postgres import major_version
from .system import listed

# Raise to rebuild every base database after a change of the recipe below.
RECIPE = "1"
INSIDE = Path(__file__).parent / "inside"


def base_key(toolchain: Toolchain) -> str:
    """Everything that decides the content of the base database."""
    return "base-" + digest(
        RECIPE,
        toolchain.source.key,
        major_version(),
        CONFIG / "base-modules.txt",
        CONFIG / "requirements-oca.txt",
        INSIDE / "base_settings.py",
    )


def ensure_base(toolchain: Toolchain, storage: Storage) -> str:
    """The template with Odoo's own modules; built when missing. Returns its key."""
    key = base_key(toolchain)

    def build() -> None:
        modules = listed(CONFIG / "base-modules.txt")
        with (
            step("building the base database (Odoo's own modules; once)"),
            storage.building(key, None, {"addons": {}}) as database,
        ):
            # The country must be known before accounting is installed: it picks the chart.
            odoo(toolchain, database, "-i", "base", "--stop-after-init", "--no-http",
                 "--load-language=en_US,zh_CN")  # fmt: skip
            settings = (INSIDE / "base_settings.py").read_text()
            odoo(toolchain, database, "shell", "--no-http", stdin=settings)
            note(f"installing {', '.join(modules)}")
            odoo(toolchain, database, "-i", ",".join(modules), "--stop-after-init", "--no-http")
            odoo(toolchain, database, "shell", "--no-http", stdin=settings)

    return _once(storage, key, "the base database", build)


def ensure_addons(toolchain: Toolchain, storage: Storage, names: Iterable[str]) -> str:
    """The template with the given addons and what they need of ours. Returns its key.

    Installing goes on top of the largest cached template that holds a part of exactly these
    addons, so a change in one addon does not install its dependencies again.
    """
    base = ensure_base(toolchain, storage)
    wanted = {name: ours.content_hash(name) for name in ours.closure(names)}
    if not wanted:
        return base
    # a database remembers the bridges of its checkout and would install them in another one
    bridges = [name for name in ours.all_addons() if ours.by_itself(name)]
    key = "addons-" + digest(base, json.dumps([wanted, bridges], sort_keys=True))
    if storage.has(key):
        return key
    requested = set(names)
    needed = [name for name in wanted if name not in requested and not ours.by_itself(name)]
    # its own template: it outlives the next change of what was asked for
    if needed and set(ours.closure(needed)) < set(wanted):
        ensure_addons(toolchain, storage, needed)

    def build() -> None:
        facts = {"base": base, "bridges": bridges, "addons": wanted}
        parent, present = _best_parent(storage, facts)
        missing = [name for name in wanted if name not in present]
        with (
            step(f"installing {', '.join(missing)} into a new template"),
            storage.building(key, parent, facts) as database,
        ):
            odoo(toolchain, database, "-i", ",".join(missing), "--stop-after-init", "--no-http")

    return _once(storage, key, "this database", build)


def ensure_test_company(toolchain: Toolchain, storage: Storage, template: str) -> str:
    """A template with the company that the tests of addons work in."""
    recipe = ADDONS / "channel_network" / "tests" / "brand.py"
    key = "tested-" + digest(template, recipe)

    def build() -> None:
        facts = {"base": template, "addons": {"company": key}}
        with (
            step("making the company of the tests in a new template"),
            storage.building(key, template, facts) as database,
        ):
            odoo(toolchain, database, "shell", "--no-http", stdin=_COMPANY)

    return _once(storage, key, "the company of the tests", build)


_COMPANY = """
from odoo.addons.channel_network.tests.brand import brand_company
brand_company(env)
env.cr.commit()
"""


def ensure_story(toolchain: Toolchain, storage: Storage, template: str, scale: int) -> str:
    """A template in which the demo story was played, with the platform's books beside it."""
    simulator = [path for path in sorted((TESTS / "simulators").rglob("*.py"))]
    key = "story-" + digest(template, str(scale), *simulator)

    def build() -> None:
        facts = {"base": template, "addons": {"story": str(scale)}}
        with (
            step(f"playing the demo story ({scale} orders) into a new template"),
            storage.building(key, template, facts) as database,
        ):
            instance = Instance.on(toolchain, database)
            try:
                instance.start_simulator(0)
                logins = instance.shell(_STORY.format(scale=scale), progress="demo story:")
            finally:
                instance.stop()
            (database.home / "logins.json").write_text(logins.strip().splitlines()[-1])

    return _once(storage, key, "the demo story", build)


_STORY = """
import json
env["channel.demo.story"].play(scale={scale})
print(json.dumps(env["channel.demo.story"].logins()))
env.cr.commit()
"""


def ensure_screens(toolchain: Toolchain, storage: Storage, template: str) -> str:
    """The template with the asset bundles of the usual screens: a copy's first page comes at once.

    Odoo builds a bundle again when a file of it is younger than the bundle says, so the key
    knows when each of our files was changed, as Odoo does.
    """
    files = sorted(ADDONS.glob("*/static/src/**/*.*"))
    stamps = [f"{path.relative_to(ADDONS)} {path.stat().st_mtime}" for path in files]
    key = "screens-" + digest(template, json.dumps(stamps), INSIDE / "build_screens.py")

    def build() -> None:
        facts = {"base": template, "addons": {"screens": key}}
        with (
            step("building the asset bundles in a new template"),
            storage.building(key, template, facts) as database,
        ):
            script = (INSIDE / "build_screens.py").read_text()
            odoo(toolchain, database, "shell", "--no-http", stdin=script)

    return _once(storage, key, "the asset bundles", build)


def _once(storage: Storage, key: str, what: str, build: Callable[[], None]) -> str:
    """Build a template that is missing, one process at a time. Returns its key.

    :param what: named to those who wait
    """
    if not storage.has(key):
        with locked(storage.templates / f".build-{key}.lock", waiting_for=what):
            if not storage.has(key):
                build()
    return key


def _best_parent(storage: Storage, wanted: dict) -> tuple[str, set[str]]:
    """The template with the most of the wanted addons and none that is not wanted.

    :param wanted: the facts of the template to be built
    """
    best, present = wanted["base"], set()
    for key, facts in storage.facts().items():
        held = facts.get("addons") or {}
        fits = all(facts.get(name) == wanted[name] for name in ("base", "bridges"))
        fits = fits and all(wanted["addons"].get(n) == h for n, h in held.items())
        # else it holds an addon that Odoo installed by itself in a version nobody wrote down
        fits = fits and set(ours.closure(held)) == set(held)
        if fits and len(held) > len(present):
            best, present = key, set(held)
    return best, present
