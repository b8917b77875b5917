"""Fixtures of fault scenarios: the fork server, and a world per test."""

from __future__ import annotations

import pytest

from devkit.databases import ClusterStorage
from devkit.postgres import KILLABLE

from .harness import ForkServer, World


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
