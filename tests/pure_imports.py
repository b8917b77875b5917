"""Import an addon's pure code (``channel_order.core``) without importing Odoo.

``addons/<addon>/__init__.py`` imports models and so Odoo. Registering a bare package under the
addon's name, with only a search path, lets Python import its sub-packages and never run that
file. The same for ``<addon>.tests``, whose ``__init__`` imports the tests that need Odoo.

Pure code of one addon may use another's under the name it has in Odoo
(``from odoo.addons.channel_network.core import money``): here that is the same module.
"""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ADDONS = Path(__file__).resolve().parent.parent / "addons"
PREFIX = "odoo.addons."


def register() -> None:
    """Make every addon importable by its bare name, and by the name it has in Odoo."""
    names = set()
    for manifest in sorted(ADDONS.glob("*/__manifest__.py")):
        addon = manifest.parent
        names.add(addon.name)
        package = _bare(addon.name, addon)
        if (addon / "tests").is_dir():
            package.tests = _bare(f"{addon.name}.tests", addon / "tests")
    sys.meta_path.insert(0, _Aliases(names))


def _bare(name: str, folder: Path) -> ModuleType:
    if name not in sys.modules:
        module = ModuleType(name)
        module.__path__ = [str(folder)]
        sys.modules[name] = module
    return sys.modules[name]


class _Aliases(MetaPathFinder, Loader):
    """``odoo.addons.channel_x.core`` is ``channel_x.core``: one module, two names."""

    def __init__(self, addons: set[str]) -> None:
        self.addons = addons

    def find_spec(self, fullname, path=None, target=None):
        name = fullname.removeprefix(PREFIX)
        if fullname.startswith(PREFIX) and name.split(".")[0] in self.addons:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        module = importlib.import_module(spec.name.removeprefix(PREFIX))
        self._own_spec = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = self._own_spec  # the import system put the alias's there
