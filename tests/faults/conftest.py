"""Fixtures of fault scenarios: the fork server, and a world per test."""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest
from devkit.databases import ClusterStorage
from devkit.postgres import KILLABLE

from .harness import ForkServer, World
from .stage import Stage


@pytest.fixture(scope="session")
def storage():
    """Always clusters of our own, also when the user gave a server: they get killed."""
    return ClusterStorage()


@pytest.fixture(scope="session")
def fork_server(toolchain, storage, template):
    with storage.copy(template) as database:
        server = ForkServer(toolchain, database)
        yield server
        server.close()


@pytest.fixture
def world(fork_server, storage, template):
    """A fresh database with its own cluster, and the means to kill work on it."""
    with storage.copy(template, KILLABLE) as pristine:
        yield World(fork_server, pristine)


@pytest.fixture(scope="module")
def stage(request, fork_server, storage, template, tmp_path_factory):
    """A world with a shop, goods, an open offer and a warehouse, for all scenes of a module.

    A module with ``SIMULATOR = True`` gets the simulated platform behind the shop.
    """
    with ExitStack() as stack:
        world = World(fork_server, stack.enter_context(storage.copy(template, KILLABLE)))
        simulator = None
        if getattr(request.module, "SIMULATOR", False):
            from simulators.douyin import DouyinSimulator

            simulator = stack.enter_context(
                DouyinSimulator(
                    db=str(tmp_path_factory.mktemp("platform") / "douyin.sqlite"),
                    app_key=os.environ["QUDAO_SHOP_DEMO_APP_KEY"],
                    app_secret=os.environ["QUDAO_SHOP_DEMO_APP_SECRET"],
                )
            )
        yield Stage(world, simulator)
