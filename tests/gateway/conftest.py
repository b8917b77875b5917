"""Fixtures of the gateway's scenarios."""

from __future__ import annotations

import pytest
from devkit.databases import ClusterStorage

from .harness import World, until


@pytest.fixture(scope="session")
def storage():
    """Always clusters of our own: they are stopped and started here."""
    return ClusterStorage()


@pytest.fixture(scope="module")
def world(toolchain, database, tmp_path_factory):
    """A database with shops, for one module."""
    return World(toolchain, database, tmp_path_factory.mktemp("gateway"))


@pytest.fixture(scope="module")
def shared_gateway(world):
    with world.gateway() as running:
        yield running


@pytest.fixture
def gateway(shared_gateway):
    """One gateway for the tests of a module; well again when the test before troubled it."""
    until(shared_gateway.healthy, "the gateway is well")
    return shared_gateway
