"""Fixtures of the gateway's scenarios."""

from __future__ import annotations

import pytest
from devkit.databases import ClusterStorage

from .harness import World


@pytest.fixture(scope="session")
def storage():
    """Always clusters of our own: they are stopped and started here."""
    return ClusterStorage()


@pytest.fixture(scope="module")
def world(toolchain, database, tmp_path_factory):
    """A database with shops, for one module."""
    return World(toolchain, database, tmp_path_factory.mktemp("gateway"))


@pytest.fixture(scope="module")
def gateway(world):
    """One gateway for the tests of a module that do not harm it."""
    with world.gateway() as running:
        yield running
