"""Paths that all tests share; the fixtures are in tests/conftest.py."""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent
for _place in (_ROOT / "tests", _ROOT / "scripts"):
    if str(_place) not in sys.path:
        sys.path.insert(0, str(_place))

# Scenarios (scripts/test names their database) may ask for a browser.
pytest_plugins = ["browsing"] if os.environ.get("QUDAO_TEMPLATE") else []


def pytest_configure(config):
    # Under pytest-odoo, and in scenarios that load Odoo themselves, addons are imported as
    # odoo.addons.<name>; in pure tests by bare name, without their models.
    if not config.pluginmanager.has_plugin("odoo") and not os.environ.get("QUDAO_TEMPLATE"):
        import pure_imports

        pure_imports.register()
