"""Make the addons' pure parts importable without loading the addons themselves."""

import importlib.machinery
import importlib.util
import sys
from pathlib import Path

ADDONS = Path(__file__).resolve().parents[3]

for name in ("channel_network", "channel_order", "channel_intake"):
    if name not in sys.modules:
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(ADDONS / name)]
        sys.modules[name] = importlib.util.module_from_spec(spec)
