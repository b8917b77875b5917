"""Scenarios in a browser work on databases that have their asset bundles."""

import pytest
from devkit import templates


@pytest.fixture(scope="module")
def wanted_template(wanted_template, toolchain, storage):
    """The template that the module wants, with the bundles of its screens built."""
    return templates.ensure_screens(toolchain, storage, wanted_template)
