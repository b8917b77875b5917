"""Import an addon's pure code (``channel_order.core``) without importing Odoo.

``addons/<addon>/__init__.py`` imports models and so Odoo. Registering a bare package under the
addon's name, with only a search path, lets Python import its sub-packages and never run that
file. The same for ``<addon>.tests``, whose ``__init__`` imports the tests that need Odoo.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

ADDONS = Path(__file__).resolve().parent.parent / "addons"


def register() -> None:
    """Make every addon importable by its bare name."""
    for manifest in sorted(ADDONS.glob("*/__manifest__.py")):
        addon = manifest.parent
        package = _bare(addon.name, addon)
        if (addon / "tests").is_dir():
            package.tests = _bare(f"{addon.name}.tests", addon / "tests")


def _bare(name: str, folder: Path) -> ModuleType:
    if name not in sys.modules:
        module = ModuleType(name)
        module.__path__ = [str(folder)]
        sys.modules[name] = module
    return sys.modules[name]
