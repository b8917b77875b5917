"""Fixtures for scenarios: databases, Odoo in this process or as a server, a browser.

Only scripts/test sets the environment these need (QUDAO_TEMPLATE names the cached database
with our addons). A test module may set ``STORY_ORDERS = 200`` to get the demo story played.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from devkit import databases, odoo_run, odoo_source, templates
from devkit.instance import Instance
from devkit.paths import artefact_root
from devkit.processes import free_port


@pytest.fixture(scope="session")
def toolchain():
    """Odoo and the Python that runs it, as scripts/test found them."""
    python = os.environ.get("QUDAO_ODOO_PYTHON")
    if not python:
        pytest.skip("run through scripts/test")
    return odoo_run.Toolchain(odoo_source.find(), Path(python), as_root=os.geteuid() == 0)


@pytest.fixture(scope="session")
def storage():
    return databases.storage()


@pytest.fixture(scope="session")
def template():
    """Key of the cached database with our addons."""
    return os.environ["QUDAO_TEMPLATE"]


@pytest.fixture(scope="session")
def artefacts():
    """Directory for screenshots and documents that people look at."""
    return artefact_root()


@pytest.fixture(scope="module")
def wanted_template(request, toolchain, storage, template):
    """Key of the cached database that the tests of a module work on copies of."""
    scale = getattr(request.module, "STORY_ORDERS", 0)
    return templates.ensure_story(toolchain, storage, template, scale) if scale else template


@pytest.fixture(scope="module")
def database(storage, wanted_template):
    """A copy of the database for one test module."""
    with storage.copy(wanted_template) as copy:
        yield copy


@pytest.fixture
def fresh_database(storage, wanted_template):
    """A copy of the database for one test."""
    with storage.copy(wanted_template) as copy:
        yield copy


@pytest.fixture(scope="module")
def odoo_env(toolchain, database):
    """An environment on the module's database in this process; commits are real."""
    with in_process(toolchain, database) as env:
        yield env


@contextmanager
def in_process(toolchain, database):
    """Load Odoo here, on this database, and leave nothing open behind."""
    os.environ.update(database.environment)
    import odoo.api
    import odoo.modules.registry
    import odoo.sql_db
    import odoo.tools

    odoo.tools.config.parse_config(["-c", str(odoo_run.write_config(toolchain, database))])
    registry = odoo.modules.registry.Registry(database.name)
    try:
        with registry.cursor() as cr:
            yield odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
    finally:
        odoo.modules.registry.Registry.delete(database.name)
        odoo.sql_db.close_all()


@pytest.fixture(scope="module")
def simulator_url(odoo_server):
    return odoo_server.simulator_url


@pytest.fixture(scope="module")
def odoo_server(toolchain, database):
    """Odoo for people and for jobs, and the simulated platform, on the module's database."""
    instance = Instance.on(toolchain, database)
    try:
        instance.start_simulator(0)
        _move_shops(database, instance.simulator_url)
        instance.start_web(free_port())
        instance.start_jobs(free_port())
        instance.wait_until_ready()
        yield instance
    finally:
        instance.stop()


def _move_shops(database, url):
    """The shops of a played story know the simulator's address of that time."""
    import psycopg2

    connection = psycopg2.connect(dbname=database.name, **_libpq(database))
    with connection, connection.cursor() as cr:
        cr.execute("SELECT to_regclass('channel_shop')")
        if cr.fetchone()[0]:
            cr.execute("UPDATE channel_shop SET base_url = %s WHERE platform = 'douyin'", [url])
    connection.close()


def _libpq(database):
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    return {names[k]: v for k, v in database.environment.items() if k in names}
