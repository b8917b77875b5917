"""``python addons/channel_intake/gateway --help``."""

import sys
from pathlib import Path
from types import ModuleType

ADDON = Path(__file__).resolve().parents[1]


def _bare_addon() -> None:
    """Make the addon importable without its ``__init__``, which imports models and so Odoo."""
    if ADDON.name not in sys.modules:
        package = ModuleType(ADDON.name)
        package.__path__ = [str(ADDON)]
        sys.modules[ADDON.name] = package


if __name__ == "__main__":
    _bare_addon()
    from channel_intake.gateway.command import main

    sys.exit(main())
